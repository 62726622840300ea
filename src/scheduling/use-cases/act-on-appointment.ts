import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock, type Instant } from '#libs/kernel/clock.js';
import type { Actor } from '../../identity/index.js';
import type { Action, Appointment, AppointmentRules } from '../domain/appointment.js';
import { StaleVersion } from '../domain/errors.js';
import { Agendas, Appointments, People, SlotPolicies, type KeyedRequest } from '../ports.js';
import { AppointmentViews, type Answer, type Party } from './appointment-views.js';
import { OncePerKey } from './once-per-key.js';

/** What every action is told beside its own words. */
export interface ActionInput {
  actor: Actor;
  id: string;
  /** The versions that the actor has seen; undefined where any will do. */
  seenVersions?: readonly number[] | undefined;
  once?: KeyedRequest | undefined;
}

/** Who acts, under which rules, and when: as it is inside the unit of work. */
export interface Acting {
  by: Party['side'];
  rules: AppointmentRules;
  now: Instant;
}

/** What all actions share: whose appointment it is, the locks, and the order of lock, read, decide, write. */
export class ActOnAppointment {
  constructor(
    private readonly once: OncePerKey,
    private readonly agendas: Agendas,
    private readonly appointments: Appointments,
    private readonly policies: SlotPolicies,
    private readonly people: People,
    private readonly views: AppointmentViews,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Keeps what `act` answers; the appointment as it was is no change. Throws NotFound, StaleVersion, ActionNotAllowed and
   * ApprovalRequired.
   */
  async execute(
    action: Action,
    { actor, id, seenVersions, once }: ActionInput,
    act: (appointment: Appointment, acting: Acting) => Appointment | Promise<Appointment>,
  ): Promise<Answer> {
    const party = await this.views.partyOf(actor);
    const { doctor, patient } = (await this.views.find(party, id)).state;
    const outcome = await this.once.run(once, 200, async () => {
      await this.agendas.lock(doctor, patient);
      await this.views.assertStillHere(party);
      const appointment = await this.views.find(party, id);
      const { version } = appointment.state;
      if (seenVersions && !seenVersions.includes(version)) throw new StaleVersion(version);
      const rules = {
        ...(await this.policies.appointmentRules([doctor])).get(doctor)!,
        standing: await this.people.findAnyDoctor(doctor),
      };
      const next = await act(appointment, { by: party.side, rules, now: this.clock.now() });
      if (next !== appointment) {
        await this.appointments.save(next);
        await this.audit.record({
          action: `appointment.${action}`,
          entity: { type: 'appointment', id },
          patient,
        });
      }
      return next;
    });
    return this.views.answer(party, outcome);
  }
}
