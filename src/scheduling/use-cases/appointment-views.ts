import { Clock, type Instant } from '#libs/kernel/clock.js';
import { NotFound } from '#libs/kernel/errors.js';
import type { Actor } from '../../identity/index.js';
import type { Action, Appointment } from '../domain/appointment.js';
import { CareAccess } from '../domain/care.js';
import { Appointments, People, SlotPolicies } from '../ports.js';
import type { Outcome } from './once-per-key.js';

/** An appointment as one actor may see it. */
export interface AppointmentView {
  appointment: Appointment;
  doctorName: string;
  /** Null to a doctor who is not to know it yet, and when the patient has closed the account. */
  patientName: string | null;
  /** Null to an admin. */
  reasonForVisit: string | null;
  allowedActions: readonly Action[];
}

/** What a request about an appointment is answered. */
export interface Answer {
  view: AppointmentView;
  status: number;
  /** An earlier request of the same key had the effect. */
  replayed: boolean;
}

/** Whose side the actor takes, and the profile on that side; an admin has none. */
export type Party = { side: 'doctor' | 'patient'; profile: string | undefined } | { side: 'admin' };

/** Who sees what of appointments, in one place for every answer. */
export class AppointmentViews {
  constructor(
    private readonly appointments: Appointments,
    private readonly people: People,
    private readonly policies: SlotPolicies,
    private readonly care: CareAccess,
    private readonly clock: Clock,
  ) {}

  async partyOf(actor: Actor): Promise<Party> {
    const { role: side, userId } = actor;
    return side === 'admin'
      ? { side }
      : { side, profile: await this.people.profileOf({ userId, role: side }) };
  }

  /**
   * Inside the unit of work, under the lock of their agenda: whoever was deactivated since their request was let in has
   * nothing here any more. Throws NotFound.
   */
  async assertStillHere(party: Party): Promise<void> {
    if (party.side === 'admin') return;
    const { side, profile = '' } = party;
    const isHere =
      side === 'patient'
        ? await this.people.hasPatient(profile)
        : (await this.people.findAnyDoctor(profile))?.active;
    if (!isHere) throw new NotFound('appointment');
  }

  /** The appointment, if it is the actor's own or the actor is an admin; NotFound otherwise. */
  async find(party: Party, id: string): Promise<Appointment> {
    const appointment = await this.appointments.find(id);
    const isOwn = party.side === 'admin' || appointment?.state[party.side] === party.profile;
    if (appointment === undefined || !isOwn) throw new NotFound('appointment');
    return appointment;
  }

  async one(party: Party, appointment: Appointment): Promise<AppointmentView> {
    return (await this.all(party, [appointment]))[0]!;
  }

  /** A replay is authorised anew, and shows the appointment as it is now. */
  async answer(party: Party, { appointment, status, replayed }: Outcome): Promise<Answer> {
    const shown = replayed ? await this.find(party, appointment.id) : appointment;
    return { view: await this.one(party, shown), status, replayed };
  }

  async all(party: Party, appointments: readonly Appointment[]): Promise<AppointmentView[]> {
    const now = this.clock.now();
    const patients = [...new Set(appointments.map(({ state }) => state.patient))];
    const doctors = [...new Set(appointments.map(({ state }) => state.doctor))];
    const { names, standings } = await this.people.partiesOf({ doctors, patients });
    const rules = await this.policies.appointmentRules(doctors);
    const treated = await this.#treatedBy(party, patients, now);
    return appointments.map((appointment) => {
      const { doctor, patient, reasonForVisit } = appointment.state;
      const isNamed = party.side !== 'doctor' || appointment.namesPatientToDoctor || treated.has(patient);
      return {
        appointment,
        doctorName: names.get(doctor) ?? '',
        patientName: isNamed ? (names.get(patient) ?? null) : null,
        reasonForVisit: party.side === 'admin' ? null : reasonForVisit,
        allowedActions: appointment.allowedActions(
          party.side,
          { ...rules.get(doctor)!, standing: standings.get(doctor) },
          now,
        ),
      };
    });
  }

  async #treatedBy(party: Party, patients: readonly string[], now: Instant): Promise<ReadonlySet<string>> {
    if (party.side !== 'doctor' || party.profile === undefined) return new Set();
    return new Set(await this.appointments.patientsTreatedBy(party.profile, this.care.since(now), patients));
  }
}
