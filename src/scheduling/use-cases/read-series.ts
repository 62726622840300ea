import type { Actor } from '../../identity/index.js';
import { AppointmentViews } from './appointment-views.js';
import { SeriesViews, type SeriesView } from './series-views.js';

/** One series with all its visits, for its two people and admins. */
export class ReadSeries {
  constructor(
    private readonly parties: AppointmentViews,
    private readonly views: SeriesViews,
  ) {}

  async execute(actor: Actor, id: string): Promise<SeriesView> {
    return this.views.one(await this.parties.partyOf(actor), id);
  }
}
