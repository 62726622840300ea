import { ApiProperty } from '@nestjs/swagger';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { EnumField, IntegerField, ListField, TextField, ZoneField } from '#libs/nest/fields.js';
import { PageOf } from '#libs/nest/page.dto.js';
import { ConflictResponse, ConflictsProperty } from '../../doctors/index.js';
import { WEEKDAYS, type Weekday } from '../domain/calendar.js';
import type { WeeklyHours } from '../domain/hours.js';
import type { SlotPolicy, VisitType } from '../domain/slot-policy.js';
import { MAX_BUFFER_MINUTES, MAX_VISIT_MINUTES, TICK_MINUTES } from '../domain/time-slot.js';
import type { Changed } from '../use-cases/change-rules.js';
import type { SetSlotPolicyInput } from '../use-cases/set-slot-policy.js';
import { HoursField, intervalsOf, MOST_INTERVALS } from './hours.dto.js';

const MONTH_IN_MINUTES = 30 * 24 * 60;
/** As many as `If-Match` can name. */
const MOST_CHANGES = 999_999_999;
const BOOKABLE_BY = ['everyone', 'seen', 'doctor'] as const;
const CONFIRMATIONS = ['automatic', 'manual'] as const;

export class VisitTypeField {
  @TextField({
    max: 100,
    description: 'Unlike that of any other in any case; asked for as it is written.',
    example: 'consultation',
  })
  name: string;

  @IntegerField({ min: TICK_MINUTES, max: MAX_VISIT_MINUTES, multipleOf: TICK_MINUTES, example: 30 })
  duration_minutes: number;

  @EnumField({
    values: BOOKABLE_BY,
    enumName: 'BookableBy',
    description:
      '`seen`: patients whom the doctor has seen. `doctor`: only the doctor, or an admin who says why.',
    example: 'everyone',
  })
  bookable_by: VisitType['bookableBy'];
}

export class WeeklyHoursField extends HoursField {
  @EnumField({ values: WEEKDAYS, enumName: 'Weekday', example: 'monday' })
  weekday: Weekday;
}

/** A whole slot policy: each of its fields is required, and what is not sent is not kept from before. */
export class SlotPolicyRequest {
  @ListField({
    of: VisitTypeField,
    min: 1,
    max: 20,
    description: 'A request that names none means the first that its sender may book.',
  })
  visit_types: VisitTypeField[];

  @ListField({
    of: WeeklyHoursField,
    max: WEEKDAYS.length * MOST_INTERVALS,
    description: 'A weekday without an interval is closed; a break makes two intervals. They do not overlap.',
  })
  weekly_hours: WeeklyHoursField[];

  @IntegerField({
    min: TICK_MINUTES,
    max: MAX_VISIT_MINUTES,
    multipleOf: TICK_MINUTES,
    nullable: true,
    description:
      "Visits start every so many minutes from the start of the hours; null: every visit's length.",
    example: 15,
  })
  grid_minutes: number | null;

  @IntegerField({
    min: 0,
    max: MONTH_IN_MINUTES,
    description: 'How long before the start a patient books.',
    example: 60,
  })
  notice_minutes: number;

  @IntegerField({ min: 0, max: 730, description: 'How many days ahead a patient may book.', example: 90 })
  horizon_days: number;

  @IntegerField({
    min: 0,
    max: MAX_BUFFER_MINUTES,
    description: 'Kept free before a visit. Between two neighbours the larger of the two counts.',
    example: 0,
  })
  buffer_before_minutes: number;

  @IntegerField({ min: 0, max: MAX_BUFFER_MINUTES, description: 'Kept free after a visit.', example: 5 })
  buffer_after_minutes: number;

  @IntegerField({
    min: 1,
    max: 288,
    nullable: true,
    description: 'Most appointments that start on one date; null: any number.',
    example: 12,
  })
  daily_maximum: number | null;

  @IntegerField({ min: 1, max: 100, description: 'Most coming appointments of one patient.', example: 5 })
  patient_limit: number;

  @EnumField({
    values: CONFIRMATIONS,
    enumName: 'Confirmation',
    description: '`manual`: what a patient books awaits the doctor.',
    example: 'manual',
  })
  confirmation: (typeof CONFIRMATIONS)[number];

  @IntegerField({
    min: TICK_MINUTES,
    max: MONTH_IN_MINUTES,
    description: 'For so long it can be confirmed, at the latest until its start.',
    example: 4320,
  })
  confirm_within_minutes: number;

  @IntegerField({
    min: 0,
    max: MONTH_IN_MINUTES,
    description: 'Later than so long before the start a patient cancels late, and cannot move it.',
    example: 1440,
  })
  cancellation_notice_minutes: number;

  @ZoneField({
    optional: true,
    description: 'As it was read; it is changed on the profile, and another is refused.',
    example: 'Europe/Berlin',
  })
  time_zone?: string;

  @IntegerField({
    min: 0,
    max: MOST_CHANGES,
    optional: true,
    description: 'As it was read; another is refused with `412`, as of `If-Match`.',
    example: 3,
  })
  version?: number;

  /** Throws InvalidRequest where fields are at odds with each other. */
  toInput(): Pick<SetSlotPolicyInput, 'rules' | 'weekly' | 'read'> {
    return {
      rules: {
        visitTypes: visitTypesOf(this.visit_types),
        gridMinutes: this.grid_minutes,
        noticeMinutes: this.notice_minutes,
        horizonDays: this.horizon_days,
        bufferMinutes: { before: this.buffer_before_minutes, after: this.buffer_after_minutes },
        dailyMaximum: this.daily_maximum,
        patientLimit: this.patient_limit,
        confirmation: this.confirmation,
        confirmWithinMinutes: this.confirm_within_minutes,
        cancellationNoticeMinutes: this.cancellation_notice_minutes,
      },
      weekly: weeklyHoursOf(this.weekly_hours),
      read: { version: this.version, timeZone: this.time_zone },
    };
  }
}

function visitTypesOf(fields: readonly VisitTypeField[]): VisitType[] {
  // A request names one exactly, but whoever chooses among them reads `c` and `C` as one.
  const names = fields.map(({ name }) => name.normalize('NFKC').toUpperCase().toLowerCase());
  const again = names.findIndex((name, i) => names.indexOf(name) < i);
  if (again >= 0) {
    throw InvalidRequest.at(`/visit_types/${again}/name`, 'unique', 'is the name of another visit type');
  }
  return fields.map(({ name, duration_minutes: minutes, bookable_by: bookableBy }) => ({
    name,
    minutes,
    bookableBy,
  }));
}

function weeklyHoursOf(fields: readonly WeeklyHoursField[]): WeeklyHours {
  const placed = fields.map((field, i) => ({ field, pointer: `/weekly_hours/${i}` }));
  const days = WEEKDAYS.map((weekday) => {
    const ofDay = placed.filter(({ field }) => field.weekday === weekday);
    const hours = intervalsOf(
      ofDay.map(({ field }) => field),
      ofDay.map(({ pointer }) => pointer),
    );
    return [weekday, hours] as const;
  });
  return Object.fromEntries(days.filter(([, hours]) => hours.length > 0));
}

export class SlotPolicyResponse {
  @ApiProperty({
    description: 'The zone whose clocks the hours mean: that of the profile.',
    example: 'Europe/Berlin',
  })
  time_zone: string;

  @ApiProperty({ type: [VisitTypeField] })
  visit_types: VisitTypeField[];

  @ApiProperty({ type: [WeeklyHoursField], description: 'From Monday on, in the order of the clock.' })
  weekly_hours: WeeklyHoursField[];

  @ApiProperty({ type: 'integer', nullable: true })
  grid_minutes: number | null;

  @ApiProperty({ type: 'integer' })
  notice_minutes: number;

  @ApiProperty({ type: 'integer' })
  horizon_days: number;

  @ApiProperty({ type: 'integer' })
  buffer_before_minutes: number;

  @ApiProperty({ type: 'integer' })
  buffer_after_minutes: number;

  @ApiProperty({ type: 'integer', nullable: true })
  daily_maximum: number | null;

  @ApiProperty({ type: 'integer' })
  patient_limit: number;

  @ApiProperty({ enum: CONFIRMATIONS, enumName: 'Confirmation' })
  confirmation: (typeof CONFIRMATIONS)[number];

  @ApiProperty({ type: 'integer' })
  confirm_within_minutes: number;

  @ApiProperty({ type: 'integer' })
  cancellation_notice_minutes: number;

  @ApiProperty({
    type: 'integer',
    description: 'One more with each change; 0 for the default that nobody has set.',
  })
  version: number;

  static of({ rules, zone, version }: SlotPolicy): SlotPolicyResponse {
    return {
      time_zone: zone.name,
      visit_types: rules.visitTypes.map(({ name, minutes, bookableBy }) => ({
        name,
        duration_minutes: minutes,
        bookable_by: bookableBy,
      })),
      weekly_hours: WEEKDAYS.flatMap((weekday) =>
        (rules.hours.weekly[weekday] ?? []).map((interval) => ({ weekday, ...HoursField.of(interval) })),
      ),
      grid_minutes: rules.gridMinutes,
      notice_minutes: rules.noticeMinutes,
      horizon_days: rules.horizonDays,
      buffer_before_minutes: rules.bufferMinutes.before,
      buffer_after_minutes: rules.bufferMinutes.after,
      daily_maximum: rules.dailyMaximum,
      patient_limit: rules.patientLimit,
      confirmation: rules.confirmation,
      confirm_within_minutes: rules.confirmWithinMinutes,
      cancellation_notice_minutes: rules.cancellationNoticeMinutes,
      version,
    };
  }
}

export class ChangedSlotPolicyResponse extends SlotPolicyResponse {
  @ConflictsProperty()
  conflicts: ConflictResponse[];

  static ofChange({ result, conflicts }: Changed<SlotPolicy>): ChangedSlotPolicyResponse {
    return { ...SlotPolicyResponse.of(result), conflicts: conflicts.map(ConflictResponse.of) };
  }
}

export class ConflictsPage extends PageOf(ConflictResponse) {}
