import { DAY, SECOND, type Instant } from '#libs/kernel/clock.js';

/** From the last refresh. */
export const MAX_IDLE = 7 * DAY;
/** From the login; the longest that NIST SP 800-63B advises at its first assurance level. */
export const MAX_AGE = 30 * DAY;
/** Of one user. */
export const MAX_OPEN_SESSIONS = 100;

/** For how long a refresh that was answered is answered again. */
const ANSWERED_AGAIN = 10 * SECOND;

/**
 * One login on one device. Its refresh token is good while it names the session's counter; each refresh moves the
 * counter on, so that every token works once. A token that comes back later was copied, and ends the session.
 */
export interface Session {
  readonly id: string;
  readonly userId: string;
  /** Random bytes, base64url: the database's share in a refresh token. */
  readonly nonce: string;
  readonly counter: number;
  /** As the device calls itself. */
  readonly deviceName: string | null;
  /** The prefix of the address that logged in, such as `192.0.2.0/24`; null where it is not known. */
  readonly network: string | null;
  readonly openedAt: Instant;
  readonly refreshedAt: Instant;
  readonly endedAt: Instant | null;
}

export function isLive({ openedAt, refreshedAt, endedAt }: Session, now: Instant): boolean {
  return endedAt === null && now < refreshedAt + MAX_IDLE && now < openedAt + MAX_AGE;
}

/**
 * Whether the token of `counter` is answered with the present one once more, instead of being taken for a copy: it was
 * exchanged a moment ago, by another tab or by a request whose answer was lost, and nobody has used its successor.
 */
export function isAnsweredAgain(session: Session, counter: number, now: Instant): boolean {
  // The clocks of two nodes differ a little, either way.
  return session.counter === counter + 1 && Math.abs(now - session.refreshedAt) <= ANSWERED_AGAIN;
}
