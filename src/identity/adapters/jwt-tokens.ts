import { createHmac, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { JwtService } from '@nestjs/jwt';
import { isId } from '#libs/kernel/ids.js';
import type { Session } from '../domain/session.js';
import { ACCESS_TTL, Tokens } from '../ports.js';
import type { SigningKeys } from './signing-keys.js';
import type { TokenTime } from './token-time.js';

export const ISSUER = 'cybermed';
export const AUDIENCE = 'cybermed-api';

/** Nothing about the person: who that is stands in the database, and may have changed. */
export interface AccessClaims {
  sub: string;
  sid: string;
  exp: number;
}

/**
 * Access tokens are JWTs. A refresh token is `<session>.<counter>.<MAC>`; the MAC also covers the session's nonce,
 * so that neither a copy of the database nor the key alone can mint one.
 */
export class JwtTokens extends Tokens {
  constructor(
    private readonly jwt: JwtService,
    private readonly keys: SigningKeys,
    private readonly time: TokenTime,
  ) {
    super();
  }

  access({ userId, sessionId }: { userId: string; sessionId: string }): Promise<string> {
    const { access, kid } = this.keys.current;
    return this.jwt.signAsync(
      { sid: sessionId, iat: Math.floor(this.time.now() / 1000) },
      {
        privateKey: access,
        algorithm: 'HS256',
        keyid: kid,
        issuer: ISSUER,
        audience: AUDIENCE,
        subject: userId,
        expiresIn: ACCESS_TTL,
      },
    );
  }

  refresh(session: Session): string {
    return `${session.id}.${session.counter}.${mac(this.keys.current.refresh, session, session.counter)}`;
  }

  claimOf(refreshToken: string): { sessionId: string; counter: number } | undefined {
    const [sessionId = '', counter = '', , ...rest] = refreshToken.split('.');
    if (!isId(sessionId) || !/^(0|[1-9]\d{0,8})$/.test(counter) || rest.length > 0) return undefined;
    return { sessionId, counter: Number(counter) };
  }

  isGenuine(refreshToken: string, session: Session): boolean {
    const claim = this.claimOf(refreshToken);
    if (claim?.sessionId !== session.id) return false;
    const claimed = Buffer.from(refreshToken.slice(refreshToken.lastIndexOf('.') + 1));
    return this.keys.all.some(({ refresh }) => {
      const right = Buffer.from(mac(refresh, session, claim.counter));
      return claimed.length === right.length && timingSafeEqual(claimed, right);
    });
  }

  nonce(): string {
    return randomBytes(32).toString('base64url');
  }
}

function mac(key: KeyObject, session: Session, counter: number): string {
  return createHmac('sha256', key).update(`${session.id}.${counter}.${session.nonce}`).digest('base64url');
}
