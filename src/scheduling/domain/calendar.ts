import { DAY, MINUTE, type Instant } from '#libs/kernel/clock.js';

/** A calendar date, `YYYY-MM-DD`; sorts as text. */
export type CalendarDate = string;

/** A wall-clock time as minutes after midnight, 0–1440 (`24:00` only ends an interval). */
export type WallMinutes = number;

export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** The instant at which UTC's wall clock shows this date and time. */
export function asIfUtc(date: CalendarDate, time: WallMinutes = 0): Instant {
  return Date.parse(`${date}T00:00:00Z`) + time * MINUTE;
}

/** The date that UTC's wall clock shows at this instant. */
export function dateAsIfUtc(instant: Instant): CalendarDate {
  return new Date(instant).toISOString().slice(0, 10);
}

export function addDays(date: CalendarDate, days: number): CalendarDate {
  return dateAsIfUtc(asIfUtc(date) + days * DAY);
}

export function daysBetween(from: CalendarDate, to: CalendarDate): number {
  return (asIfUtc(to) - asIfUtc(from)) / DAY;
}

export function weekdayOf(date: CalendarDate): Weekday {
  return WEEKDAYS[(new Date(asIfUtc(date)).getUTCDay() + 6) % 7] as Weekday;
}

/** `HH:MM` (or `HH:MM:00`), as minutes after midnight. */
export function parseTime(text: string): WallMinutes {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}

export function formatTime(time: WallMinutes): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(Math.floor(time / 60))}:${two(time % 60)}`;
}
