import { ApiProperty } from '@nestjs/swagger';
import { BooleanParameter, toInstantText } from '#libs/nest/fields.js';
import { CONFLICT_REASONS, type Conflict, type ConflictReason } from '../domain/conflict.js';

/** The query of every change of a doctor's rules. */
export class DryRunQuery {
  @BooleanParameter({ description: 'Only answer what the change would do; nothing is changed.' })
  dry_run: boolean = false;
}

/** A future active appointment outside the doctor's present rules. It is never cancelled by a change of rules. */
export class ConflictResponse {
  @ApiProperty({ format: 'uuid', description: 'Id of the appointment.' })
  appointment: string;

  @ApiProperty({ format: 'uuid', description: 'Id of the patient profile.' })
  patient: string;

  @ApiProperty({ type: 'string', nullable: true, description: 'Null to a doctor who may not know it yet.' })
  patient_name: string | null;

  @ApiProperty({ format: 'date', description: 'At the start, on the clocks of `time_zone`.' })
  date: string;

  @ApiProperty({ pattern: '^[0-2][0-9]:[0-5][0-9]$' })
  time: string;

  @ApiProperty({ format: 'date-time' })
  starts_at: string;

  @ApiProperty({ format: 'date-time' })
  ends_at: string;

  @ApiProperty({ description: "The doctor's IANA zone when the time was chosen.", example: 'Europe/Berlin' })
  time_zone: string;

  @ApiProperty({ example: 'consultation' })
  visit_type: string;

  @ApiProperty({
    enum: CONFLICT_REASONS,
    enumName: 'ConflictReason',
    isArray: true,
    description:
      'The rules that it lies outside of. `outside-hours` is not told of what the doctor or an admin put outside the hours, but of everything on a date that an override closes wholly. `too-close` is told of both neighbours between which the buffer is missing, `day-full` of the later appointments of a date that has more than the daily maximum. Notice, horizon, grid, visit types and the limit of a patient make no conflict.',
  })
  reasons: ConflictReason[];

  static of(this: void, conflict: Conflict): ConflictResponse {
    return {
      appointment: conflict.appointment,
      patient: conflict.patient,
      patient_name: conflict.patientName,
      date: conflict.date,
      time: conflict.time,
      starts_at: toInstantText(conflict.startsAt),
      ends_at: toInstantText(conflict.endsAt),
      time_zone: conflict.timeZone,
      visit_type: conflict.visitType,
      reasons: [...conflict.reasons],
    };
  }
}

/** OpenAPI: the conflicts that the answer to a change carries. */
export function ConflictsProperty(): PropertyDecorator {
  return ApiProperty({
    type: [ConflictResponse],
    description:
      'The first 100 conflicts that the change makes, by `starts_at`: appointments with a reason that they did not have before.',
  });
}
