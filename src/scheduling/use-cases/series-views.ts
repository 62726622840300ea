import { NotFound } from '#libs/kernel/errors.js';
import type { Series } from '../domain/series.js';
import { Appointments, SeriesRegister } from '../ports.js';
import { AppointmentViews, type AppointmentView, type Party } from './appointment-views.js';
import type { Outcome } from './once-per-key.js';

/** A series as one actor may see it. */
export interface SeriesView {
  series: Series;
  /** By start. */
  appointments: readonly AppointmentView[];
}

/** What a request about a series is answered. */
export interface SeriesAnswer {
  view: SeriesView;
  status: number;
  /** An earlier request of the same key had the effect. */
  replayed: boolean;
}

/** Who sees what of series: their two people and admins, each as they may see the appointments. */
export class SeriesViews {
  constructor(
    private readonly register: SeriesRegister,
    private readonly appointments: Appointments,
    private readonly views: AppointmentViews,
  ) {}

  /** The series, if it is the actor's own or the actor is an admin; NotFound otherwise. */
  async find(party: Party, id: string): Promise<Series> {
    const series = await this.register.find(id);
    const isOwn = party.side === 'admin' || series?.[party.side] === party.profile;
    if (series === undefined || !isOwn) throw new NotFound('series');
    return series;
  }

  async one(party: Party, id: string): Promise<SeriesView> {
    const series = await this.find(party, id);
    const appointments = await this.appointments.ofSeries(id);
    return { series, appointments: await this.views.all(party, appointments) };
  }

  /** The series that an appointment of the outcome belongs to, authorised and shown as it is now. */
  async answer(party: Party, { appointment, status, replayed }: Outcome): Promise<SeriesAnswer> {
    return { view: await this.one(party, appointment.state.series!), status, replayed };
  }
}
