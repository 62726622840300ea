import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock, type Instant } from '#libs/kernel/clock.js';
import type { FieldError } from '#libs/kernel/errors.js';
import { Ids } from '#libs/kernel/ids.js';
import { Appointment } from '../domain/appointment.js';
import { formatTime } from '../domain/calendar.js';
import { SeriesRefused } from '../domain/errors.js';
import { SlotRefused, wordsOf, type Refusal } from '../domain/refusals.js';
import { datesFrom, type JudgedVisit } from '../domain/series.js';
import { Agendas, Appointments, SeriesRegister } from '../ports.js';
import { OncePerKey } from './once-per-key.js';
import { SeriesRequests, type JudgedSeries, type SeriesAsk, type SeriesInput } from './series-requests.js';
import { SeriesViews, type SeriesAnswer } from './series-views.js';
import { concealed, SlotRequests } from './slot-requests.js';

/** A doctor, for a patient they have seen, or an admin schedules several visits: all that are asked for, or none. */
export class ScheduleSeries {
  constructor(
    private readonly once: OncePerKey,
    private readonly agendas: Agendas,
    private readonly appointments: Appointments,
    private readonly register: SeriesRegister,
    private readonly requests: SeriesRequests,
    private readonly slots: SlotRequests,
    private readonly views: SeriesViews,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws SeriesRefused, ProposalLimit, InvalidRequest, ProfileRequired, Forbidden, NotFound. */
  async execute(input: SeriesInput): Promise<SeriesAnswer> {
    const asked = await this.requests.ask(input);
    const outcome = await this.once.run(input.once, 201, () => this.#schedule(asked, input));
    return this.views.answer(asked.party, outcome);
  }

  /** Answers the first visit, by which a repeated request finds the series. */
  async #schedule(asked: SeriesAsk, input: SeriesInput): Promise<Appointment> {
    const { by, doctor, patient } = asked.ask;
    await this.agendas.lock(doctor, patient);
    const now = this.clock.now();
    const judged = await this.requests.judge(asked, now);
    const { policy, request, visits } = judged;
    const faults = visits.flatMap((visit) => faultsOf(visit, visit.refusals[0], input));
    if (faults.length > 0) throw new SeriesRefused(faults, by === 'admin' && isWaivable(judged, now));

    const { everyWeeks, reasonForVisit, exemptionReason = null } = input;
    const series = { id: this.ids.next(), doctor, patient, everyWeeks, scheduledBy: by, createdAt: now };
    const appointments = visits.map(({ date }) => {
      const granted = this.slots.grant({ ...judged, request: { ...request, date } }, now);
      const people = { id: this.ids.next(), doctor, patient, by, hasSeen: request.hasSeen };
      const booking = { ...people, ...granted, reasonForVisit, exemptionReason, series: series.id };
      return Appointment.book(booking, policy.rules, now);
    });
    await this.register.add(series);
    await this.#keep(appointments, judged, input);
    await this.audit.record({
      action: 'series.schedule',
      entity: { type: 'series', id: series.id },
      patient,
    });
    return appointments[0]!;
  }

  /** What the database itself refuses is told like the rest. */
  async #keep(
    appointments: readonly Appointment[],
    { visits, mayHearOfPatient }: JudgedSeries,
    input: SeriesInput,
  ): Promise<void> {
    try {
      await this.appointments.add(...appointments);
    } catch (error) {
      if (!(error instanceof SlotRefused)) throw error;
      const refusal = mayHearOfPatient ? error.refusal : concealed(error.refusal);
      const refused = visits.filter(({ place }) => place?.slot.startsAt === error.startsAt);
      throw new SeriesRefused(refused.flatMap((visit) => faultsOf(visit, refusal, input)));
    }
  }
}

/** Whether some first refusal is of a rule that an exemption sets aside. */
function isWaivable({ policy, request, beside, visits }: JudgedSeries, now: Instant): boolean {
  return visits.some(({ date, refusals: [first] }) => {
    return first !== undefined && policy.waivable({ ...request, date }, beside, now).includes(first);
  });
}

/** Counted in the dates that were sent, or in all. */
function faultsOf({ date }: JudgedVisit, refusal: Refusal | undefined, input: SeriesInput): FieldError[] {
  if (refusal === undefined) return [];
  const sent = input.dates ?? datesFrom(input.date, input);
  const message = `${date} ${formatTime(input.time)}: ${wordsOf(refusal).title}`;
  return [{ pointer: `/dates/${sent.indexOf(date)}`, code: refusal, message }];
}
