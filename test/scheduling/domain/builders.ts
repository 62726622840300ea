import { MINUTE, type Instant } from '#libs/kernel/clock.js';
import { Agenda } from '../../../src/scheduling/domain/agenda.js';
import { Appointment, type Booking } from '../../../src/scheduling/domain/appointment.js';
import {
  asIfUtc,
  parseTime,
  type CalendarDate,
  type WallMinutes,
} from '../../../src/scheduling/domain/calendar.js';
import { Hours, type HoursInterval } from '../../../src/scheduling/domain/hours.js';
import type { Refusal } from '../../../src/scheduling/domain/refusals.js';
import {
  SlotPolicy,
  type Busy,
  type SlotRequest,
  type SlotRules,
  type VisitType,
} from '../../../src/scheduling/domain/slot-policy.js';
import { TimeSlot } from '../../../src/scheduling/domain/time-slot.js';
import { Zone } from '../../../src/scheduling/domain/zone.js';
import { WallClock } from './wall-clock.js';

/** The examples' zone is two hours ahead of UTC in this week, and no clock changes near it. */
export const BERLIN = Zone.of('Europe/Berlin');
export const SUNDAY: CalendarDate = '2025-06-01';
export const MONDAY: CalendarDate = '2025-06-02';
export const TUESDAY: CalendarDate = '2025-06-03';
export const SATURDAY: CalendarDate = '2025-06-07';
export const NOON_BEFORE: Instant = at('12:00', SUNDAY);

/** The instant of a wall-clock time of the examples' week. */
export function at(time: string, date: CalendarDate = MONDAY): Instant {
  return asIfUtc(date, parseTime(time)) - 120 * MINUTE;
}

export function slot(from: string, to: string, date: CalendarDate = MONDAY): TimeSlot {
  return new TimeSlot(at(from, date), at(to, date));
}

/** `09:00–12:00 13:00–17:00`. */
export function hours(text: string): HoursInterval[] {
  return text
    .split(' ')
    .filter((interval) => interval !== '')
    .map((interval) => interval.split('–').map(parseTime) as [WallMinutes, WallMinutes])
    .map(([from, to]) => ({ from, to }));
}

export function everyDay(text: string, overrides: Record<CalendarDate, string> = {}): Hours {
  const day = hours(text);
  return new Hours(
    { monday: day, tuesday: day, wednesday: day, thursday: day, friday: day, saturday: day, sunday: day },
    new Map(Object.entries(overrides).map(([date, intervals]) => [date, hours(intervals)])),
  );
}

export function visitType(change: Partial<VisitType> = {}): VisitType {
  return { name: 'consultation', minutes: 30, bookableBy: 'everyone', ...change };
}

export function policy(change: Partial<SlotRules> = {}, zone: Zone = BERLIN): SlotPolicy {
  return new SlotPolicy({ ...SlotPolicy.DEFAULT, ...change }, zone);
}

/** A patient whom the doctor has not seen asks for a time. */
export function asks(time: string, change: Partial<SlotRequest> = {}): SlotRequest {
  return { date: MONDAY, time: parseTime(time), exempt: false, hasSeen: false, ...change };
}

/** The doctor, or an admin with a reason, asks for a time. */
export function insists(time: string, change: Partial<SlotRequest> = {}): SlotRequest {
  return asks(time, { exempt: true, ...change });
}

interface BusyTimes {
  doctor?: readonly TimeSlot[];
  absences?: readonly TimeSlot[];
  patient?: readonly TimeSlot[];
  starts?: readonly Instant[];
  openWithDoctor?: number;
}

export function busy({
  doctor = [],
  absences = [],
  patient = [],
  starts = [],
  openWithDoctor = 0,
}: BusyTimes = {}): Busy {
  return {
    doctor: new Agenda(doctor),
    absences: new Agenda(absences),
    patient: new Agenda(patient),
    starts,
    openWithDoctor,
  };
}

export const FREE = busy();

export function refusalsOf(
  to: SlotPolicy,
  request: SlotRequest,
  around = FREE,
  now = NOON_BEFORE,
): Refusal[] {
  return [...to.refusals(request, around, now)];
}

/** The times of one date that are offered to the asker of `request`. */
export function timesOf(of: SlotPolicy, request = asks('00:00'), around = FREE, now = NOON_BEFORE): string[] {
  return [...of.freeSlots(request, request.date, request.date, around, now)].map(({ time }) => time);
}

/** An appointment on Monday at 10:00, booked by the patient on the noon before unless told. */
export function booked(
  change: Partial<Booking> = {},
  rules: Partial<SlotRules> = {},
  now = NOON_BEFORE,
): Appointment {
  return Appointment.book(
    {
      id: 'appointment',
      doctor: 'doctor',
      patient: 'patient',
      slot: slot('10:00', '10:30'),
      timeZone: BERLIN.name,
      outsideHours: false,
      visitType: 'consultation',
      reasonForVisit: 'General Checkup',
      exemptionReason: null,
      by: 'patient',
      hasSeen: false,
      ...change,
    },
    { ...SlotPolicy.DEFAULT, ...rules },
    now,
  );
}

/** The zones whose changes the laws walk through. */
export const LAW_ZONES = [
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Africa/Casablanca',
] as const;

export const YEAR = 2025;

/** The dates on which the clocks of a zone change, as Intl tells them: the wall clock shows both sides of a change. */
export function datesOfChange(zone: string, year: number = YEAR): CalendarDate[] {
  const clock = WallClock.of(zone);
  const dates = clock.changesIn(year).flatMap(({ at }) => [clock.shows(at - 1).date, clock.shows(at).date]);
  return [...new Set(dates)];
}
