import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import type { Appointment } from '../domain/appointment.js';
import { Agendas, Appointments } from '../ports.js';

const BATCH = 100;

/** Cancels, in the clock's name, what nobody confirmed in time; its time is free at once. */
export class ExpireAppointments {
  constructor(
    private readonly transactions: Transactions,
    private readonly agendas: Agendas,
    private readonly appointments: Appointments,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** One batch, each in a unit of its own; true when there may be more. */
  async execute(): Promise<boolean> {
    const lapsed = await this.appointments.lapsed(this.clock.now(), BATCH);
    for (const appointment of lapsed) await this.transactions.run(() => this.#expire(appointment));
    return lapsed.length === BATCH;
  }

  /** Read anew under the locks: somebody may have cancelled it since. */
  async #expire({ id, state: { doctor, patient } }: Appointment): Promise<void> {
    await this.agendas.lock(doctor, patient);
    const appointment = await this.appointments.find(id);
    const now = this.clock.now();
    if (!appointment?.hasLapsed(now)) return;
    await this.appointments.save(appointment.expire(now));
    await this.audit.record({ action: 'appointment.expire', entity: { type: 'appointment', id }, patient });
  }
}
