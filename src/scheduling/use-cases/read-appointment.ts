import type { Actor } from '../../identity/index.js';
import type { HistoryLine } from '../domain/appointment.js';
import { Appointments } from '../ports.js';
import { AppointmentViews, type AppointmentView } from './appointment-views.js';

/** One appointment, and what happened to it, for its two people and admins. */
export class ReadAppointment {
  constructor(
    private readonly appointments: Appointments,
    private readonly views: AppointmentViews,
  ) {}

  async execute(actor: Actor, id: string): Promise<AppointmentView> {
    const party = await this.views.partyOf(actor);
    return this.views.one(party, await this.views.find(party, id));
  }

  async history(actor: Actor, id: string): Promise<readonly HistoryLine[]> {
    await this.views.find(await this.views.partyOf(actor), id);
    return this.appointments.history(id);
  }
}
