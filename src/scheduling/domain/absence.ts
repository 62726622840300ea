import type { CalendarDate, WallMinutes } from './calendar.js';
import { TimeSlot } from './time-slot.js';
import { Zone } from './zone.js';

/** A range as a doctor writes it on the wall clock: whole days, the last included, or between two times. */
export interface WrittenAbsence {
  fromDate: CalendarDate;
  toDate: CalendarDate;
  /** Undefined for whole days. */
  times?: { from: WallMinutes; to: WallMinutes } | undefined;
}

/**
 * Time at which a doctor is away. Like an appointment it is two instants and the zone in which it was written: a doctor
 * who moves to another zone is away at the same time as before.
 */
export interface Absence {
  id: string;
  doctor: string;
  slot: TimeSlot;
  timeZone: string;
  wholeDays: boolean;
  /** Never shown to patients. */
  reason: string | null;
}

/** When the range begins and ends; each undefined where the clocks never show it. */
export function instantsOf(
  { fromDate, toDate, times }: WrittenAbsence,
  zone: Zone,
): { startsAt: number | undefined; endsAt: number | undefined } {
  const startsAt =
    times === undefined ? zone.spansOf(fromDate, 0, 1440)[0]?.startsAt : zone.instantOf(fromDate, times.from);
  // No clock shows 24:00, and some skip the midnight after it: it is the end of the date, whenever that is.
  const endsAt =
    times === undefined || times.to === 1440
      ? zone.spansOf(toDate, 0, 1440).at(-1)?.endsAt
      : zone.instantOf(toDate, times.to);
  return { startsAt, endsAt };
}

/** What the clocks of its own zone show at its edges. */
export function writtenOf({ slot, timeZone, wholeDays }: Absence): WrittenAbsence {
  const zone = Zone.of(timeZone);
  const from = zone.wallClockAt(slot.startsAt);
  const to = zone.wallClockAt(wholeDays ? slot.endsAt - 1 : slot.endsAt);
  return {
    fromDate: from.date,
    toDate: to.date,
    times: wholeDays ? undefined : { from: from.time, to: to.time },
  };
}
