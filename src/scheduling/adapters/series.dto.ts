import { ApiProperty } from '@nestjs/swagger';
import { InvalidRequest } from '#libs/kernel/errors.js';
import {
  DateField,
  DateListField,
  IntegerField,
  LATEST_DATE,
  TextField,
  toInstantText,
} from '#libs/nest/fields.js';
import { FreeSlotResponse } from '#libs/problems/free-slot.dto.js';
import type { Actor } from '../../identity/index.js';
import { formatTime } from '../domain/calendar.js';
import { datesFrom, FEWEST_VISITS, MOST_VISITS, MOST_WEEKS_APART } from '../domain/series.js';
import type { PreviewedVisit, SeriesPreview } from '../use-cases/preview-series.js';
import type { SeriesInput } from '../use-cases/series-requests.js';
import type { SeriesView } from '../use-cases/series-views.js';
import { AppointmentResponse, BookAppointmentRequest } from './appointments.dto.js';
import { RefusalResponse } from './refusals.dto.js';

/** The first visit as an appointment is booked, and when it comes round. */
export class ScheduleSeriesRequest extends BookAppointmentRequest {
  @IntegerField({
    min: 1,
    max: MOST_WEEKS_APART,
    description: 'Weeks from one visit to the next.',
    example: 1,
  })
  every_weeks: number;

  @IntegerField({
    min: FEWEST_VISITS,
    max: MOST_VISITS,
    description: `How many visits, the first included; the last of them no later than ${LATEST_DATE}, unless \`dates\` are sent.`,
    example: 4,
  })
  count: number;

  @DateListField({
    max: MOST_VISITS,
    optional: true,
    description: 'Only these of the dates that the series comes to. All unless told.',
  })
  dates?: string[];

  /** Throws InvalidRequest. */
  override toInput(actor: Actor): SeriesInput {
    const { every_weeks: everyWeeks, count, dates } = this;
    const last = datesFrom(this.date, { everyWeeks, count }).at(-1)!;
    // The dates that are sent have been looked at. None else may lead to where no other request can name a date.
    if (dates === undefined && last > LATEST_DATE)
      throw InvalidRequest.at('/count', 'range', `leads to ${last}: the last date is ${LATEST_DATE}`);
    return { ...super.toInput(actor), everyWeeks, count, dates };
  }
}

export class CancelSeriesRequest {
  @DateField({
    optional: true,
    description: 'The first date that is cancelled. All visits that are still to come unless told.',
    example: '2030-01-07',
  })
  date_from?: string;

  @TextField({
    max: 2000,
    multiline: true,
    optional: true,
    nullable: true,
    description: 'Kept in the history.',
    example: 'The treatment is over',
  })
  reason?: string | null;
}

export class PreviewedVisitResponse {
  @ApiProperty({ format: 'date' })
  date: string;

  @ApiProperty({ pattern: '^[0-2][0-9]:[0-5][0-9]$' })
  time: string;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'Null where the clocks never show the time, or there is no such visit type.',
  })
  starts_at: string | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  ends_at: string | null;

  @ApiProperty({ type: 'string', nullable: true })
  visit_type: string | null;

  @ApiProperty({
    type: [RefusalResponse],
    description: 'In the order of the rules; scheduling answers the first.',
  })
  refusals: RefusalResponse[];

  @ApiProperty({
    type: [String],
    description:
      'Codes of the rules that would refuse the visit to a patient, and from which you are exempt.',
    example: ['outside-hours'],
  })
  exempted_from: string[];

  @ApiProperty({
    type: FreeSlotResponse,
    nullable: true,
    description:
      'Where something refuses the visit: the nearest free time within a week of it, if there is one.',
  })
  alternative: FreeSlotResponse | null;

  static of(
    { date, place, refusals, exemptedFrom, alternative }: PreviewedVisit,
    { time, rules }: SeriesPreview,
  ): PreviewedVisitResponse {
    return {
      date,
      time: formatTime(time),
      starts_at: place === null ? null : toInstantText(place.slot.startsAt),
      ends_at: place === null ? null : toInstantText(place.slot.endsAt),
      visit_type: place?.visitType ?? null,
      refusals: refusals.map((code) => RefusalResponse.of(code, rules)),
      exempted_from: [...exemptedFrom],
      alternative: alternative === null ? null : FreeSlotResponse.of(alternative),
    };
  }
}

export class SeriesPreviewResponse {
  @ApiProperty({ description: "The doctor's IANA zone.", example: 'Europe/Berlin' })
  time_zone: string;

  @ApiProperty({ type: [PreviewedVisitResponse], description: 'By date.' })
  results: PreviewedVisitResponse[];

  static of(preview: SeriesPreview): SeriesPreviewResponse {
    const results = preview.visits.map((visit) => PreviewedVisitResponse.of(visit, preview));
    return { time_zone: preview.timeZone, results };
  }
}

export class SeriesResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'uuid', description: 'Id of the doctor profile.' })
  doctor: string;

  @ApiProperty({ format: 'uuid', description: 'Id of the patient profile.' })
  patient: string;

  @ApiProperty({ type: 'integer', description: 'Weeks from one visit to the next, as it was scheduled.' })
  every_weeks: number;

  @ApiProperty({ format: 'date-time' })
  created_at: string;

  @ApiProperty({
    type: [AppointmentResponse],
    description: 'By start, also those that were moved or cancelled.',
  })
  appointments: AppointmentResponse[];

  static of({ series, appointments }: SeriesView): SeriesResponse {
    return {
      id: series.id,
      doctor: series.doctor,
      patient: series.patient,
      every_weeks: series.everyWeeks,
      created_at: toInstantText(series.createdAt),
      appointments: appointments.map(AppointmentResponse.of),
    };
  }
}
