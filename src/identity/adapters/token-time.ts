import type { Instant } from '#libs/kernel/clock.js';

/**
 * The time by which access tokens are made and expire: the system's, but that it never goes back. While a clock that was
 * set back has not caught up it stands still, and what had expired stays so.
 */
export class TokenTime {
  #latest: Instant = 0;

  now(): Instant {
    this.#latest = Math.max(this.#latest, Date.now());
    return this.#latest;
  }
}
