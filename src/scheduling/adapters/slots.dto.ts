import { ApiProperty } from '@nestjs/swagger';
import { DateField, TextField } from '#libs/nest/fields.js';
import { FreeSlotResponse } from '#libs/problems/free-slot.dto.js';
import { MAX_DAYS, type FreeSlots } from '../use-cases/list-free-slots.js';

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

export class SlotsResponse {
  @ApiProperty({ description: "The doctor's IANA zone.", example: 'Europe/Berlin' })
  time_zone: string;

  @ApiProperty({ example: 'consultation' })
  visit_type: string;

  @ApiProperty({ type: [FreeSlotResponse] })
  results: FreeSlotResponse[];

  static of({ timeZone, visitType, results }: FreeSlots): SlotsResponse {
    return { time_zone: timeZone, visit_type: visitType, results: results.map(FreeSlotResponse.of) };
  }
}
