import type { Instant } from '#libs/kernel/clock.js';
import { Forbidden, InvalidRequest, NotFound } from '#libs/kernel/errors.js';
import { addDays, type CalendarDate } from '../domain/calendar.js';
import { ProposalLimit } from '../domain/errors.js';
import {
  datesFrom,
  DAYS_TO_AN_ALTERNATIVE,
  judgeVisits,
  type JudgedVisit,
  type Rhythm,
} from '../domain/series.js';
import type { Busy } from '../domain/slot-policy.js';
import { TimeSlot } from '../domain/time-slot.js';
import { widestSpanOf } from '../domain/zone.js';
import { People } from '../ports.js';
import { AppointmentViews, type Party } from './appointment-views.js';
import { partiesOf, type BookAppointmentInput } from './book-appointment.js';
import { assertAllowedFields, concealed, SlotRequests, type Ask, type AskedSlot } from './slot-requests.js';

export interface SeriesInput extends BookAppointmentInput, Rhythm {
  /** Some of the dates of the series; all unless told. */
  dates?: readonly CalendarDate[] | undefined;
}

export interface SeriesAsk {
  party: Party;
  /** The first visit; the others differ by their dates. */
  ask: Ask;
  /** Ascending. */
  dates: readonly CalendarDate[];
}

/** A series that was asked for, with what the policy says to each visit. */
export interface JudgedSeries extends AskedSlot {
  /** What stands in the way beside the visits that nothing refuses. */
  beside: Busy;
  visits: readonly JudgedVisit[];
  /** Whether the actor may hear when the patient is busy. */
  mayHearOfPatient: boolean;
}

/** Puts the dates of a series before the doctor's policy: the same for a preview and for scheduling. */
export class SeriesRequests {
  constructor(
    private readonly slots: SlotRequests,
    private readonly people: People,
    private readonly views: AppointmentViews,
  ) {}

  /** Throws InvalidRequest, ProfileRequired, ApprovalRequired, Forbidden, NotFound. */
  async ask(input: SeriesInput): Promise<SeriesAsk> {
    if (input.actor.role === 'patient') throw new Forbidden('A doctor or an admin schedules a series.');
    assertAllowedFields(input.actor.role, input);
    const dates = chosenDates(input);
    const party = await this.views.partyOf(input.actor);
    const parties = partiesOf(input, party);
    await this.slots.assertMayAskFor({ by: party.side, ...parties });
    const { date, time, visitType, durationMinutes, exemptionReason } = input;
    const ask = { by: party.side, ...parties, date, time, visitType, durationMinutes, exemptionReason };
    return { party, ask, dates };
  }

  /** What is decided on has to be read under the locks of the two. Throws NotFound, ApprovalRequired, ProposalLimit. */
  async judge({ ask, dates }: SeriesAsk, now: Instant): Promise<JudgedSeries> {
    if (!(await this.people.hasPatient(ask.patient))) throw new NotFound('patient');
    const asked = await this.slots.read(ask, now, spanAround(dates));
    if (ask.by === 'doctor' && !asked.request.hasSeen) throw ProposalLimit.ofSeries();
    const mayHearOfPatient = this.slots.mayHearOfPatient(ask, asked.earlier, now);
    const { visits, busy: beside } = judgeVisits(asked.policy, asked.request, dates, asked.busy, now);
    const told = mayHearOfPatient ? visits : visits.map(concealing);
    return { ...asked, beside, visits: told, mayHearOfPatient };
  }
}

function chosenDates({ date, everyWeeks, count, dates }: SeriesInput): CalendarDate[] {
  const all = datesFrom(date, { everyWeeks, count });
  if (dates === undefined) return all;
  const faults = dates.flatMap((chosen, i) => {
    const pointer = `/dates/${i}`;
    if (!all.includes(chosen)) return [{ pointer, code: 'date', message: 'is not a date of the series' }];
    if (dates.indexOf(chosen) < i) return [{ pointer, code: 'date', message: 'is named before' }];
    return [];
  });
  if (faults.length > 0) throw new InvalidRequest(faults);
  return dates.toSorted();
}

function spanAround(dates: readonly CalendarDate[]): TimeSlot {
  const first = addDays(dates[0]!, -DAYS_TO_AN_ALTERNATIVE);
  const last = addDays(dates.at(-1)!, DAYS_TO_AN_ALTERNATIVE);
  return new TimeSlot(widestSpanOf(first).startsAt, widestSpanOf(last).endsAt);
}

function concealing(visit: JudgedVisit): JudgedVisit {
  const refusals = [...new Set(visit.refusals.map(concealed))];
  // One that is told in both would tell that it stands for another.
  const exemptedFrom = visit.exemptedFrom.filter((one) => !refusals.includes(one));
  return { ...visit, refusals, exemptedFrom };
}
