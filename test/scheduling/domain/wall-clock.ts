import { DAY, HOUR, MINUTE, type Instant } from '#libs/kernel/clock.js';

/** One change of a zone's clocks, in milliseconds ahead of UTC. */
export interface ClockChange {
  at: Instant;
  before: number;
  after: number;
}

/**
 * What the clocks of a zone show, told by Intl.DateTimeFormat alone: the second opinion on Zone, with which it shares
 * no code and no library. It is slow and asks for each instant anew.
 */
export class WallClock {
  static readonly #clocks = new Map<string, WallClock>();
  readonly #format: Intl.DateTimeFormat;

  private constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  }

  static of(zone: string): WallClock {
    const clock = this.#clocks.get(zone) ?? new WallClock(zone);
    this.#clocks.set(zone, clock);
    return clock;
  }

  /** Milliseconds ahead of UTC. */
  offsetAt(instant: Instant): number {
    const second = Math.floor(instant / 1000) * 1000;
    const [month, day, year, time] = this.#format.format(second).split(/[^\d:]+/);
    return Date.parse(`${year}-${month}-${day}T${time}Z`) - second;
  }

  shows(instant: Instant): { date: string; time: number } {
    return wallOf(instant + this.offsetAt(instant));
  }

  /** Every instant at which the clocks show this, ascending: none in a gap, two in a fold. */
  instantsShowing(date: string, time: number): Instant[] {
    const local = Date.parse(`${date}T00:00:00Z`) + time * MINUTE;
    // Clocks change at most once within these two days, so that only the distances around them are possible.
    const offsets = new Set([this.offsetAt(local - DAY), this.offsetAt(local + DAY)]);
    return [...offsets]
      .map((offset) => local - offset)
      .filter((instant) => instant + this.offsetAt(instant) === local)
      .toSorted((a, b) => a - b);
  }

  /** Every five minutes of a date, in the order in which they pass. */
  ticksOf(date: string): { instant: Instant; time: number }[] {
    // Clocks change at most once a day and by less than three hours in the years of the laws.
    const noon = Date.parse(`${date}T12:00:00Z`);
    const from = noon - this.offsetAt(noon) - 15 * HOUR;
    const until = from + 30 * HOUR;
    const offset = this.offsetAt(from);
    const isChanging = offset !== this.offsetAt(until);
    const ticks: { instant: Instant; time: number }[] = [];
    for (let instant = from; instant < until; instant += 5 * MINUTE) {
      const shown = wallOf(instant + (isChanging ? this.offsetAt(instant) : offset));
      if (shown.date === date) ticks.push({ instant, time: shown.time });
    }
    return ticks;
  }

  changesIn(year: number): ClockChange[] {
    const changes: ClockChange[] = [];
    let after = this.offsetAt(Date.UTC(year, 0));
    for (let from = Date.UTC(year, 0); from < Date.UTC(year + 1, 0); from += DAY) {
      const before = after;
      after = this.offsetAt(from + DAY);
      if (before === after) continue;
      let [low, high] = [from, from + DAY];
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (this.offsetAt(middle) === before) low = middle;
        else high = middle;
      }
      changes.push({ at: high, before, after });
    }
    return changes;
  }
}

/** The date and the minute of the day of a local time that is written as if it were UTC. */
export function wallOf(local: number): { date: string; time: number } {
  const text = new Date(local).toISOString();
  return { date: text.slice(0, 10), time: Number(text.slice(11, 13)) * 60 + Number(text.slice(14, 16)) };
}
