import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { isId } from '#libs/kernel/ids.js';
import type { Actor } from '../domain/user.js';
import { Authenticate } from '../use-cases/authenticate.js';
import { AUDIENCE, ISSUER, type AccessClaims } from './jwt-tokens.js';
import type { SigningKeys } from './signing-keys.js';

/** Accepts `Authorization: Bearer` with a token that we signed, has not expired, and whose session is live. */
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(
    keys: SigningKeys,
    private readonly authenticator: Authenticate,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience: AUDIENCE,
      secretOrKeyProvider: (_request: unknown, token: string, done: (error: null, key?: string) => void) => {
        // The types know no KeyObject; jsonwebtoken does.
        done(null, keys.find(kidOf(token))?.access as unknown as string);
      },
    });
  }

  async validate(claims: Partial<AccessClaims>): Promise<Actor | false> {
    // Absent claims pass the library's checks.
    if (!isId(String(claims.sub)) || !isId(String(claims.sid)) || typeof claims.exp !== 'number')
      return false;
    return (await this.authenticator.execute({ userId: claims.sub!, sessionId: claims.sid! })) ?? false;
  }
}

function kidOf(token: string): unknown {
  try {
    return (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid?: unknown }).kid;
  } catch {
    return undefined;
  }
}
