import type { Instant } from '#libs/kernel/clock.js';
import { encodeCursor, type Page } from '#libs/kernel/page.js';
import type { Conflict } from '../../doctors/index.js';
import type { Absence } from '../domain/absence.js';
import { Agenda } from '../domain/agenda.js';
import { ACTIVE, type Appointment } from '../domain/appointment.js';
import { addDays, dateAsIfUtc, formatTime } from '../domain/calendar.js';
import { conflictReasons, type ConflictReason, type DoctorsDays } from '../domain/conflict.js';
import type { DoctorStanding } from '../domain/standing.js';
import type { SlotPolicy } from '../domain/slot-policy.js';
import { widestSpanOf, Zone } from '../domain/zone.js';
import { Absences, Appointments, People, SlotPolicies, type Doctor } from '../ports.js';
import { AppointmentViews, type AppointmentView, type Party } from './appointment-views.js';

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

/** How many of its conflicts a change answers with. */
export const CONFLICTS_TOLD = 100;

/** How many appointments are read at a time. */
const BATCH = 200;

/** The appointments that a doctor's present rules, or those of a change, leave outside. */
export class FindConflicts {
  constructor(
    private readonly appointments: Appointments,
    private readonly policies: SlotPolicies,
    private readonly absences: Absences,
    private readonly people: People,
    private readonly views: AppointmentViews,
  ) {}

  async rulesOf({ id, timeZone }: Doctor, now: Instant): Promise<DoctorsRules> {
    const policy = await this.policies.of(id, Zone.of(timeZone));
    return { policy, absences: await this.absences.endingAfter(id, now) };
  }

  /**
   * By start, then id; those after a place in this list, or all that start after now. How the doctor stands is read
   * unless it is told.
   */
  page(
    doctor: string,
    rules: DoctorsRules,
    from: { startsAt: Instant; id?: string },
    limit: number,
    standing?: DoctorStanding,
  ): Promise<Page<FoundConflict>> {
    return this.#page(doctor, [rules], from, limit, standing);
  }

  /**
   * The first of those that a change of rules makes: appointments with a reason that the rules before did not give them,
   * each with all its reasons.
   */
  async madeBy(
    doctor: string,
    { before, after }: Record<'before' | 'after', DoctorsRules>,
    now: Instant,
  ): Promise<readonly FoundConflict[]> {
    return (await this.#page(doctor, [after, before], { startsAt: now }, CONFLICTS_TOLD)).results;
  }

  /** Outside the first rules for a reason that there is not by any of the others. */
  async #page(
    doctor: string,
    rules: readonly DoctorsRules[],
    from: { startsAt: Instant; id?: string },
    limit: number,
    standing?: DoctorStanding,
  ): Promise<Page<FoundConflict>> {
    const stands = standing ?? (await this.people.findAnyDoctor(doctor))!;
    const judging = rules.map(({ policy, absences }) => ({ policy, away: awayDuring(absences) }));
    const policies = rules.map(({ policy }) => policy);
    const results: FoundConflict[] = [];
    for (let after = from; ;) {
      const batch = await this.appointments.upcoming(doctor, after, BATCH);
      const gone = await this.people.deactivatedAmong(patientsOf(batch));
      const around = await this.#around(doctor, policies, batch, from.startsAt);
      for (const appointment of batch) {
        const patientActive = !gone.has(appointment.state.patient);
        const people = { doctor: stands, patientActive };
        const [reasons = [], ...others] = judging.map(({ policy, away }) =>
          conflictReasons(appointment.state, policy, { absences: away, ...around }, people),
        );
        if (reasons.every((reason) => others.some((known) => known.includes(reason)))) continue;
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

  /** The first of a patient's conflicts with any doctor, by start; the patient's own standing is told. */
  async ofPatient(
    patient: string,
    patientActive: boolean,
    now: Instant,
    limit: number,
  ): Promise<FoundConflict[]> {
    const from = addDays(dateAsIfUtc(now), -1);
    const filter = { patient, statuses: ACTIVE, from, order: 'asc' as const, limit: BATCH };
    const known = new Map<string, { rules: DoctorsRules; stands: DoctorStanding; away: Agenda }>();
    const found: FoundConflict[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await this.appointments.list({ ...filter, cursor }, now);
      for (const appointment of page.results) {
        const { doctor, slot } = appointment.state;
        if (slot.startsAt <= now) continue;
        if (!known.has(doctor)) {
          const stands = (await this.people.findAnyDoctor(doctor))!;
          const rules = await this.rulesOf(stands, now);
          known.set(doctor, { rules, stands, away: awayDuring(rules.absences) });
        }
        const { rules, stands, away } = known.get(doctor)!;
        const standing = { doctor: stands, patientActive };
        const days = { absences: away, ...(await this.#around(doctor, [rules.policy], [appointment], now)) };
        const reasons = conflictReasons(appointment.state, rules.policy, days, standing);
        if (reasons.length > 0) found.push({ appointment, reasons });
        if (found.length === limit) return found;
      }
      if (page.nextCursor === null) return found;
      cursor = page.nextCursor;
    }
  }

  /** What stands beside these appointments, which are in order: on their dates, and as near as a buffer reaches. */
  async #around(
    doctor: string,
    policies: readonly SlotPolicy[],
    appointments: readonly Appointment[],
    now: Instant,
  ): Promise<Omit<DoctorsDays, 'absences'>> {
    const [first, last] = [appointments[0], appointments.at(-1)];
    const minding = policies.filter((policy) => policy.mindsNeighbours);
    if (minding.length === 0 || first === undefined) return { doctor: Agenda.EMPTY, starts: [] };
    const dates = minding
      .flatMap(({ zone }) => [first, last!].map(({ state }) => zone.dateAt(state.slot.startsAt)))
      .toSorted();
    const span = widestSpanOf(dates[0]!, dates.at(-1));
    const busy = await this.appointments.busy(doctor, undefined, span, now);
    return { doctor: busy.doctor, starts: busy.starts.toSorted((a, b) => a - b) };
  }

  async shown(party: Party, found: readonly FoundConflict[]): Promise<Conflict[]> {
    const appointments = found.map(({ appointment }) => appointment);
    const views = await this.views.all(party, appointments);
    return views.map((view, i) => toConflict(view, found[i]!.reasons));
  }
}

function awayDuring(absences: readonly Absence[]): Agenda {
  return new Agenda(absences.map(({ slot }) => slot));
}

function patientsOf(appointments: readonly Appointment[]): string[] {
  return [...new Set(appointments.map(({ state }) => state.patient))];
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
