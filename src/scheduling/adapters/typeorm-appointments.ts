import { Brackets, EntitySchema, In, LessThanOrEqual, type SelectQueryBuilder } from 'typeorm';
import { MINUTE, type Instant } from '#libs/kernel/clock.js';
import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import { isUniqueViolation } from '#libs/persistence/database-errors.js';
import {
  flag,
  id,
  instant,
  integer,
  longText,
  primaryId,
  reference,
  text,
} from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Agenda } from '../domain/agenda.js';
import {
  ACTIVE,
  STATUSES,
  Appointment,
  isActive,
  type AppointmentStatus,
  type AppointmentState,
  type HistoryLine,
  type Side,
} from '../domain/appointment.js';
import { OPENS_CARD } from '../domain/care.js';
import { ActionNotAllowed } from '../domain/errors.js';
import { SlotRefused } from '../domain/refusals.js';
import type { Busy } from '../domain/slot-policy.js';
import { MAX_VISIT_MINUTES, TimeSlot } from '../domain/time-slot.js';
import { Zone } from '../domain/zone.js';
import { Appointments, type AppointmentFilter, type DoctorsTime } from '../ports.js';

export interface AppointmentRow {
  id: string;
  doctor: string;
  patient: string;
  startsAt: Instant;
  endsAt: Instant;
  timeZone: string;
  /** The date that the clocks of `timeZone` show at the start: what date filters compare with. */
  localDate: string;
  outsideHours: boolean;
  visitType: string;
  reasonForVisit: string;
  series: string | null;
  status: string;
  awaits: string | null;
  confirmBy: Instant | null;
  bookedBy: string;
  confirmedBy: string | null;
  timeChosenBy: string;
  timeChosenAt: Instant;
  cancelledBy: string | null;
  cancelledAt: Instant | null;
  cancellationReason: string | null;
  cancelledLate: boolean;
  exemptionReason: string | null;
  createdAt: Instant;
  updatedAt: Instant;
  version: number;
}

export const appointmentSchema = new EntitySchema<AppointmentRow>({
  name: 'Appointment',
  tableName: 'appointments',
  columns: {
    id: primaryId(),
    doctor: id({ name: 'doctor_id' }),
    patient: id({ name: 'patient_id' }),
    startsAt: instant({ name: 'starts_at' }),
    endsAt: instant({ name: 'ends_at' }),
    timeZone: text(64, { name: 'time_zone' }),
    localDate: text(10, { name: 'local_date' }),
    outsideHours: flag({ name: 'outside_hours', default: false }),
    visitType: text(100, { name: 'visit_type' }),
    reasonForVisit: longText({ name: 'reason_for_visit' }),
    series: id({ name: 'series_id', nullable: true }),
    status: text(12),
    awaits: text(10, { nullable: true }),
    confirmBy: instant({ name: 'confirm_by', nullable: true }),
    bookedBy: text(10, { name: 'booked_by' }),
    confirmedBy: text(10, { name: 'confirmed_by', nullable: true }),
    timeChosenBy: text(10, { name: 'time_chosen_by' }),
    timeChosenAt: instant({ name: 'time_chosen_at' }),
    cancelledBy: text(10, { name: 'cancelled_by', nullable: true }),
    cancelledAt: instant({ name: 'cancelled_at', nullable: true }),
    cancellationReason: longText({ name: 'cancellation_reason', nullable: true }),
    cancelledLate: flag({ name: 'cancelled_late' }),
    exemptionReason: longText({ name: 'exemption_reason', nullable: true }),
    createdAt: instant({ name: 'created_at' }),
    updatedAt: instant({ name: 'updated_at' }),
    version: integer(),
  },
  indices: [
    { name: 'appointments_doctor_starts', columns: ['doctor', 'startsAt'] },
    { name: 'appointments_patient_starts', columns: ['patient', 'startsAt'] },
    { name: 'appointments_starts', columns: ['startsAt', 'id'] },
    { name: 'appointments_series', columns: ['series'] },
    // Null unless pending, so that the few that can lapse are found among the many that cannot.
    { name: 'appointments_confirm_by', columns: ['confirmBy'] },
  ],
  foreignKeys: [
    reference('appointments_doctor_id_fk', 'doctor', 'Doctor'),
    reference('appointments_patient_id_fk', 'patient', 'Patient'),
    reference('appointments_series_id_fk', 'series', 'Series'),
  ],
});

export interface HistoryRow {
  appointment: string;
  /** The appointment's version after the change. */
  version: number;
  at: Instant;
  from: string | null;
  to: string;
  by: string;
  reason: string | null;
  movedFrom: Instant | null;
}

export const historySchema = new EntitySchema<HistoryRow>({
  name: 'AppointmentHistory',
  tableName: 'appointment_history',
  columns: {
    appointment: id({ name: 'appointment_id', primary: true }),
    version: integer({ primary: true }),
    at: instant({ name: 'changed_at' }),
    from: text(12, { name: 'from_status', nullable: true }),
    to: text(12, { name: 'to_status' }),
    by: text(10, { name: 'changed_by' }),
    reason: longText({ nullable: true }),
    movedFrom: instant({ name: 'moved_from', nullable: true }),
  },
  foreignKeys: [reference('appointment_history_appointment_id_fk', 'appointment', 'Appointment')],
});

/** The floor against double booking: one row for every five minutes of a person's occupied time, and no second one. */
export interface OccupiedTimeRow {
  person: string;
  tick: number;
  appointment: string;
}

export const occupiedTimeSchema = new EntitySchema<OccupiedTimeRow>({
  name: 'OccupiedTime',
  tableName: 'occupied_time',
  columns: {
    person: primaryId(),
    tick: instant({ primary: true }),
    appointment: id({ name: 'appointment_id' }),
  },
});

function toRow({ state }: Appointment): AppointmentRow {
  const { slot, cancellation, ...rest } = state;
  return {
    ...rest,
    startsAt: slot.startsAt,
    endsAt: slot.endsAt,
    localDate: Zone.of(state.timeZone).dateAt(slot.startsAt),
    cancelledBy: cancellation?.by ?? null,
    cancelledAt: cancellation?.at ?? null,
    cancellationReason: cancellation?.reason ?? null,
    cancelledLate: cancellation?.late ?? false,
  };
}

function toDomain(row: AppointmentRow): Appointment {
  const {
    startsAt,
    endsAt,
    localDate: _,
    cancelledBy,
    cancelledAt,
    cancellationReason,
    cancelledLate,
    ...rest
  } = row;
  return Appointment.restore({
    ...rest,
    slot: new TimeSlot(startsAt, endsAt),
    status: row.status as AppointmentStatus,
    awaits: row.awaits as AppointmentState['awaits'],
    bookedBy: row.bookedBy as Side,
    confirmedBy: row.confirmedBy as Side | null,
    timeChosenBy: row.timeChosenBy as Side,
    cancellation:
      cancelledBy === null
        ? null
        : { by: cancelledBy as Side, at: cancelledAt!, reason: cancellationReason, late: cancelledLate },
  });
}

function toHistoryLine({ appointment: _, version: __, ...line }: HistoryRow): HistoryLine {
  const { from, to, by } = line;
  return { ...line, from: from as AppointmentStatus | null, to: to as AppointmentStatus, by: by as Side };
}

/** Edges of a time as a raw query answers them: 64-bit integers are text on the servers. */
interface StoredTime {
  doctor: string;
  starts: number | string;
  ends: number | string;
}

interface TimeOf {
  doctor: string;
  patient: string;
  status: AppointmentStatus;
  slot: TimeSlot;
}

function byDoctor<T extends { doctor: string }>(times: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const time of times) {
    const others = found.get(time.doctor);
    if (others === undefined) found.set(time.doctor, [time]);
    else others.push(time);
  }
  return found;
}

function slotOf({ starts, ends }: Pick<StoredTime, 'starts' | 'ends'>): TimeSlot {
  return new TimeSlot(Number(starts), Number(ends));
}

export class TypeOrmAppointments extends Appointments {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async add(...appointments: readonly Appointment[]): Promise<void> {
    await this.transactions.manager.insert(appointmentSchema, appointments.map(toRow));
    await this.#addHistory(...appointments);
    await this.#occupy(...appointments);
  }

  async save(appointment: Appointment): Promise<void> {
    const { id: _, ...row } = toRow(appointment);
    const before = { id: appointment.id, version: row.version - 1 };
    const { affected } = await this.transactions.manager.update(appointmentSchema, before, row);
    if (affected !== 1) throw ActionNotAllowed.overtaken();
    await this.#addHistory(appointment);
    await this.#occupy(appointment);
    await this.#free(appointment);
  }

  async find(id: string): Promise<Appointment | undefined> {
    const row = await this.transactions.manager.findOneBy(appointmentSchema, { id });
    return row ? toDomain(row) : undefined;
  }

  async list(filter: AppointmentFilter, now: Instant): Promise<Page<Appointment>> {
    const { order, limit, cursor } = filter;
    const query = this.#query();
    if (filter.doctor !== undefined) query.andWhere('a.doctor = :doctor', filter);
    if (filter.patient !== undefined) query.andWhere('a.patient = :patient', filter);
    if (filter.statuses !== undefined) query.andWhere({ status: In(filter.statuses) });
    if (filter.from !== undefined) query.andWhere('a.localDate >= :from', filter);
    if (filter.to !== undefined) query.andWhere('a.localDate <= :to', filter);
    if (filter.needsOutcome !== undefined) {
      const needs = `a.endsAt <= :now AND a.status IN ('confirmed', 'checked_in')`;
      query.andWhere(filter.needsOutcome ? `(${needs})` : `NOT (${needs})`, { now });
    }
    if (cursor !== undefined) {
      const [startsAt, id] = decodeCursor<[number, string]>(cursor, 'instant', 'id');
      const beyond = order === 'asc' ? '>' : '<';
      // Says nothing new, but bounds the index, of which a place deep inside would else be reached by reading all before.
      query.andWhere(`a.startsAt ${beyond}= :startsAt`);
      query.andWhere(
        new Brackets((where) =>
          where
            .where(`a.startsAt ${beyond} :startsAt`, { startsAt })
            .orWhere(`a.startsAt = :startsAt AND a.id ${beyond} :id`, { id }),
        ),
      );
    }
    const direction = order === 'asc' ? 'ASC' : 'DESC';
    const rows = await query
      .orderBy('a.startsAt', direction)
      .addOrderBy('a.id', direction)
      .take(limit + 1)
      .getMany();
    return pageOf(rows.map(toDomain), limit, ({ state }) => [state.slot.startsAt, state.id]);
  }

  async history(id: string): Promise<readonly HistoryLine[]> {
    const rows = await this.transactions.manager.find(historySchema, {
      where: { appointment: id },
      order: { version: 'ASC' },
    });
    return rows.map(toHistoryLine);
  }

  async historiesOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly HistoryLine[]>> {
    const lines = new Map<string, HistoryLine[]>(ids.map((id) => [id, []]));
    if (ids.length === 0) return lines;
    const rows = await this.transactions.manager.find(historySchema, {
      where: { appointment: In(ids) },
      order: { appointment: 'ASC', version: 'ASC' },
    });
    for (const row of rows) lines.get(row.appointment)!.push(toHistoryLine(row));
    return lines;
  }

  async ofPair(doctor: string, patient: string): Promise<readonly Appointment[]> {
    const rows = await this.transactions.manager.find(appointmentSchema, {
      where: { doctor, patient },
      order: { createdAt: 'ASC', id: 'ASC' },
    });
    return rows.map(toDomain);
  }

  async ofSeries(series: string): Promise<readonly Appointment[]> {
    const rows = await this.transactions.manager.find(appointmentSchema, {
      where: { series },
      order: { startsAt: 'ASC', id: 'ASC' },
    });
    return rows.map(toDomain);
  }

  async upcoming(
    doctor: string,
    { startsAt, id }: { startsAt: Instant; id?: string | undefined },
    limit: number,
  ): Promise<readonly Appointment[]> {
    const rows = await this.#query()
      .andWhere('a.doctor = :doctor AND a.startsAt >= :startsAt', { doctor, startsAt })
      .andWhere(id === undefined ? 'a.startsAt > :startsAt' : '(a.startsAt > :startsAt OR a.id > :id)', {
        id,
      })
      .andWhere({ status: In(ACTIVE) })
      .orderBy('a.startsAt', 'ASC')
      .addOrderBy('a.id', 'ASC')
      .take(limit)
      .getMany();
    return rows.map(toDomain);
  }

  async lapsed(now: Instant, limit: number): Promise<readonly Appointment[]> {
    const rows = await this.transactions.manager.find(appointmentSchema, {
      where: { confirmBy: LessThanOrEqual(now) },
      order: { confirmBy: 'ASC', id: 'ASC' },
      take: limit,
    });
    return rows.map(toDomain);
  }

  async busy(doctor: string, patient: string | undefined, span: TimeSlot, now: Instant): Promise<Busy> {
    return (await this.timeOf([doctor], patient, span, now)).get(doctor)!.busy;
  }

  async timeOf(
    doctors: readonly string[],
    patient: string | undefined,
    span: TimeSlot,
    now: Instant,
  ): Promise<ReadonlyMap<string, DoctorsTime>> {
    if (doctors.length === 0) return new Map();
    const times = await this.#timesOf(doctors, patient, span);
    const inSpan = times.filter(({ slot }) => slot.overlaps(span));
    const ofPatient = inSpan.filter((time) => time.patient === patient && isActive(time));
    const agendaOfPatient = new Agenda(ofPatient.map(({ slot }) => slot));
    const ofPair = byDoctor(times.filter((time) => time.patient === patient));
    const ofDoctor = byDoctor(inSpan);
    const absences = byDoctor(await this.#absencesOf(doctors, span));
    const timeOf = (doctor: string): DoctorsTime => {
      const own = ofDoctor.get(doctor) ?? [];
      const earlier = ofPair.get(doctor) ?? [];
      const busy = {
        doctor: new Agenda(own.filter(isActive).map(({ slot }) => slot)),
        starts: own.map(({ slot }) => slot.startsAt),
        absences: new Agenda((absences.get(doctor) ?? []).map(({ slot }) => slot)),
        patient: agendaOfPatient,
        openWithDoctor: earlier.filter((time) => isActive(time) && time.slot.startsAt > now).length,
      };
      return { busy, earlier };
    };
    return new Map(doctors.map((doctor) => [doctor, timeOf(doctor)]));
  }

  async patientsTreatedBy(
    doctor: string,
    since: Instant,
    among?: readonly string[],
  ): Promise<readonly string[]> {
    const query = this.#query()
      .select('a.patient', 'patient')
      .distinct()
      .andWhere('a.doctor = :doctor AND a.endsAt > :since', { doctor, since })
      .andWhere({ status: In(OPENS_CARD) })
      .orderBy('a.patient');
    if (among !== undefined) query.andWhere({ patient: In(among) });
    return (await query.getRawMany<{ patient: string }>()).map(({ patient }) => patient);
  }

  /** All but the cancelled appointments: of the doctors, those that overlap the span; of the patient, every one. */
  async #timesOf(
    doctors: readonly string[],
    patient: string | undefined,
    { startsAt, endsAt }: TimeSlot,
  ): Promise<TimeOf[]> {
    // The lower bound of the start lets an index on it serve.
    const earliest = startsAt - MAX_VISIT_MINUTES * MINUTE;
    const ofDoctors = `a.doctor IN (:...doctors) AND a.startsAt >= :earliest AND a.startsAt < :endsAt AND a.endsAt > :startsAt`;
    const rows = await this.#query()
      .select(['a.doctor AS doctor', 'a.patient AS patient', 'a.status AS status'])
      .addSelect(['a.startsAt AS starts', 'a.endsAt AS ends'])
      .where(patient === undefined ? ofDoctors : `((${ofDoctors}) OR a.patient = :patient)`, {
        doctors,
        patient,
        earliest,
        startsAt,
        endsAt,
      })
      .andWhere({ status: In(STATUSES.filter((status) => status !== 'cancelled')) })
      .getRawMany<StoredTime & { patient: string; status: AppointmentStatus }>();
    return rows.map(({ doctor, patient, status, ...edges }) => ({
      doctor,
      patient,
      status,
      slot: slotOf(edges),
    }));
  }

  /** What the absences keep of the doctors' time; who keeps them is a matter of their own port. */
  async #absencesOf(
    doctors: readonly string[],
    { startsAt, endsAt }: TimeSlot,
  ): Promise<{ doctor: string; slot: TimeSlot }[]> {
    const rows = await this.transactions.manager
      .createQueryBuilder('Absence', 'absence')
      .select('absence.doctor', 'doctor')
      .addSelect(['absence.startsAt AS starts', 'absence.endsAt AS ends'])
      .where('absence.doctor IN (:...doctors) AND absence.endsAt > :startsAt', { doctors, startsAt })
      .andWhere('absence.startsAt < :endsAt', { endsAt })
      .getRawMany<StoredTime>();
    return rows.map(({ doctor, ...edges }) => ({ doctor, slot: slotOf(edges) }));
  }

  #query(): SelectQueryBuilder<AppointmentRow> {
    return this.transactions.manager.createQueryBuilder(appointmentSchema, 'a');
  }

  async #addHistory(...appointments: readonly Appointment[]): Promise<void> {
    const lines = appointments.flatMap(({ change, state }) =>
      change === null ? [] : [{ ...change, appointment: state.id, version: state.version }],
    );
    await this.transactions.manager.insert(historySchema, lines);
  }

  /** In key order, so that two writers meet at the first common row instead of locking each other out. */
  async #occupy(...appointments: readonly Appointment[]): Promise<void> {
    const { doctor, patient } = appointments[0]!.state;
    for (const person of [doctor, patient].toSorted()) {
      for (const appointment of appointments) await this.#occupyOf(person, appointment);
    }
  }

  async #occupyOf(person: string, { id: appointment, state, before }: Appointment): Promise<void> {
    const ticks = gained(ticksOf(state), ticksOf(before));
    if (ticks.length === 0) return;
    try {
      const rows = ticks.map((tick) => ({ person, tick, appointment }));
      await this.transactions.manager.insert(occupiedTimeSchema, rows);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const refusal = person === state.doctor ? 'slot-taken' : 'patient-busy';
      throw new SlotRefused(refusal, { startsAt: state.slot.startsAt });
    }
  }

  async #free({ id: appointment, state, before }: Appointment): Promise<void> {
    const ticks = gained(ticksOf(before), ticksOf(state));
    if (ticks.length === 0) return;
    const persons = [state.doctor, state.patient];
    await this.transactions.manager.delete(occupiedTimeSchema, {
      person: In(persons),
      tick: In(ticks),
      appointment,
    });
  }
}

function ticksOf(state: Readonly<AppointmentState> | null): number[] {
  return state !== null && isActive(state) ? state.slot.ticks() : [];
}

function gained(ticks: readonly number[], before: readonly number[]): number[] {
  return ticks.filter((tick) => !before.includes(tick));
}
