import { Brackets, EntitySchema, In, LessThanOrEqual, type SelectQueryBuilder } from 'typeorm';
import type { Instant } from '#libs/kernel/clock.js';
import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
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
import {
  ACTIVE,
  Appointment,
  type AppointmentStatus,
  type AppointmentState,
  type HistoryLine,
  type Side,
} from '../domain/appointment.js';
import { OPENS_CARD } from '../domain/care.js';
import { ActionNotAllowed } from '../domain/errors.js';
import type { Busy } from '../domain/slot-policy.js';
import { TimeSlot } from '../domain/time-slot.js';
import { Zone } from '../domain/zone.js';
import { Appointments, type AppointmentFilter, type DoctorsTime } from '../ports.js';
import { TypeOrmBusyTime } from './typeorm-busy-time.js';
import { TypeOrmOccupiedTime } from './typeorm-occupied-time.js';

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
  minutesBefore: number | null;
  visitTypeBefore: string | null;
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
    minutesBefore: integer({ name: 'minutes_before', nullable: true }),
    visitTypeBefore: text(100, { name: 'visit_type_before', nullable: true }),
  },
  foreignKeys: [reference('appointment_history_appointment_id_fk', 'appointment', 'Appointment')],
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

export class TypeOrmAppointments extends Appointments {
  readonly #occupiedTime: TypeOrmOccupiedTime;
  readonly #busyTime: TypeOrmBusyTime;

  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
    this.#occupiedTime = new TypeOrmOccupiedTime(transactions);
    this.#busyTime = new TypeOrmBusyTime(transactions);
  }

  async add(...appointments: readonly Appointment[]): Promise<void> {
    await this.transactions.manager.insert(appointmentSchema, appointments.map(toRow));
    await this.#addHistory(...appointments);
    await this.#occupiedTime.occupy(...appointments);
  }

  async save(appointment: Appointment): Promise<void> {
    const { id: _, ...row } = toRow(appointment);
    const before = { id: appointment.id, version: row.version - 1 };
    const { affected } = await this.transactions.manager.update(appointmentSchema, before, row);
    if (affected !== 1) throw ActionNotAllowed.overtaken();
    await this.#addHistory(appointment);
    await this.#occupiedTime.occupy(appointment);
    await this.#occupiedTime.free(appointment);
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
      const [startsAt, id] = decodeCursor<[number, string, string]>(cursor, 'instant', 'id', order);
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
    return pageOf(rows.map(toDomain), limit, ({ state }) => [state.slot.startsAt, state.id, order]);
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

  timeOf(
    doctors: readonly string[],
    patient: string | undefined,
    span: TimeSlot,
    now: Instant,
  ): Promise<ReadonlyMap<string, DoctorsTime>> {
    return this.#busyTime.of(doctors, patient, span, now);
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

  #query(): SelectQueryBuilder<AppointmentRow> {
    return this.transactions.manager.createQueryBuilder(appointmentSchema, 'a');
  }

  async #addHistory(...appointments: readonly Appointment[]): Promise<void> {
    const lines = appointments.flatMap(({ change, state }) =>
      change === null ? [] : [{ ...change, appointment: state.id, version: state.version }],
    );
    await this.transactions.manager.insert(historySchema, lines);
  }
}
