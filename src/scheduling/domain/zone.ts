import { Temporal } from 'temporal-polyfill';
import { DAY, HOUR, MINUTE, type Instant } from '#libs/kernel/clock.js';
import { asIfUtc, dateAsIfUtc, type CalendarDate, type WallMinutes } from './calendar.js';
import { Stretch } from './stretch.js';
import { MAX_BUFFER_MINUTES, TimeSlot } from './time-slot.js';

/** A span in which a zone's clocks keep one distance to UTC. */
interface OffsetPeriod {
  from: Instant;
  until: Instant;
  offset: number;
}

const REMEMBERED_PERIODS = 64;

/**
 * The clocks of one IANA zone. It knows a zone as the periods between the changes of its clocks, so that all
 * conversions are additions: a wall time exists in each period whose clocks ever show it, in none inside a gap,
 * in two inside a fold.
 */
export class Zone {
  static readonly #zones = new Map<string, Zone>();
  #periods: OffsetPeriod[] = [];

  private constructor(readonly name: string) {}

  /** Throws RangeError for a name that the running Node does not know. */
  static of(name: string): Zone {
    let zone = Zone.#zones.get(name);
    if (zone === undefined) {
      // The polyfill takes an offset, and even a timestamp, for a zone.
      if (!/^[A-Za-z]/.test(name)) throw new RangeError(`"${name}" is not the name of a time zone`);
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
      zone = new Zone(name);
      Zone.#zones.set(name, zone);
    }
    return zone;
  }

  /** The first instant at which the clocks show this; undefined if they never do (the wall time lies in a gap). */
  instantOf(date: CalendarDate, time: WallMinutes): Instant | undefined {
    for (const { from, until, offset } of this.#periodsShowing(date, time, time)) {
      const instant = asIfUtc(date, time) - offset;
      if (from <= instant && instant < until) return instant;
    }
    return undefined;
  }

  /** What the clocks show; seconds are dropped. */
  wallClockAt(instant: Instant): { date: CalendarDate; time: WallMinutes } {
    const local = instant + this.#periodAt(instant).offset;
    return { date: dateAsIfUtc(local), time: Math.floor((((local % DAY) + DAY) % DAY) / MINUTE) };
  }

  dateAt(instant: Instant): CalendarDate {
    return this.wallClockAt(instant).date;
  }

  /** The instants whose wall time lies in `[from, to)` of this date. */
  stretchOf(date: CalendarDate, from: WallMinutes, to: WallMinutes): Stretch {
    const utcMidnight = asIfUtc(date);
    const parts = this.#periodsShowing(date, from, to).map((period) => {
      const midnight = utcMidnight - period.offset;
      return {
        from: Math.max(period.from, midnight + from * MINUTE),
        until: Math.min(period.until, midnight + to * MINUTE),
        midnight,
      };
    });
    return new Stretch(parts.filter((part) => part.from < part.until));
  }

  /** The spans of a stretch alone. */
  spansOf(date: CalendarDate, from: WallMinutes, to: WallMinutes): readonly TimeSlot[] {
    return this.stretchOf(date, from, to).spans;
  }

  /** The periods that can show these wall times at all: no clock is further from UTC than a day. */
  #periodsShowing(date: CalendarDate, from: WallMinutes, to: WallMinutes): OffsetPeriod[] {
    const until = asIfUtc(date, to) + DAY;
    const periods = [this.#periodAt(asIfUtc(date, from) - DAY)];
    for (let last = periods[0]!; last.until <= until;) {
      last = this.#periodAt(last.until);
      periods.push(last);
    }
    return periods;
  }

  #periodAt(instant: Instant): OffsetPeriod {
    const known = this.#periods.find(({ from, until }) => from <= instant && instant < until);
    if (known !== undefined) return known;
    const at = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(this.name);
    const changeAfter = at.getTimeZoneTransition('next');
    // 'previous' looks strictly before its instant, and a change at this very instant begins the period.
    const changeBefore = at.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
    const period = {
      from: changeBefore?.epochMilliseconds ?? -Infinity,
      until: changeAfter?.epochMilliseconds ?? Infinity,
      offset: at.offsetNanoseconds / 1_000_000,
    };
    if (this.#periods.length === REMEMBERED_PERIODS) this.#periods = [];
    this.#periods.push(period);
    return period;
  }
}

/**
 * What has to be read to judge visits on these dates (both included), in whichever zone: clocks differ from UTC by less
 * than 15 hours, and a neighbour on the next date may be as near as the longest buffer.
 */
export function widestSpanOf(from: CalendarDate, to: CalendarDate = from): TimeSlot {
  const margin = 15 * HOUR + MAX_BUFFER_MINUTES * MINUTE;
  return new TimeSlot(asIfUtc(from) - margin, asIfUtc(to) + DAY + margin);
}
