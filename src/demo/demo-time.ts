import { Clock, type Instant } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';

/** A clock that is set by hand: the past of the demo clinic is lived through, not written. */
export class DemoClock extends Clock {
  #now: Instant = Date.now();

  now(): Instant {
    return this.#now;
  }

  set(now: Instant): void {
    this.#now = now;
  }
}

/** Ids that are the same in every demo clinic, so that the examples of the documentation work. */
export class DemoIds extends Ids {
  #last = 0;

  /** The next ids end in the two hexadecimal digits after this one. */
  after(last: number): void {
    this.#last = last;
  }

  next(): string {
    return demoId(++this.#last);
  }
}

export function demoId(ending: number): string {
  return `01900000-0000-7000-8000-${ending.toString(16).padStart(12, '0')}`;
}
