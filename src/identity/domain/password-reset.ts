import { MINUTE, type Instant } from '#libs/kernel/clock.js';

/** From the request. */
export const RESET_TTL = 30 * MINUTE;
/** Between two mails to one address. */
export const RESET_PAUSE = 5 * MINUTE;

/**
 * Somebody asked for a new password to the account of an email, if there is one: the row is the same whether there is or
 * not. A job looks it up, mails a token and keeps its hash; the token works once, within half an hour of the request.
 */
export interface PasswordReset {
  readonly emailKey: string;
  readonly requestedAt: Instant;
  /** When a token was last made for it; 0 before. */
  readonly triedAt: Instant;
  /** When the job was done with it: a token was mailed, or there is no such account. */
  readonly settledAt: Instant | null;
  /** Of the account; null where there is none, or before it was looked up. */
  readonly userId: string | null;
  /** SHA-256 of the token, base64url; null where none is good. */
  readonly tokenHash: string | null;
}

export function isGood({ requestedAt, tokenHash }: PasswordReset, now: Instant): boolean {
  return tokenHash !== null && now < requestedAt + RESET_TTL;
}
