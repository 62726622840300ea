/** An instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored. */
export type Instant = number;

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The only source of "now". The domain never reads it: use cases hand the value in. */
export abstract class Clock {
  abstract now(): Instant;
}
