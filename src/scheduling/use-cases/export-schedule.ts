import { Clock } from '#libs/kernel/clock.js';
import { everyOf } from '#libs/kernel/page.js';
import type { Actor } from '../../identity/index.js';
import type { Absence } from '../domain/absence.js';
import type { HistoryLine } from '../domain/appointment.js';
import type { Series } from '../domain/series.js';
import type { SlotPolicy } from '../domain/slot-policy.js';
import { Zone } from '../domain/zone.js';
import {
  Absences,
  Appointments,
  Overrides,
  People,
  SeriesRegister,
  SlotPolicies,
  type Override,
} from '../ports.js';
import { AppointmentViews, type AppointmentView } from './appointment-views.js';

const PAGE = 100;

export interface ExportedAppointment {
  view: AppointmentView;
  history: readonly HistoryLine[];
}

/** What is held of somebody's time. Lists are read page by page, while they are written out. */
export interface ExportedSchedule {
  slotPolicy: SlotPolicy | undefined;
  absences: AsyncIterable<Absence>;
  overrides: AsyncIterable<Override>;
  series: AsyncIterable<Series>;
  appointments: AsyncIterable<ExportedAppointment>;
}

/** Tells a doctor or a patient all that is held of their own time: of the other side, what they may see, and nothing medical. */
export class ExportSchedule {
  constructor(
    private readonly appointments: Appointments,
    private readonly policies: SlotPolicies,
    private readonly absences: Absences,
    private readonly overrides: Overrides,
    private readonly register: SeriesRegister,
    private readonly people: People,
    private readonly views: AppointmentViews,
    private readonly clock: Clock,
  ) {}

  async execute({ userId, role }: Actor): Promise<ExportedSchedule> {
    const profile = role === 'admin' ? undefined : await this.people.profileOf({ userId, role });
    const doctor = role === 'doctor' ? profile : undefined;
    return {
      slotPolicy: doctor === undefined ? undefined : await this.#policyOf(doctor),
      absences: everyOf(doctor, (of, cursor) => this.absences.list(of, { limit: PAGE, cursor })),
      overrides: everyOf(doctor, (of, cursor) => this.overrides.list(of, { limit: PAGE, cursor })),
      series: everyOf(profile, (of, cursor) => this.register.listOf(of, { limit: PAGE, cursor })),
      appointments: everyOf(profile, (of, cursor) => this.#page(role as 'doctor' | 'patient', of, cursor)),
    };
  }

  async #policyOf(doctor: string): Promise<SlotPolicy> {
    const { timeZone } = (await this.people.findAnyDoctor(doctor))!;
    return this.policies.of(doctor, Zone.of(timeZone));
  }

  async #page(side: 'doctor' | 'patient', profile: string, cursor: string | undefined) {
    const filter = { [side]: profile, order: 'asc' as const, limit: PAGE, cursor };
    const { results, nextCursor } = await this.appointments.list(filter, this.clock.now());
    const views = await this.views.all({ side, profile }, results);
    const histories = await this.appointments.historiesOf(results.map(({ id }) => id));
    const exported = views.map((view) => ({ view, history: histories.get(view.appointment.id)! }));
    return { results: side === 'doctor' ? exported.map(withoutPatientsWords) : exported, nextCursor };
  }
}

/** Why patients came, and what they gave as reasons, is theirs. */
function withoutPatientsWords({ view, history }: ExportedAppointment): ExportedAppointment {
  return {
    view: { ...view, reasonForVisit: null },
    history: history.map((line) => (line.by === 'patient' ? { ...line, reason: null } : line)),
  };
}
