import { Clock } from '#libs/kernel/clock.js';
import { Forbidden, InvalidRequest, NotFound } from '#libs/kernel/errors.js';
import { Ids } from '#libs/kernel/ids.js';
import type { Actor } from '../../identity/index.js';
import { Appointment } from '../domain/appointment.js';
import { addDays, type CalendarDate, type WallMinutes } from '../domain/calendar.js';
import { CareAccess, mayPropose } from '../domain/care.js';
import { ProfileRequired, ProposalLimit } from '../domain/errors.js';
import { SlotRefused } from '../domain/refusals.js';
import type { SlotRequest } from '../domain/slot-policy.js';
import { TimeSlot } from '../domain/time-slot.js';
import { widestSpanOf, Zone } from '../domain/zone.js';
import { Agendas, Appointments, People, SlotPolicies, type KeyedRequest } from '../ports.js';
import { AppointmentViews, type Answer, type Standing } from './appointment-views.js';
import { OncePerKey } from './once-per-key.js';

export interface BookAppointmentInput {
  actor: Actor;
  /** Profile ids; the actor's own side may be left out. */
  doctor?: string | undefined;
  patient?: string | undefined;
  date: CalendarDate;
  time: WallMinutes;
  visitType?: string | undefined;
  /** Doctor and admin only. */
  durationMinutes?: number | undefined;
  reasonForVisit: string;
  /** Admin only: sets the patient's rules aside, and is kept. */
  exemptionReason?: string | undefined;
  once?: KeyedRequest | undefined;
}

interface Parties {
  doctor: string;
  patient: string;
}

const ALTERNATIVES = 3;

/** A patient books for themself; a doctor schedules in their own agenda; an admin schedules for both. */
export class BookAppointment {
  constructor(
    private readonly once: OncePerKey,
    private readonly agendas: Agendas,
    private readonly appointments: Appointments,
    private readonly policies: SlotPolicies,
    private readonly people: People,
    private readonly views: AppointmentViews,
    private readonly care: CareAccess,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** Throws SlotRefused, ProfileRequired, ProposalLimit, Forbidden, NotFound. */
  async execute(input: BookAppointmentInput): Promise<Answer> {
    assertAllowedFields(input);
    const standing = await this.views.standingOf(input.actor);
    const parties = partiesOf(input, standing);
    if (!(await this.people.hasPatient(parties.patient))) throw new NotFound('patient');
    try {
      const outcome = await this.once.run(input.once, 201, () => this.#book(input, parties));
      return await this.views.answer(standing, outcome);
    } catch (error) {
      throw error instanceof SlotRefused ? await this.#explained(error, input, parties) : error;
    }
  }

  async #book(input: BookAppointmentInput, { doctor, patient }: Parties): Promise<Appointment> {
    await this.agendas.lock(doctor, patient);
    const now = this.clock.now();
    const policy = await this.#policyOf(doctor);
    const { role } = input.actor;
    const earlier = (await this.appointments.ofPair(doctor, patient)).map(({ state }) => state);
    const hasSeen = this.care.hasSeen(earlier, now);
    if (role === 'doctor' && !hasSeen && !mayPropose(earlier)) throw new ProposalLimit();

    const request = requestOf(input, hasSeen);
    const busy = await this.appointments.busy(doctor, patient, widestSpanOf(input.date), now);
    const [refusal] = policy.refusals(request, busy, now);
    if (refusal !== undefined) throw new SlotRefused(refusal);

    const visit = policy.visitOf(request)!;
    const slot = TimeSlot.lasting(policy.zone.instantOf(input.date, input.time)!, visit.minutes);
    const appointment = Appointment.book(
      {
        id: this.ids.next(),
        doctor,
        patient,
        slot,
        timeZone: policy.zone.name,
        outsideHours: !policy.isOpenDuring(slot),
        visitType: visit.name,
        reasonForVisit: input.reasonForVisit,
        exemptionReason: input.exemptionReason ?? null,
        by: role,
        hasSeen,
      },
      policy.rules,
      now,
    );
    await this.appointments.add(appointment);
    return appointment;
  }

  /** The refusal in the words that the actor may hear, with free times nearby. Runs after the unit, holding no lock. */
  async #explained(
    refused: SlotRefused,
    input: BookAppointmentInput,
    { doctor, patient }: Parties,
  ): Promise<SlotRefused> {
    const now = this.clock.now();
    const earlier = (await this.appointments.ofPair(doctor, patient)).map(({ state }) => state);
    // A doctor who does not treat the patient learns nothing of when the patient is busy.
    if (input.actor.role === 'doctor' && !this.care.treats(earlier, now)) {
      return refused.refusal === 'patient-busy' ? new SlotRefused('slot-taken') : refused;
    }
    const policy = await this.#policyOf(doctor);
    const today = policy.zone.dateAt(now);
    const horizon = new TimeSlot(
      widestSpanOf(today).startsAt,
      widestSpanOf(addDays(today, policy.rules.horizonDays)).endsAt,
    );
    const busy = await this.appointments.busy(doctor, patient, horizon, now);
    const request = requestOf(input, this.care.hasSeen(earlier, now));
    const alternatives = policy.nearestFreeSlots(request, busy, now, ALTERNATIVES);
    return new SlotRefused(refused.refusal, { alternatives });
  }

  async #policyOf(doctor: string) {
    const found = await this.people.findDoctor(doctor);
    if (found === undefined) throw new NotFound('doctor');
    return this.policies.of(doctor, Zone.of(found.timeZone));
  }
}

function requestOf({ actor, ...input }: BookAppointmentInput, hasSeen: boolean): SlotRequest {
  const { date, time, visitType, durationMinutes, exemptionReason } = input;
  const exempt = actor.role === 'doctor' || exemptionReason !== undefined;
  return { date, time, visitType, durationMinutes, exempt, hasSeen };
}

/** An actor may name their own side only as themself, and is not told whether another exists. */
function partiesOf(input: BookAppointmentInput, standing: Standing): Parties {
  const own = standing.side === 'admin' ? {} : { [standing.side]: ownProfile(input, standing) };
  const { doctor, patient } = { doctor: input.doctor, patient: input.patient, ...own };
  if (doctor === undefined) throw InvalidRequest.missing('doctor');
  if (patient === undefined) throw InvalidRequest.missing('patient');
  return { doctor, patient };
}

function ownProfile(input: BookAppointmentInput, standing: Exclude<Standing, { side: 'admin' }>): string {
  const { side, profile } = standing;
  if (input[side] !== undefined && input[side] !== profile)
    throw new Forbidden(`You may name only yourself as ${side}.`);
  if (profile === undefined) throw new ProfileRequired(side);
  return profile;
}

function assertAllowedFields({
  actor: { role },
  durationMinutes,
  exemptionReason,
}: BookAppointmentInput): void {
  if (role !== 'admin' && exemptionReason !== undefined) {
    throw InvalidRequest.at('/exemption_reason', 'unknown-field', 'is for admins only');
  }
  if (role === 'patient' && durationMinutes !== undefined) {
    throw InvalidRequest.at(
      '/duration_minutes',
      'unknown-field',
      'is not for patients: the visit type has a length',
    );
  }
  if (role === 'admin' && durationMinutes !== undefined && exemptionReason === undefined) {
    throw InvalidRequest.at('/exemption_reason', 'required', 'is required beside duration_minutes');
  }
}
