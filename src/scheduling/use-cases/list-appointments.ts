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
    const standing = await this.views.standingOf(actor);
    const nobodys = { results: [], nextCursor: null };
    if (standing.side !== 'admin') {
      const named = filter[standing.side];
      if (standing.profile === undefined || (named !== undefined && named !== standing.profile))
        return nobodys;
      filter = { ...filter, [standing.side]: standing.profile };
    }
    const { results, nextCursor } = await this.appointments.list(filter, this.clock.now());
    return { results: await this.views.all(standing, results), nextCursor };
  }
}
