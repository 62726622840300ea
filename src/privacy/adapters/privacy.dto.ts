import { ApiProperty, OmitType } from '@nestjs/swagger';
import { OpaqueField, toInstantText } from '#libs/nest/fields.js';
import { AccessResponse, AuditRecordResponse } from '../../audit/index.js';
import { DoctorProfileResponse } from '../../doctors/index.js';
import {
  GENDERS,
  photoPath,
  ROLES,
  type Gender,
  type Role,
  type Session,
  type User,
} from '../../identity/index.js';
import { PatientProfileResponse } from '../../patients/index.js';
import {
  AbsenceResponse,
  AppointmentResponse,
  HistoryLineResponse,
  OverrideResponse,
  SlotPolicyResponse,
  type ExportedAppointment,
  type Series,
} from '../../scheduling/index.js';
import type { PersonalData } from '../use-cases/export-personal-data.js';

export class CloseAccountRequest {
  @OpaqueField({ max: 128, description: 'The present one.', example: 'demo-password' })
  password: string;
}

export class ExportedAccountResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'email' })
  email: string;

  @ApiProperty()
  first_name: string;

  @ApiProperty()
  last_name: string;

  @ApiProperty({ enum: GENDERS, enumName: 'Gender', nullable: true })
  gender: Gender | null;

  @ApiProperty({ enum: ROLES, enumName: 'Role' })
  role: Role;

  @ApiProperty({ type: 'string', nullable: true, description: 'Path of the photo.' })
  photo: string | null;

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  last_login_at: string | null;

  static of(user: User): ExportedAccountResponse {
    return {
      id: user.id,
      email: user.email,
      first_name: user.firstName,
      last_name: user.lastName,
      gender: user.gender,
      role: user.role,
      photo: photoPath(user),
      created_at: toInstantText(user.createdAt),
      last_login_at: user.lastLoginAt === null ? null : toInstantText(user.lastLoginAt),
    };
  }
}

export class ExportedSessionResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ type: 'string', nullable: true })
  device_name: string | null;

  @ApiProperty({ type: 'string', nullable: true, example: '192.0.2.0/24' })
  network: string | null;

  @ApiProperty({ format: 'date-time' })
  opened_at: string;

  @ApiProperty({ format: 'date-time' })
  refreshed_at: string;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  ended_at: string | null;

  static of(this: void, session: Session): ExportedSessionResponse {
    return {
      id: session.id,
      device_name: session.deviceName,
      network: session.network,
      opened_at: toInstantText(session.openedAt),
      refreshed_at: toInstantText(session.refreshedAt),
      ended_at: session.endedAt === null ? null : toInstantText(session.endedAt),
    };
  }
}

export class ExportedSeriesResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid', description: 'Id of the doctor profile.' })
  doctor: string;

  @ApiProperty({ format: 'uuid', description: 'Id of the patient profile.' })
  patient: string;

  @ApiProperty({ type: 'integer' })
  every_weeks: number;

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  static of(this: void, series: Series): ExportedSeriesResponse {
    return {
      id: series.id,
      doctor: series.doctor,
      patient: series.patient,
      every_weeks: series.everyWeeks,
      created_at: toInstantText(series.createdAt),
    };
  }
}

export class ExportedAppointmentResponse extends OmitType(AppointmentResponse, [
  'allowed_actions',
  'reason_for_visit',
] as const) {
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: "Null in a doctor's export: it is the patient's.",
  })
  reason_for_visit: string | null;

  @ApiProperty({
    type: [HistoryLineResponse],
    description: "Oldest first. In a doctor's export without the reasons that patients gave.",
  })
  history: HistoryLineResponse[];

  static of(this: void, { view, history }: ExportedAppointment): ExportedAppointmentResponse {
    const { allowed_actions: _, ...appointment } = AppointmentResponse.of(view);
    // Why a patient cancelled is theirs, too.
    const isTheirs = view.reasonForVisit === null && appointment.cancelled_by === 'patient';
    return {
      ...appointment,
      ...(isTheirs && { cancellation_reason: null }),
      history: history.map(HistoryLineResponse.of),
    };
  }
}

export class PersonalDataResponse {
  @ApiProperty({ format: 'date-time' })
  exported_at: string;

  @ApiProperty({ type: ExportedAccountResponse })
  account: ExportedAccountResponse;

  @ApiProperty({ type: PatientProfileResponse, nullable: true, description: 'Null without such a profile.' })
  patient_profile: PatientProfileResponse | null;

  @ApiProperty({ type: DoctorProfileResponse, nullable: true, description: 'Null without such a profile.' })
  doctor_profile: DoctorProfileResponse | null;

  @ApiProperty({ type: SlotPolicyResponse, nullable: true, description: 'Null but for a doctor.' })
  slot_policy: SlotPolicyResponse | null;

  @ApiProperty({ type: [ExportedSessionResponse], description: 'Oldest first, those of the last 90 days.' })
  sessions: ExportedSessionResponse[];

  @ApiProperty({ type: [AbsenceResponse], description: 'By `starts_at`; none but for a doctor.' })
  absences: AbsenceResponse[];

  @ApiProperty({ type: [OverrideResponse], description: 'By `date`; none but for a doctor.' })
  overrides: OverrideResponse[];

  @ApiProperty({ type: [ExportedSeriesResponse], description: 'By `id`.' })
  series: ExportedSeriesResponse[];

  @ApiProperty({ type: [ExportedAppointmentResponse], description: 'By `starts_at`.' })
  appointments: ExportedAppointmentResponse[];

  @ApiProperty({
    type: [AccessResponse],
    description: 'Who looked at your card, newest first; none but for a patient.',
  })
  accesses: AccessResponse[];

  @ApiProperty({
    type: [AuditRecordResponse],
    description: 'What you did, as it was recorded, newest first.',
  })
  activity: AuditRecordResponse[];

  /** The members, in this order; a list as what answers its rows one by one. */
  static membersOf({ schedule, ...data }: PersonalData): Record<keyof PersonalDataResponse, unknown> {
    const { patient, doctor } = data;
    const { slotPolicy } = schedule;
    return {
      exported_at: toInstantText(data.at),
      account: ExportedAccountResponse.of(data.user),
      patient_profile: patient ? PatientProfileResponse.of(patient) : null,
      doctor_profile: doctor ? DoctorProfileResponse.of(doctor) : null,
      slot_policy: slotPolicy ? SlotPolicyResponse.of(slotPolicy) : null,
      sessions: each(data.sessions, ExportedSessionResponse.of),
      absences: each(schedule.absences, AbsenceResponse.of),
      overrides: each(schedule.overrides, OverrideResponse.of),
      series: each(schedule.series, ExportedSeriesResponse.of),
      appointments: each(schedule.appointments, ExportedAppointmentResponse.of),
      accesses: each(data.accesses, AccessResponse.of),
      activity: each(data.activity, AuditRecordResponse.of),
    };
  }
}

async function* each<T, U>(rows: AsyncIterable<T>, shown: (row: T) => U): AsyncGenerator<U> {
  for await (const row of rows) yield shown(row);
}
