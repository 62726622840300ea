import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Forbidden, InvalidRequest, NotFound } from '#libs/kernel/errors.js';
import { Ids } from '#libs/kernel/ids.js';
import type { Actor } from '../../identity/index.js';
import { Appointment } from '../domain/appointment.js';
import { mayPropose } from '../domain/care.js';
import { ProfileRequired, ProposalLimit } from '../domain/errors.js';
import { SlotRefused } from '../domain/refusals.js';
import { Agendas, Appointments, People, type KeyedRequest } from '../ports.js';
import { AppointmentViews, type Answer, type Party } from './appointment-views.js';
import { OncePerKey } from './once-per-key.js';
import { assertAllowedFields, SlotRequests, type Ask, type Choice } from './slot-requests.js';

export interface BookAppointmentInput extends Choice {
  actor: Actor;
  /** Profile ids; the actor's own side may be left out. */
  doctor?: string | undefined;
  patient?: string | undefined;
  reasonForVisit: string;
  once?: KeyedRequest | undefined;
}

interface Parties {
  doctor: string;
  patient: string;
}

/** A patient books for themself; a doctor schedules in their own agenda; an admin schedules for both. */
export class BookAppointment {
  constructor(
    private readonly once: OncePerKey,
    private readonly agendas: Agendas,
    private readonly appointments: Appointments,
    private readonly slots: SlotRequests,
    private readonly people: People,
    private readonly views: AppointmentViews,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws SlotRefused, ProfileRequired, ApprovalRequired, ProposalLimit, Forbidden, NotFound. */
  async execute(input: BookAppointmentInput): Promise<Answer> {
    assertAllowedFields(input.actor.role, input);
    const party = await this.views.partyOf(input.actor);
    const parties = partiesOf(input, party);
    await this.slots.assertMayAskFor({ by: party.side, ...parties });
    const { date, time, visitType, durationMinutes, exemptionReason } = input;
    const ask = { by: party.side, ...parties, date, time, visitType, durationMinutes, exemptionReason };
    try {
      const outcome = await this.once.run(input.once, 201, () => this.#book(ask, input.reasonForVisit));
      return await this.views.answer(party, outcome);
    } catch (error) {
      throw error instanceof SlotRefused ? await this.slots.told(error, ask) : error;
    }
  }

  async #book(ask: Ask, reasonForVisit: string): Promise<Appointment> {
    const { by, doctor, patient, exemptionReason = null } = ask;
    await this.agendas.lock(doctor, patient);
    if (!(await this.people.hasPatient(patient))) throw new NotFound('patient');
    const now = this.clock.now();
    const asked = await this.slots.read(ask, now);
    const { hasSeen } = asked.request;
    if (by === 'doctor' && !hasSeen && !mayPropose(asked.earlier)) throw new ProposalLimit();
    const granted = this.slots.grant(asked, now);
    const people = { id: this.ids.next(), doctor, patient, by, hasSeen };
    const appointment = Appointment.book(
      { ...people, ...granted, reasonForVisit, exemptionReason },
      asked.policy.rules,
      now,
    );
    await this.appointments.add(appointment);
    const entity = { type: 'appointment', id: appointment.id };
    await this.audit.record({ action: 'appointment.book', entity, patient });
    return appointment;
  }
}

/** An actor may name their own side only as themself, and is not told whether another exists. */
export function partiesOf(input: BookAppointmentInput, party: Party): Parties {
  const own = party.side === 'admin' ? {} : { [party.side]: ownProfile(input, party) };
  const { doctor, patient } = { doctor: input.doctor, patient: input.patient, ...own };
  if (doctor === undefined) throw InvalidRequest.missing('doctor');
  if (patient === undefined) throw InvalidRequest.missing('patient');
  return { doctor, patient };
}

function ownProfile(input: BookAppointmentInput, party: Exclude<Party, { side: 'admin' }>): string {
  const { side, profile } = party;
  if (input[side] !== undefined && input[side] !== profile)
    throw new Forbidden(`You may name only yourself as ${side}.`);
  if (profile === undefined) throw new ProfileRequired(side);
  return profile;
}
