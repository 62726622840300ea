import { HOUR, MINUTE, type Instant } from '#libs/kernel/clock.js';

/**
 * So many tries at once; each comes back `every` milliseconds after the one before it. What is kept of a budget is one
 * instant: when all tries will be back. One that nobody uses is as good as new, and need not be kept.
 */
export class TryBudget {
  constructor(
    readonly tries: number,
    readonly every: number,
  ) {}

  /** Ten tries in a quarter of an hour, for one account or for one device that has logged in to it. */
  static readonly OF_ACCOUNT = new TryBudget(10, (15 * MINUTE) / 10);
  /** For one network, from which many may log in. */
  static readonly OF_NETWORK = new TryBudget(100, (15 * MINUTE) / 100);

  /** The latest instant at which all may be back while one try is still left now. */
  latest(now: Instant): Instant {
    return now + (this.tries - 1) * this.every;
  }

  /**
   * Nothing that is used up is back later than that, unless by a clock that was wrong, and has been set back since: what is
   * kept then says nothing, else nobody could log in until that time. Clocks of nodes may differ by an hour.
   */
  latestPossible(now: Instant): Instant {
    return now + this.tries * this.every + HOUR;
  }

  /** When all are back after one more try. */
  afterOne(allBack: Instant, now: Instant): Instant {
    return Math.max(this.#believed(allBack, now), now) + this.every;
  }

  /** Milliseconds until there is a try; 0 when there is one. */
  wait(allBack: Instant, now: Instant): number {
    return Math.max(0, this.#believed(allBack, now) - this.latest(now));
  }

  #believed(allBack: Instant, now: Instant): Instant {
    return allBack > this.latestPossible(now) ? now : allBack;
  }
}
