import type { Instant } from '#libs/kernel/clock.js';

/**
 * One login on one device. Its refresh token is good while it names the session's counter; each refresh moves the
 * counter on, so that every token works once.
 */
export interface Session {
  readonly id: string;
  readonly userId: string;
  /** Random bytes, base64url: the database's share in a refresh token. */
  readonly nonce: string;
  readonly counter: number;
  readonly openedAt: Instant;
  readonly refreshedAt: Instant;
  readonly endedAt: Instant | null;
}
