import { ApiProperty } from '@nestjs/swagger';
import { DateField, IntegerParameter, TextField, TimeField, toInstantText } from '#libs/nest/fields.js';
import { FreeSlotResponse } from '#libs/problems/free-slot.dto.js';
import { formatTime } from '../domain/calendar.js';
import type { ExplainedSlot } from '../use-cases/explain-slot.js';
import { MOST_DOCTORS, type FreeSlotOfDoctor } from '../use-cases/list-first-free-slots.js';
import type { FreeSlots } from '../use-cases/list-free-slots.js';
import { MAX_DAYS } from '../use-cases/slot-audience.js';
import { RefusalResponse } from './refusals.dto.js';

export class SlotsQuery {
  @DateField({ optional: true, description: "First date, in the doctor's zone; today unless told." })
  date_from?: string;

  @DateField({
    optional: true,
    description: `Last date, included; 14 days unless told, at most ${MAX_DAYS}.`,
  })
  date_to?: string;

  @TextField({ max: 100, optional: true, description: 'The first visit type that you may book unless told.' })
  visit_type?: string;
}

export class BookableVisitResponse {
  @ApiProperty({ example: 'consultation' })
  name: string;

  @ApiProperty({ type: 'integer', example: 30 })
  duration_minutes: number;
}

export class SlotsResponse {
  @ApiProperty({ description: "The doctor's IANA zone.", example: 'Europe/Berlin' })
  time_zone: string;

  @ApiProperty({ description: 'The one whose times these are.', example: 'consultation' })
  visit_type: string;

  @ApiProperty({
    type: [BookableVisitResponse],
    description: 'All visit types that you may book with the doctor.',
  })
  visit_types: BookableVisitResponse[];

  @ApiProperty({ type: [FreeSlotResponse] })
  results: FreeSlotResponse[];

  static of({ timeZone, visitType, visits, results }: FreeSlots): SlotsResponse {
    return {
      time_zone: timeZone,
      visit_type: visitType,
      visit_types: visits.map(({ name, minutes }) => ({ name, duration_minutes: minutes })),
      results: results.map(FreeSlotResponse.of),
    };
  }
}

export class FirstFreeSlotsQuery {
  @TextField({
    max: 100,
    description: `The whole specialty, in any case. Of more than ${MOST_DOCTORS} doctors the first are looked at.`,
    example: 'Cardiology',
  })
  specialty: string;

  @DateField({ optional: true, description: "First date, in each doctor's zone; today unless told." })
  date_from?: string;

  @DateField({
    optional: true,
    description: `Last date, included; 14 days unless told, at most ${MAX_DAYS}.`,
  })
  date_to?: string;

  @IntegerParameter({ min: 1, max: 100, default: 50, description: 'How many times at most.' })
  limit: number = 50;
}

export class FirstFreeSlotResponse extends FreeSlotResponse {
  @ApiProperty({ format: 'uuid', description: 'Id of the doctor profile.' })
  doctor: string;

  @ApiProperty({ example: 'Clara Sommer' })
  doctor_name: string;
}

export class FirstFreeSlotsResponse {
  @ApiProperty({ type: [FirstFreeSlotResponse], description: 'By `starts_at`, then `doctor`.' })
  results: FirstFreeSlotResponse[];

  static of(slots: readonly FreeSlotOfDoctor[]): FirstFreeSlotsResponse {
    return {
      results: slots.map((slot) => ({
        ...FreeSlotResponse.of(slot),
        doctor: slot.doctor,
        doctor_name: slot.doctorName,
      })),
    };
  }
}

export class ExplainSlotQuery {
  @DateField({ description: "In the doctor's zone.", example: '2030-01-07' })
  date: string;

  @TimeField({ description: "On the wall clock of the doctor's zone.", example: '09:00' })
  time: string;

  @TextField({ max: 100, optional: true, description: 'The first visit type that you may book unless told.' })
  visit_type?: string;
}

export class ExplainedSlotResponse {
  @ApiProperty({ format: 'date' })
  date: string;

  @ApiProperty({ pattern: '^[0-2][0-9]:[0-5][0-9]$' })
  time: string;

  @ApiProperty({ description: "The doctor's IANA zone.", example: 'Europe/Berlin' })
  time_zone: string;

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Null where you may book none, or none of this name.',
  })
  visit_type: string | null;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'Null where the clocks never show the time.',
  })
  starts_at: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  ends_at: string | null;

  @ApiProperty({
    type: [RefusalResponse],
    description:
      'In the order of the rules; booking answers the first. Whether a time that is not offered anyway is taken is told to the doctor and admins only.',
  })
  refusals: RefusalResponse[];

  static of({
    date,
    time,
    timeZone,
    visitType,
    startsAt,
    endsAt,
    refusals,
    rules,
  }: ExplainedSlot): ExplainedSlotResponse {
    return {
      date,
      time: formatTime(time),
      time_zone: timeZone,
      visit_type: visitType,
      starts_at: startsAt === null ? null : toInstantText(startsAt),
      ends_at: endsAt === null ? null : toInstantText(endsAt),
      refusals: refusals.map((code) => RefusalResponse.of(code, rules)),
    };
  }
}
