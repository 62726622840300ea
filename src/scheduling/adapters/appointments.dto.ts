import { ApiProperty } from '@nestjs/swagger';
import { InvalidRequest } from '#libs/kernel/errors.js';
import {
  BooleanParameter,
  DateField,
  EnumField,
  EnumListParameter,
  IdField,
  IntegerField,
  TextField,
  TimeField,
  toInstantText,
} from '#libs/nest/fields.js';
import { PageOf, PageQuery } from '#libs/nest/page.dto.js';
import type { Actor } from '../../identity/index.js';
import {
  ACTIONS,
  SIDES,
  STATUSES,
  type Action,
  type AppointmentStatus,
  type HistoryLine,
  type Side,
} from '../domain/appointment.js';
import { formatTime, parseTime } from '../domain/calendar.js';
import { MAX_VISIT_MINUTES, TICK_MINUTES } from '../domain/time-slot.js';
import { Zone } from '../domain/zone.js';
import type { AppointmentFilter } from '../ports.js';
import type { AppointmentView } from '../use-cases/appointment-views.js';
import type { BookAppointmentInput } from '../use-cases/book-appointment.js';
import type { Choice } from '../use-cases/slot-requests.js';

/** A time and a visit. */
class ChoiceRequest {
  @DateField({ description: "In the doctor's zone.", example: '2030-01-07' })
  date: string;

  @TimeField({ description: "On the wall clock of the doctor's zone.", example: '09:00' })
  time: string;

  @TextField({
    max: 100,
    optional: true,
    description:
      'Name of a visit type of the doctor. Unless told: the first that you may book; the same as before where it is moved.',
    example: 'consultation',
  })
  visit_type?: string;

  @IntegerField({
    min: TICK_MINUTES,
    max: MAX_VISIT_MINUTES,
    multipleOf: TICK_MINUTES,
    optional: true,
    description: 'Doctor and admin only: another length than that of the visit type.',
  })
  duration_minutes?: number;

  @TextField({
    max: 2000,
    multiline: true,
    optional: true,
    description: 'Admin only, and kept: why the rules that hold for patients are set aside.',
  })
  exemption_reason?: string;

  toChoice(): Choice {
    return {
      date: this.date,
      time: parseTime(this.time),
      visitType: this.visit_type,
      durationMinutes: this.duration_minutes,
      exemptionReason: this.exemption_reason,
    };
  }
}

export class BookAppointmentRequest extends ChoiceRequest {
  @IdField({
    optional: true,
    description: 'Id of the doctor profile. A doctor leaves it out.',
    example: '01900000-0000-7000-8000-0000000000d1',
  })
  doctor?: string;

  @IdField({ optional: true, description: 'Id of the patient profile. A patient leaves it out.' })
  patient?: string;

  @TextField({ max: 2000, multiline: true, optional: true, example: 'Palpitations when climbing stairs' })
  reason_for_visit: string = 'General Checkup';

  toInput(actor: Actor): BookAppointmentInput {
    return {
      actor,
      doctor: this.doctor,
      patient: this.patient,
      reasonForVisit: this.reason_for_visit,
      ...this.toChoice(),
    };
  }
}

export class RescheduleAppointmentRequest extends ChoiceRequest {
  @TextField({
    max: 2000,
    multiline: true,
    optional: true,
    nullable: true,
    description: 'Kept in the history.',
    example: 'I have to work in the morning',
  })
  reason?: string | null;
}

export class ReasonRequest {
  @TextField({
    max: 2000,
    multiline: true,
    optional: true,
    nullable: true,
    description: 'Kept in the history.',
  })
  reason?: string | null;
}

export class AppointmentsQuery extends PageQuery {
  @EnumListParameter({ values: STATUSES, enumName: 'AppointmentStatus', description: 'May repeat.' })
  status?: AppointmentStatus[];

  @BooleanParameter({
    description: 'Only those that are confirmed or checked in and have ended (or, `false`, all others).',
  })
  needs_outcome?: boolean;

  @DateField({ optional: true, description: 'First date, compared with the `date` of the answers.' })
  date_from?: string;

  @DateField({ optional: true, description: 'Last date, included.' })
  date_to?: string;

  @IdField({ optional: true })
  doctor?: string;

  @IdField({ optional: true })
  patient?: string;

  @EnumField({
    values: ['asc', 'desc'],
    enumName: 'Order',
    optional: true,
    description: 'By `starts_at`, then `id`.',
  })
  order: 'asc' | 'desc' = 'asc';

  toFilter(): AppointmentFilter {
    if (this.date_from !== undefined && this.date_to !== undefined && this.date_to < this.date_from)
      throw InvalidRequest.at('date_to', 'date', 'must not be before date_from');
    return {
      doctor: this.doctor,
      patient: this.patient,
      statuses: this.status,
      needsOutcome: this.needs_outcome,
      from: this.date_from,
      to: this.date_to,
      order: this.order,
      limit: this.limit,
      cursor: this.cursor,
    };
  }
}

export class AppointmentResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid', description: 'Id of the doctor profile.' })
  doctor: string;

  @ApiProperty({ format: 'uuid', description: 'Id of the patient profile.' })
  patient: string;

  @ApiProperty({ example: 'Clara Sommer' })
  doctor_name: string;

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Null to a doctor who may not know it yet, and when the patient has closed the account.',
  })
  patient_name: string | null;

  @ApiProperty({ format: 'date', description: 'At the start, on the clocks of `time_zone`.' })
  date: string;

  @ApiProperty({ pattern: '^[0-2][0-9]:[0-5][0-9]$' })
  time: string;

  @ApiProperty({ format: 'date-time' })
  starts_at: string;

  @ApiProperty({ format: 'date-time', description: 'The first instant that is free again.' })
  ends_at: string;

  @ApiProperty({ description: "The doctor's IANA zone when the time was chosen.", example: 'Europe/Berlin' })
  time_zone: string;

  @ApiProperty({ type: 'integer' })
  duration_minutes: number;

  @ApiProperty({ example: 'consultation' })
  visit_type: string;

  @ApiProperty({ type: 'string', nullable: true, description: 'Null to an admin.' })
  reason_for_visit: string | null;

  @ApiProperty({ enum: STATUSES, enumName: 'AppointmentStatus' })
  status: AppointmentStatus;

  @ApiProperty({
    enum: ['doctor', 'patient'],
    enumName: 'Awaits',
    nullable: true,
    description: 'Who must still confirm. Null unless `pending`.',
  })
  awaits: 'doctor' | 'patient' | null;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'Until when it can be confirmed.',
  })
  confirm_by: string | null;

  @ApiProperty({
    enum: ACTIONS,
    enumName: 'Action',
    isArray: true,
    description: 'What you may do with it now; each is the last part of its path.',
  })
  allowed_actions: Action[];

  @ApiProperty({ enum: SIDES, enumName: 'Side', nullable: true })
  cancelled_by: Side | null;

  @ApiProperty({ description: "The patient cancelled within the doctor's cancellation notice." })
  cancelled_late: boolean;

  @ApiProperty({ type: 'string', nullable: true })
  cancellation_reason: string | null;

  @ApiProperty({ type: 'string', format: 'uuid', nullable: true, description: 'The series it belongs to.' })
  series: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  @ApiProperty({ format: 'date-time' })
  updated_at: string;

  @ApiProperty({ type: 'integer', description: 'One more with each change.' })
  version: number;

  static of({ appointment, ...view }: AppointmentView): AppointmentResponse {
    const { state } = appointment;
    const wall = Zone.of(state.timeZone).wallClockAt(state.slot.startsAt);
    return {
      id: state.id,
      doctor: state.doctor,
      patient: state.patient,
      doctor_name: view.doctorName,
      patient_name: view.patientName,
      date: wall.date,
      time: formatTime(wall.time),
      starts_at: toInstantText(state.slot.startsAt),
      ends_at: toInstantText(state.slot.endsAt),
      time_zone: state.timeZone,
      duration_minutes: state.slot.minutes,
      visit_type: state.visitType,
      reason_for_visit: view.reasonForVisit,
      status: state.status,
      awaits: state.awaits,
      confirm_by: state.confirmBy === null ? null : toInstantText(state.confirmBy),
      allowed_actions: [...view.allowedActions],
      cancelled_by: state.cancellation?.by ?? null,
      cancelled_late: state.cancellation?.late ?? false,
      cancellation_reason: state.cancellation?.reason ?? null,
      series: state.series,
      created_at: toInstantText(state.createdAt),
      updated_at: toInstantText(state.updatedAt),
      version: state.version,
    };
  }
}

export class AppointmentsPage extends PageOf(AppointmentResponse) {}

export class HistoryLineResponse {
  @ApiProperty({ format: 'date-time' })
  at: string;

  @ApiProperty({
    enum: STATUSES,
    enumName: 'AppointmentStatus',
    nullable: true,
    description: 'Null for the first line.',
  })
  from: AppointmentStatus | null;

  @ApiProperty({ enum: STATUSES, enumName: 'AppointmentStatus' })
  to: AppointmentStatus;

  @ApiProperty({ enum: SIDES, enumName: 'Side' })
  by: Side;

  @ApiProperty({ type: 'string', nullable: true })
  reason: string | null;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'When it was to start before it was moved. Null where the start stands.',
  })
  moved_from: string | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'How long it was to last before it was moved. Null where the length stands.',
  })
  duration_minutes_before: number | null;

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'The visit type that it had before it was moved. Null where that stands.',
  })
  visit_type_before: string | null;

  static of(this: void, { at, from, to, by, reason, ...replaced }: HistoryLine): HistoryLineResponse {
    const { movedFrom, minutesBefore, visitTypeBefore } = replaced;
    return {
      at: toInstantText(at),
      from,
      to,
      by,
      reason,
      moved_from: movedFrom === null ? null : toInstantText(movedFrom),
      duration_minutes_before: minutesBefore,
      visit_type_before: visitTypeBefore,
    };
  }
}

export class HistoryResponse {
  @ApiProperty({ type: [HistoryLineResponse], description: 'Oldest first.' })
  results: HistoryLineResponse[];
}
