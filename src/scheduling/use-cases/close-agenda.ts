import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock, type Instant } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import type { Actor } from '../../identity/index.js';
import { ACTIVE, type Appointment } from '../domain/appointment.js';
import { addDays, dateAsIfUtc } from '../domain/calendar.js';
import { OpenAppointments } from '../domain/errors.js';
import { following } from '../domain/series.js';
import { Absences, Agendas, Appointments, IdempotencyKeys, People, SlotPolicies } from '../ports.js';

const BATCH = 200;
const REASON = 'account-closed';

/**
 * What becomes of somebody's time when they close the account: a patient's visits to come are cancelled in their name, and a
 * doctor first has none. What has been stays, for the other side's sake.
 */
export class CloseAgenda {
  constructor(
    private readonly transactions: Transactions,
    private readonly agendas: Agendas,
    private readonly appointments: Appointments,
    private readonly policies: SlotPolicies,
    private readonly absences: Absences,
    private readonly keys: IdempotencyKeys,
    private readonly people: People,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Holds the agenda until the unit of work ends, so that nothing is booked meanwhile. Throws OpenAppointments. */
  async execute({ userId, role }: Actor): Promise<void> {
    await this.transactions.run(async () => {
      const profile = role === 'admin' ? undefined : await this.people.profileOf({ userId, role });
      if (profile !== undefined)
        await (role === 'doctor' ? this.#ofDoctor(profile) : this.#ofPatient(profile));
      // Last, when no request with a key is under way any more.
      await this.keys.forgetOf(userId);
    });
  }

  async #ofDoctor(doctor: string): Promise<void> {
    await this.agendas.lock(doctor);
    const toCome = await this.appointments.upcoming(doctor, { startsAt: this.clock.now() }, 1);
    if (toCome.length > 0) throw new OpenAppointments();
    // Why a doctor was away is nobody's business any more.
    await this.absences.removeAllOf(doctor);
  }

  async #ofPatient(patient: string): Promise<void> {
    const known = await this.#toCome(patient, this.clock.now());
    for (const doctor of new Set(known.map(({ state }) => state.doctor).toSorted()))
      await this.agendas.lock(doctor);
    await this.agendas.lock(patient);
    const now = this.clock.now();
    // What was booked since the first look is cancelled too: whoever acts on it waits for the patient's agenda.
    for (const appointment of await this.#toCome(patient, now)) {
      const { doctor } = appointment.state;
      const rules = (await this.policies.appointmentRules([doctor])).get(doctor)!;
      await this.appointments.save(appointment.cancel('patient', REASON, rules, now));
      const entity = { type: 'appointment', id: appointment.id };
      await this.audit.record({ action: 'appointment.cancel', entity, patient });
    }
  }

  async #toCome(patient: string, now: Instant): Promise<Appointment[]> {
    const from = addDays(dateAsIfUtc(now), -1);
    const filter = { patient, statuses: ACTIVE, from, order: 'asc' as const, limit: BATCH };
    const found: Appointment[] = [];
    for (let cursor: string | undefined; ;) {
      const { results, nextCursor } = await this.appointments.list({ ...filter, cursor }, now);
      found.push(...following(results, undefined, now));
      if (nextCursor === null) return found;
      cursor = nextCursor;
    }
  }
}
