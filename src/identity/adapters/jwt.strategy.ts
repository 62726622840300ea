import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { isId } from '#libs/kernel/ids.js';
import type { Actor } from '../domain/user.js';
import { Authenticate } from '../use-cases/authenticate.js';
import { AUDIENCE, ISSUER, type AccessClaims } from './jwt-tokens.js';
import type { SigningKeys } from './signing-keys.js';
import type { TokenTime } from './token-time.js';

/** Accepts `Authorization: Bearer` with a token that we signed, has not expired, and whose session is live. */
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(
    keys: SigningKeys,
    private readonly authenticator: Authenticate,
    private readonly time: TokenTime,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience: AUDIENCE,
      // Judged below, by a time that does not go back.
      ignoreExpiration: true,
      secretOrKeyProvider: (_request: unknown, token: string, done: (error: null, key?: string) => void) => {
        // The types know no KeyObject; jsonwebtoken does.
        done(null, keys.find(kidOf(token))?.access as unknown as string);
      },
    });
  }

  async validate(claims: Partial<AccessClaims>): Promise<Actor | false> {
    // Absent claims pass the library's checks, and so does an expiry beyond all numbers.
    const { sub: userId, sid: sessionId, exp } = claims;
    if (typeof userId !== 'string' || typeof sessionId !== 'string' || !Number.isSafeInteger(exp))
      return false;
    if (!isId(userId) || !isId(sessionId) || exp! * 1000 <= this.time.now()) return false;
    return (await this.authenticator.execute({ userId, sessionId })) ?? false;
  }
}

function kidOf(token: string): unknown {
  try {
    return (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid?: unknown }).kid;
  } catch {
    return undefined;
  }
}
