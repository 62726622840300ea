import type { Instant } from '#libs/kernel/clock.js';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { Ids } from '#libs/kernel/ids.js';
import { instantsOf, type Absence, type WrittenAbsence } from '../domain/absence.js';
import { daysBetween } from '../domain/calendar.js';
import { TooManyEntries } from '../domain/errors.js';
import { SlotRefused } from '../domain/refusals.js';
import { TimeSlot } from '../domain/time-slot.js';
import type { Zone } from '../domain/zone.js';
import { Absences } from '../ports.js';
import { ChangeRules, type ChangeInput, type Changed } from './change-rules.js';

export const MOST_ABSENCES = 200;
export const LONGEST_ABSENCE_DAYS = 366;

export interface AddAbsenceInput extends ChangeInput {
  absence: WrittenAbsence;
  reason: string | null;
}

/** A doctor will be away. What is booked meanwhile stays booked, and is told. */
export class AddAbsence {
  constructor(
    private readonly changeRules: ChangeRules,
    private readonly absences: Absences,
    private readonly ids: Ids,
  ) {}

  /** Throws NotFound, InvalidRequest, TooManyEntries, AccountClosed, and SlotRefused (`no-such-time`). */
  async execute(input: AddAbsenceInput): Promise<Changed<Absence>> {
    const { absence: written, reason } = input;
    if (daysBetween(written.fromDate, written.toDate) >= LONGEST_ABSENCE_DAYS) {
      const words = `must be at most ${LONGEST_ABSENCE_DAYS} days, both included, from date_from`;
      throw InvalidRequest.at('/date_to', 'range', words);
    }
    return this.changeRules.execute(input, ({ policy, absences }, { id: doctor }, now) => {
      const { startsAt, endsAt } = instantsOf(written, policy.zone);
      if (startsAt === undefined || endsAt === undefined)
        throw noSuchTime(written, { from: startsAt, to: endsAt }, policy.zone);
      const isSameDay = written.times !== undefined && written.fromDate === written.toDate;
      const [end, words] = isSameDay
        ? ['/time_to', 'must be after time_from']
        : ['/date_to', 'must not be before date_from'];
      if (startsAt >= endsAt) throw InvalidRequest.at(end, 'range', words);
      if (endsAt <= now) throw InvalidRequest.at(end, 'range', 'must not have passed');
      if (absences.length >= MOST_ABSENCES) throw new TooManyEntries('absences', MOST_ABSENCES);
      const absence: Absence = {
        id: this.ids.next(),
        doctor,
        slot: new TimeSlot(startsAt, endsAt),
        timeZone: policy.zone.name,
        wholeDays: written.times === undefined,
        reason,
      };
      return {
        result: absence,
        rules: { policy, absences: [...absences, absence] },
        write: () => this.absences.add(absence),
        event: { action: 'absence.add', entity: { type: 'absence', id: absence.id } },
      };
    });
  }
}

/** Of the edges that the clocks never show. */
function noSuchTime(
  { times }: WrittenAbsence,
  edges: Record<'from' | 'to', Instant | undefined>,
  { name }: Zone,
): SlotRefused {
  const code = 'no-such-time';
  const skipped = (['from', 'to'] as const).filter((edge) => edges[edge] === undefined);
  const errors = skipped.map((edge) => ({
    pointer: `/${times === undefined ? 'date' : 'time'}_${edge}`,
    code,
    message: `is skipped by the clocks of ${name}`,
  }));
  return new SlotRefused(code, { errors });
}
