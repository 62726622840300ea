import { ApiProperty, OmitType } from '@nestjs/swagger';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { DateField, TextField, TimeField, toInstantText } from '#libs/nest/fields.js';
import { PageOf } from '#libs/nest/page.dto.js';
import { ConflictResponse, ConflictsProperty } from '../../doctors/index.js';
import { writtenOf, type Absence } from '../domain/absence.js';
import { formatTime, parseTime } from '../domain/calendar.js';
import { LONGEST_ABSENCE_DAYS, type AddAbsenceInput } from '../use-cases/add-absence.js';
import type { Changed } from '../use-cases/change-rules.js';

export class AbsenceRequest {
  @DateField({ description: "In the doctor's zone.", example: '2030-01-07' })
  date_from: string;

  @DateField({
    description: `Included where whole days are meant; the absence is within ${LONGEST_ABSENCE_DAYS} days.`,
    example: '2030-01-07',
  })
  date_to: string;

  @TimeField({
    optional: true,
    nullable: true,
    description: 'When it begins; without times, or with null, whole days are meant.',
    example: '14:00',
  })
  time_from?: string | null;

  @TimeField({
    optional: true,
    nullable: true,
    orEnd: true,
    description: 'When it ends; beside `time_from`. `24:00` is answered as the clocks show it then.',
    example: '17:00',
  })
  time_to?: string | null;

  @TextField({
    max: 500,
    multiline: true,
    optional: true,
    nullable: true,
    description: 'For the doctor and admins; patients never see it.',
    example: 'Training',
  })
  reason?: string | null;

  toInput(): Pick<AddAbsenceInput, 'absence' | 'reason'> {
    return {
      absence: { fromDate: this.date_from, toDate: this.date_to, times: this.#times() },
      reason: this.reason ?? null,
    };
  }

  #times(): { from: number; to: number } | undefined {
    const { time_from: from = null, time_to: to = null } = this;
    if (from === null && to === null) return undefined;
    if (from === null) throw InvalidRequest.missing('time_from');
    if (to === null) throw InvalidRequest.missing('time_to');
    return { from: parseTime(from), to: parseTime(to) };
  }
}

export class AbsenceResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'date', description: 'On the clocks of `time_zone`, as it was written.' })
  date_from: string;

  @ApiProperty({ type: 'string', nullable: true, description: 'Null for whole days.' })
  time_from: string | null;

  @ApiProperty({ format: 'date' })
  date_to: string;

  @ApiProperty({ type: 'string', nullable: true, description: 'Null for whole days.' })
  time_to: string | null;

  @ApiProperty({ format: 'date-time' })
  starts_at: string;

  @ApiProperty({ format: 'date-time', description: 'The first instant at which the doctor is there again.' })
  ends_at: string;

  @ApiProperty({
    description: "The doctor's IANA zone when it was written. Moving to another zone moves no absence.",
    example: 'Europe/Berlin',
  })
  time_zone: string;

  @ApiProperty({ type: 'string', nullable: true })
  reason: string | null;

  static of(this: void, absence: Absence): AbsenceResponse {
    const { fromDate, toDate, times } = writtenOf(absence);
    return {
      id: absence.id,
      date_from: fromDate,
      time_from: times ? formatTime(times.from) : null,
      date_to: toDate,
      time_to: times ? formatTime(times.to) : null,
      starts_at: toInstantText(absence.slot.startsAt),
      ends_at: toInstantText(absence.slot.endsAt),
      time_zone: absence.timeZone,
      reason: absence.reason,
    };
  }
}

export class ChangedAbsenceResponse extends OmitType(AbsenceResponse, ['id']) {
  @ApiProperty({
    type: 'string',
    format: 'uuid',
    nullable: true,
    description: 'Null in a dry run of a new absence: it is not kept.',
  })
  id: string | null;

  @ConflictsProperty()
  conflicts: ConflictResponse[];

  static ofChange({ result, conflicts }: Changed<Absence>): ChangedAbsenceResponse {
    return { ...AbsenceResponse.of(result), conflicts: conflicts.map(ConflictResponse.of) };
  }
}

export class AbsencesPage extends PageOf(
  AbsenceResponse,
  'By `starts_at`, then `id`; also those that have ended.',
) {}
