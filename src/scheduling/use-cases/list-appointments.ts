import { Clock } from '#libs/kernel/clock.js';
import type { Page } from '#libs/kernel/page.js';
import type { Actor } from '../../identity/index.js';
import { Appointments, type AppointmentFilter } from '../ports.js';
import { AppointmentViews, type AppointmentView } from './appointment-views.js';

/** The actor's own appointments; an admin's are all. */
export class ListAppointments {
  constructor(
    private readonly appointments: Appointments,
    private readonly views: AppointmentViews,
    private readonly clock: Clock,
  ) {}

  async execute(actor: Actor, filter: AppointmentFilter): Promise<Page<AppointmentView>> {
    const party = await this.views.partyOf(actor);
    const nobodys = { results: [], nextCursor: null };
    if (party.side !== 'admin') {
      const named = filter[party.side];
      if (party.profile === undefined || (named !== undefined && named !== party.profile)) return nobodys;
      filter = { ...filter, [party.side]: party.profile };
    }
    const { results, nextCursor } = await this.appointments.list(filter, this.clock.now());
    return { results: await this.views.all(party, results), nextCursor };
  }
}
