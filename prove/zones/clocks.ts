const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** No clock is further from UTC. */
const FURTHEST = 15 * 60 * MINUTE;

/** One change of a zone's clocks, in milliseconds ahead of UTC. */
export interface ClockChange {
  at: number;
  before: number;
  after: number;
}

/** Five minutes of a date and what the clocks show as they begin, in minutes after midnight. */
export interface Tick {
  instant: number;
  shows: number;
}

/** What the clocks of a zone show in some years, by the zone data of the running Node: Intl.DateTimeFormat and nothing else. */
export class Clocks {
  readonly changes: readonly ClockChange[];
  readonly #first: number;
  readonly #format: Intl.DateTimeFormat;

  constructor(
    readonly zone: string,
    readonly dates: readonly string[],
  ) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    const from = Date.parse(dates[0]!) - 2 * DAY;
    const until = Date.parse(dates.at(-1)!) + 3 * DAY;
    this.#first = this.#asked(from);
    this.changes = this.#changesBetween(from, until);
  }

  /** The dates on which the clocks show either side of a change. */
  get datesOfChange(): ReadonlySet<string> {
    const sides = this.changes.flatMap(({ at, before, after }) => [at - 1 + before, at + after]);
    const dates = new Set(sides.map((local) => new Date(local).toISOString().slice(0, 10)));
    return new Set(this.dates.filter((date) => dates.has(date)));
  }

  /** In the order in which they pass: none for what the clocks skip, two that show the same for what they repeat. */
  ticksOf(date: string): Tick[] {
    const midnight = Date.parse(date);
    const ticks: Tick[] = [];
    let offset: number | undefined;
    const near = this.changes.some(({ at }) => Math.abs(at - midnight) < 3 * DAY);
    for (let instant = midnight - FURTHEST; instant < midnight + DAY + FURTHEST; instant += 5 * MINUTE) {
      if (near || offset === undefined) offset = this.#offsetAt(instant);
      const shows = (instant + offset - midnight) / MINUTE;
      if (shows >= 0 && shows < 1440) ticks.push({ instant, shows });
    }
    return ticks;
  }

  #offsetAt(instant: number): number {
    return this.changes.findLast(({ at }) => at <= instant)?.after ?? this.#first;
  }

  #changesBetween(from: number, until: number): ClockChange[] {
    const changes: ClockChange[] = [];
    let after = this.#first;
    for (let start = from; start < until; start += DAY) {
      const before = after;
      after = this.#asked(start + DAY);
      if (before === after) continue;
      let [low, high] = [start, start + DAY];
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (this.#asked(middle) === before) low = middle;
        else high = middle;
      }
      changes.push({ at: high, before, after });
    }
    return changes;
  }

  #asked(instant: number): number {
    const second = Math.floor(instant / 1000) * 1000;
    const [month, day, year, time] = this.#format.format(second).split(/[^\d:]+/);
    return Date.parse(`${year}-${month}-${day}T${time}Z`) - second;
  }
}
