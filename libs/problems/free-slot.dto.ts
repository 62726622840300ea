import { ApiProperty } from '@nestjs/swagger';
import type { Alternative } from '#libs/kernel/errors.js';
import { toInstantText } from '#libs/nest/fields.js';

/** A time that can be booked. Listed by the slots of a doctor, and offered beside a refusal. */
export class FreeSlotResponse {
  @ApiProperty({ format: 'date', example: '2030-01-07' })
  date: string;

  @ApiProperty({ pattern: '^[0-2][0-9]:[0-5][0-9]$', example: '09:30' })
  time: string;

  @ApiProperty({ format: 'date-time' })
  starts_at: string;

  @ApiProperty({ format: 'date-time' })
  ends_at: string;

  @ApiProperty({ description: 'IANA zone of `date` and `time`.', example: 'Europe/Berlin' })
  time_zone: string;

  @ApiProperty({ example: 'consultation' })
  visit_type: string;

  static of(slot: Alternative): FreeSlotResponse {
    return {
      date: slot.date,
      time: slot.time,
      starts_at: toInstantText(slot.startsAt),
      ends_at: toInstantText(slot.endsAt),
      time_zone: slot.timeZone,
      visit_type: slot.visitType,
    };
  }
}
