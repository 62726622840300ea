import { InvalidRequest } from '#libs/kernel/errors.js';
import { HoursEdgeField } from '#libs/nest/fields.js';
import { formatTime, parseTime } from '../domain/calendar.js';
import type { HoursInterval } from '../domain/hours.js';

export const MOST_INTERVALS = 10;

/** One interval of a day's hours, on the wall clock of the doctor's zone. */
export class HoursField {
  @HoursEdgeField({ example: '09:00' })
  from: string;

  @HoursEdgeField({
    description: 'The first time that is closed again; `24:00` ends the day.',
    example: '12:30',
  })
  to: string;

  static of(this: void, { from, to }: HoursInterval): HoursField {
    return { from: formatTime(from), to: formatTime(to) };
  }
}

/**
 * The hours of one day. `pointers` stand beside `fields`, and say where each was written.
 * Throws InvalidRequest for one that does not end after it starts, overlaps another, or is one too many.
 */
export function intervalsOf(fields: readonly HoursField[], pointers: readonly string[]): HoursInterval[] {
  if (fields.length > MOST_INTERVALS) {
    throw InvalidRequest.at(pointers[MOST_INTERVALS]!, 'list', `is more than ${MOST_INTERVALS} of one day`);
  }
  const written = fields.map(({ from, to }, i) => ({
    from: parseTime(from),
    to: parseTime(to),
    pointer: pointers[i]!,
  }));
  let closed = 0;
  return written
    .toSorted((a, b) => a.from - b.from)
    .map(({ from, to, pointer }) => {
      if (from >= to) throw InvalidRequest.at(`${pointer}/to`, 'range', 'must be after from');
      if (from < closed)
        throw InvalidRequest.at(`${pointer}/from`, 'range', 'overlaps other hours of the day');
      closed = to;
      return { from, to };
    });
}
