import type { Instant } from '#libs/kernel/clock.js';
import { encodeCursor, type Page } from '#libs/kernel/page.js';
import type { Conflict } from '../../doctors/index.js';
import type { Absence } from '../domain/absence.js';
import { Agenda } from '../domain/agenda.js';
import type { Appointment } from '../domain/appointment.js';
import { formatTime } from '../domain/calendar.js';
import { conflictReasons, type ConflictReason } from '../domain/conflict.js';
import type { SlotPolicy } from '../domain/slot-policy.js';
import { Zone } from '../domain/zone.js';
import { Absences, Appointments, SlotPolicies, type Doctor } from '../ports.js';
import { AppointmentViews, type AppointmentView, type Standing } from './appointment-views.js';

/** Where a doctor's time is, as it is kept or as a change would leave it. */
export interface DoctorsRules {
  policy: SlotPolicy;
  /** Those that have not ended, by start. */
  absences: readonly Absence[];
}

export interface FoundConflict {
  appointment: Appointment;
  reasons: readonly ConflictReason[];
}

/** How many appointments are read at a time. */
const BATCH = 200;

/** The appointments that a doctor's present rules, or those of a change, leave outside. */
export class FindConflicts {
  constructor(
    private readonly appointments: Appointments,
    private readonly policies: SlotPolicies,
    private readonly absences: Absences,
    private readonly views: AppointmentViews,
  ) {}

  async rulesOf({ id, timeZone }: Doctor, now: Instant): Promise<DoctorsRules> {
    const policy = await this.policies.of(id, Zone.of(timeZone));
    return { policy, absences: await this.absences.endingAfter(id, now) };
  }

  /** By start, then id; those after a place in this list, or all that start after now. */
  async page(
    doctor: string,
    { policy, absences }: DoctorsRules,
    from: { startsAt: Instant; id?: string },
    limit: number,
  ): Promise<Page<FoundConflict>> {
    const away = new Agenda(absences.map(({ slot }) => slot));
    const results: FoundConflict[] = [];
    for (let after = from; ;) {
      const batch = await this.appointments.upcoming(doctor, after, BATCH);
      for (const appointment of batch) {
        const reasons = conflictReasons(appointment.state, policy, away);
        if (reasons.length === 0) continue;
        const last = results.at(-1)?.appointment;
        if (last !== undefined && results.length === limit) {
          return { results, nextCursor: encodeCursor([last.state.slot.startsAt, last.id]) };
        }
        results.push({ appointment, reasons });
      }
      const end = batch.at(-1);
      if (end === undefined || batch.length < BATCH) return { results, nextCursor: null };
      after = { startsAt: end.state.slot.startsAt, id: end.id };
    }
  }

  async shown(standing: Standing, found: readonly FoundConflict[]): Promise<Conflict[]> {
    const appointments = found.map(({ appointment }) => appointment);
    const views = await this.views.all(standing, appointments);
    return views.map((view, i) => toConflict(view, found[i]!.reasons));
  }
}

function toConflict(
  { appointment, patientName }: AppointmentView,
  reasons: readonly ConflictReason[],
): Conflict {
  const { patient, slot, timeZone, visitType } = appointment.state;
  const { date, time } = Zone.of(timeZone).wallClockAt(slot.startsAt);
  return {
    appointment: appointment.id,
    patient,
    patientName,
    startsAt: slot.startsAt,
    endsAt: slot.endsAt,
    date,
    time: formatTime(time),
    timeZone,
    visitType,
    reasons,
  };
}
