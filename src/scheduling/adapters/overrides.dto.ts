import { ApiProperty } from '@nestjs/swagger';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { DateField, ListField } from '#libs/nest/fields.js';
import { PageOf } from '#libs/nest/page.dto.js';
import { ConflictResponse, ConflictsProperty } from '../../doctors/index.js';
import type { Override } from '../ports.js';
import type { Changed } from '../use-cases/change-rules.js';
import { HoursField, intervalsOf, MOST_INTERVALS } from './hours.dto.js';

export class OverrideRequest {
  @ListField({
    of: HoursField,
    max: MOST_INTERVALS,
    description: 'The hours of the date, instead of the weekly ones; none: closed.',
  })
  hours: HoursField[];

  @DateField({ optional: true, description: 'As it was read; another than that of the address is refused.' })
  date?: string;

  /** Of the date in the address. Throws InvalidRequest. */
  toOverride(date: string): Override {
    if (this.date !== undefined && this.date !== date)
      throw InvalidRequest.at('/date', 'read-only', `is ${date}, as in the address`);
    const hours = intervalsOf(
      this.hours,
      this.hours.map((_, i) => `/hours/${i}`),
    );
    return { date, hours };
  }
}

export class OverrideResponse {
  @ApiProperty({ format: 'date', description: "On the calendar of the doctor's zone." })
  date: string;

  @ApiProperty({ type: [HoursField], description: 'In the order of the clock; none: closed.' })
  hours: HoursField[];

  static of(this: void, { date, hours }: Override): OverrideResponse {
    return { date, hours: hours.map(HoursField.of) };
  }
}

export class ChangedOverrideResponse extends OverrideResponse {
  @ConflictsProperty()
  conflicts: ConflictResponse[];

  static ofChange({ result, conflicts }: Changed<Override>): ChangedOverrideResponse {
    return { ...OverrideResponse.of(result), conflicts: conflicts.map(ConflictResponse.of) };
  }
}

export class OverridesPage extends PageOf(OverrideResponse, 'By date.') {}
