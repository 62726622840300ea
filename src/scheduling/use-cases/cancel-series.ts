import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import type { Actor } from '../../identity/index.js';
import type { Appointment } from '../domain/appointment.js';
import type { CalendarDate } from '../domain/calendar.js';
import { ActionNotAllowed } from '../domain/errors.js';
import { following, type Series } from '../domain/series.js';
import { Agendas, Appointments, SlotPolicies, type KeyedRequest } from '../ports.js';
import { AppointmentViews, type Party } from './appointment-views.js';
import { OncePerKey } from './once-per-key.js';
import { SeriesViews, type SeriesAnswer } from './series-views.js';

export interface CancelSeriesInput {
  actor: Actor;
  id: string;
  /** The first date that is cancelled; all visits to come unless told. */
  from?: CalendarDate | undefined;
  reason: string | null;
  once?: KeyedRequest | undefined;
}

/** Cancels, each as it would be by itself, the visits of a series that are still to come. */
export class CancelSeries {
  constructor(
    private readonly once: OncePerKey,
    private readonly agendas: Agendas,
    private readonly appointments: Appointments,
    private readonly policies: SlotPolicies,
    private readonly parties: AppointmentViews,
    private readonly views: SeriesViews,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws NotFound, and ActionNotAllowed where nothing is left to cancel. */
  async execute(input: CancelSeriesInput): Promise<SeriesAnswer> {
    const party = await this.parties.partyOf(input.actor);
    const series = await this.views.find(party, input.id);
    const outcome = await this.once.run(input.once, 200, () => this.#cancel(series, input, party));
    return this.views.answer(party, outcome);
  }

  async #cancel(
    { id, doctor, patient }: Series,
    { from, reason }: CancelSeriesInput,
    party: Party,
  ): Promise<Appointment> {
    await this.agendas.lock(doctor, patient);
    await this.parties.assertStillHere(party);
    const now = this.clock.now();
    const rules = (await this.policies.appointmentRules([doctor])).get(doctor)!;
    const toCome = following(await this.appointments.ofSeries(id), from, now);
    if (toCome.length === 0) throw ActionNotAllowed.nothingFollows(from);
    for (const one of toCome) await this.appointments.save(one.cancel(party.side, reason, rules, now));
    await this.audit.record({ action: 'series.cancel', entity: { type: 'series', id }, patient });
    return toCome[0]!;
  }
}
