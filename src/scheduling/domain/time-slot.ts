import { MINUTE, type Instant } from '#libs/kernel/clock.js';

/** Everyone's starts and lengths are whole multiples of this many minutes. */
export const TICK_MINUTES = 5;
export const MAX_VISIT_MINUTES = 480;

/** Between two visits. */
export const MAX_BUFFER_MINUTES = 480;
const TICK = TICK_MINUTES * MINUTE;

/** A half-open interval `[startsAt, endsAt)` of somebody's time. Two that only touch do not overlap. */
export class TimeSlot {
  constructor(
    readonly startsAt: Instant,
    readonly endsAt: Instant,
  ) {
    if (!(startsAt < endsAt)) throw new RangeError('a time slot ends after it starts');
  }

  static lasting(startsAt: Instant, minutes: number): TimeSlot {
    return new TimeSlot(startsAt, startsAt + minutes * MINUTE);
  }

  get minutes(): number {
    return (this.endsAt - this.startsAt) / MINUTE;
  }

  /** The only overlap predicate of the code base. */
  overlaps(other: TimeSlot): boolean {
    return this.startsAt < other.endsAt && other.startsAt < this.endsAt;
  }

  equals(other: TimeSlot): boolean {
    return this.startsAt === other.startsAt && this.endsAt === other.endsAt;
  }

  contains(other: TimeSlot): boolean {
    return this.startsAt <= other.startsAt && other.endsAt <= this.endsAt;
  }

  widenedBy(minutes: number): TimeSlot {
    return minutes === 0
      ? this
      : new TimeSlot(this.startsAt - minutes * MINUTE, this.endsAt + minutes * MINUTE);
  }

  /** The numbers of the five minutes it occupies, ascending: what the database keeps unique for each person. */
  ticks(): number[] {
    const ticks: number[] = [];
    for (let tick = Math.floor(this.startsAt / TICK); tick * TICK < this.endsAt; tick++) ticks.push(tick);
    return ticks;
  }
}
