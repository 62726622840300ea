import { Clock, MINUTE, type Instant } from '#libs/kernel/clock.js';
import { NotFound } from '#libs/kernel/errors.js';
import type { Actor } from '../../identity/index.js';
import type { CalendarDate, WallMinutes } from '../domain/calendar.js';
import { CareAccess } from '../domain/care.js';
import { withoutAgenda, type Refusal, type ToldRules } from '../domain/refusals.js';
import { widestSpanOf, Zone } from '../domain/zone.js';
import { Appointments, People, SlotPolicies } from '../ports.js';
import { OwnRules } from './own-rules.js';
import { askingPatient, requestOf } from './slot-audience.js';

export interface ExplainSlotInput {
  actor: Actor;
  doctor: string;
  date: CalendarDate;
  time: WallMinutes;
  visitType?: string | undefined;
}

export interface ExplainedSlot {
  date: CalendarDate;
  time: WallMinutes;
  timeZone: string;
  /** Null where the request means no visit that the actor may book. */
  visitType: string | null;
  /** Null where the clocks never show the time. */
  startsAt: Instant | null;
  /** Null where one of the two is. */
  endsAt: Instant | null;
  refusals: readonly Refusal[];
  /** Under which it is refused. */
  rules: ToldRules;
}

/**
 * Every rule that speaks against a time, under the rules under which slots are listed. Whose agenda it is not learns no
 * more of it than from the list: of a time that would not be listed anyway they are not told whether it is taken.
 */
export class ExplainSlot {
  constructor(
    private readonly appointments: Appointments,
    private readonly policies: SlotPolicies,
    private readonly people: People,
    private readonly ownRules: OwnRules,
    private readonly care: CareAccess,
    private readonly clock: Clock,
  ) {}

  /** Throws NotFound. */
  async execute({ actor, doctor: id, date, time, visitType }: ExplainSlotInput): Promise<ExplainedSlot> {
    const doctor = await this.people.findDoctor(id);
    if (doctor === undefined) throw new NotFound('doctor');
    const now = this.clock.now();
    const policy = await this.policies.of(id, Zone.of(doctor.timeZone));
    const patient = await askingPatient(this.people, actor);
    const read = await this.appointments.timeOf([id], patient, widestSpanOf(date), now);
    const { busy, earlier } = read.get(id)!;
    const request = { ...requestOf(actor, visitType, this.care, earlier, now), date, time };
    const refusals = [...policy.refusals(request, busy, now)];
    const visit = policy.visitOf(request);
    const startsAt = policy.zone.instantOf(date, time) ?? null;
    return {
      date,
      time,
      timeZone: policy.zone.name,
      visitType: visit?.name ?? null,
      startsAt,
      endsAt: startsAt !== null && visit ? startsAt + visit.minutes * MINUTE : null,
      refusals: (await this.ownRules.areOf(actor, id)) ? refusals : withoutAgenda(refusals),
      rules: policy.toldFor(request),
    };
  }
}
