import type { Instant } from '#libs/kernel/clock.js';
import type { Alternative } from '#libs/kernel/errors.js';
import type { Appointment, Chooser } from './appointment.js';
import { addDays, type CalendarDate } from './calendar.js';
import type { Refusal } from './refusals.js';
import { busyWith, type Busy, type SlotPolicy, type SlotRequest } from './slot-policy.js';
import { TimeSlot } from './time-slot.js';
import { Zone } from './zone.js';

export const FEWEST_VISITS = 2;
export const MOST_VISITS = 26;
export const MOST_WEEKS_APART = 52;

/**
 * Appointments that were scheduled together, every so many weeks at one wall-clock time. Afterwards each leads a life
 * of its own, and still belongs to its series when it has been moved.
 */
export interface Series {
  id: string;
  /** Profile ids. */
  doctor: string;
  patient: string;
  everyWeeks: number;
  scheduledBy: Chooser;
  createdAt: Instant;
}

/** When a series comes round. */
export interface Rhythm {
  everyWeeks: number;
  count: number;
}

/** All dates of a series that begins on this one. */
export function datesFrom(first: CalendarDate, { everyWeeks, count }: Rhythm): CalendarDate[] {
  return Array.from({ length: count }, (_, i) => addDays(first, 7 * everyWeeks * i));
}

/** What the policy says to one visit of a series. */
export interface JudgedVisit {
  date: CalendarDate;
  /** Where and as what it would take place; null where that has no meaning, as in a gap of the clocks. */
  place: { slot: TimeSlot; visitType: string } | null;
  /** All rules that speak against it. */
  refusals: readonly Refusal[];
  /** Those that would, were its actor not exempt from them. */
  exemptedFrom: readonly Refusal[];
}

/** Judges the visits in turn, each beside those before it that nothing refuses. */
export function judgeVisits(
  policy: SlotPolicy,
  asked: SlotRequest,
  dates: readonly CalendarDate[],
  around: Busy,
  now: Instant,
): { visits: JudgedVisit[]; busy: Busy } {
  let busy = around;
  const visits = dates.map((date) => {
    const request = { ...asked, date };
    const refusals = [...policy.refusals(request, busy, now)];
    const exemptedFrom = policy.exemptedFrom(request, busy, now);
    const place = placeOf(policy, request);
    if (place !== null && refusals.length === 0) busy = busyWith(place, busy, now);
    return { date, place, refusals, exemptedFrom };
  });
  return { visits, busy };
}

/** Further off than this a visit is no longer the one of its week. */
export const DAYS_TO_AN_ALTERNATIVE = 7;

/** The nearest free slot for each date; taken together they do not exclude each other. */
export function alternativesTo(
  dates: readonly CalendarDate[],
  policy: SlotPolicy,
  asked: SlotRequest,
  around: Busy,
  now: Instant,
): Map<CalendarDate, Alternative> {
  let busy = around;
  const found = new Map<CalendarDate, Alternative>();
  for (const date of dates) {
    const first = addDays(date, -DAYS_TO_AN_ALTERNATIVE);
    const last = addDays(date, DAYS_TO_AN_ALTERNATIVE);
    const [nearest] = policy.nearestFreeSlots({ ...asked, date }, busy, now, 1, { first, last });
    if (nearest === undefined) continue;
    found.set(date, nearest);
    busy = busyWith({ slot: new TimeSlot(nearest.startsAt, nearest.endsAt) }, busy, now);
  }
  return found;
}

function placeOf(policy: SlotPolicy, request: SlotRequest): JudgedVisit['place'] {
  const startsAt = policy.zone.instantOf(request.date, request.time);
  const visit = policy.visitOf(request);
  if (startsAt === undefined || visit === undefined) return null;
  return { slot: TimeSlot.lasting(startsAt, visit.minutes), visitType: visit.name };
}

/** The visits that are still to come, from a date on (of all of them unless told): what can be cancelled together. */
export function following(
  visits: readonly Appointment[],
  from: CalendarDate | undefined,
  now: Instant,
): Appointment[] {
  return visits.filter(({ isActive, state: { slot, timeZone } }) => {
    const isToCome = isActive && now < slot.startsAt;
    return isToCome && (from === undefined || Zone.of(timeZone).dateAt(slot.startsAt) >= from);
  });
}
