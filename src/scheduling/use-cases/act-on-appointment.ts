import { Clock, type Instant } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import type { Actor } from '../../identity/index.js';
import type { Appointment, Side } from '../domain/appointment.js';
import { Agendas, Appointments } from '../ports.js';
import { AppointmentViews, type AppointmentView } from './appointment-views.js';

/** What all actions share: whose appointment it is, the locks, and the order of lock, read, decide, write. */
export class ActOnAppointment {
  constructor(
    private readonly transactions: Transactions,
    private readonly agendas: Agendas,
    private readonly appointments: Appointments,
    private readonly views: AppointmentViews,
    private readonly clock: Clock,
  ) {}

  async execute(
    actor: Actor,
    id: string,
    act: (appointment: Appointment, by: Side, now: Instant) => Appointment | Promise<Appointment>,
  ): Promise<AppointmentView> {
    const standing = await this.views.standingOf(actor);
    const { doctor, patient } = (await this.views.find(standing, id)).state;
    const changed = await this.transactions.run(async () => {
      await this.agendas.lock(doctor, patient);
      const appointment = await this.views.find(standing, id);
      const next = await act(appointment, standing.side, this.clock.now());
      await this.appointments.save(next);
      return next;
    });
    return this.views.one(standing, changed);
  }
}
