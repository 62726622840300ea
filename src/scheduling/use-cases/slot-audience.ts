import type { Instant } from '#libs/kernel/clock.js';
import { InvalidRequest } from '#libs/kernel/errors.js';
import type { Actor } from '../../identity/index.js';
import { daysBetween, type CalendarDate } from '../domain/calendar.js';
import type { CareAccess, CareFacts } from '../domain/care.js';
import type { VisitRequest } from '../domain/slot-policy.js';
import type { People } from '../ports.js';

export const MAX_DAYS = 62;
export const DEFAULT_DAYS = 14;

/** The patient under whose rules slots are shown; undefined where nobody's agenda is looked at. */
export async function askingPatient(people: People, { role, userId }: Actor): Promise<string | undefined> {
  return role === 'patient' ? people.profileOf({ userId, role }) : undefined;
}

/** What a patient asks for. Any other caller sees every visit type as a patient who may book it would. */
export function requestOf(
  { role }: Actor,
  visitType: string | undefined,
  care: CareAccess,
  earlier: readonly CareFacts[],
  now: Instant,
): VisitRequest {
  const hasSeen = care.hasSeen(earlier, now);
  return { visitType, exempt: false, hasSeen, everyVisitType: role !== 'patient' };
}

/** `asked` is undefined where nobody asked for a first date, and `from` is today. */
export function assertSpan(from: CalendarDate, to: CalendarDate, asked: CalendarDate | undefined): void {
  const days = daysBetween(from, to) + 1;
  const start = asked === undefined ? `date_from, which is today (${from}) unless told` : 'date_from';
  if (days < 1) throw InvalidRequest.at('date_to', 'date', `must not be before ${start}`);
  if (days > MAX_DAYS)
    throw InvalidRequest.at(
      'date_to',
      'date',
      `must be at most ${MAX_DAYS} days, both included, from ${start}`,
    );
}
