import { weekdayOf, type CalendarDate, type WallMinutes, type Weekday } from './calendar.js';

/** Opening hours of one day: `[from, to)` on the wall clock. */
export interface HoursInterval {
  from: WallMinutes;
  to: WallMinutes;
}

export type WeeklyHours = Readonly<Partial<Record<Weekday, readonly HoursInterval[]>>>;

/** When a doctor's practice is open: the same every week, but for the dates that say otherwise. */
export class Hours {
  readonly weekly: WeeklyHours;
  /** Replace the weekly hours of their dates; an empty list means closed. */
  readonly overrides: ReadonlyMap<CalendarDate, readonly HoursInterval[]>;

  constructor(
    weekly: WeeklyHours,
    overrides: ReadonlyMap<CalendarDate, readonly HoursInterval[]> = new Map(),
  ) {
    this.weekly = Object.fromEntries(
      Object.entries(weekly).map(([day, intervals]) => [day, ordered(intervals)]),
    );
    this.overrides = new Map([...overrides].map(([date, intervals]) => [date, ordered(intervals)]));
  }

  /** The intervals of this date, in the order of the clock. */
  on(date: CalendarDate): readonly HoursInterval[] {
    return this.overrides.get(date) ?? this.weekly[weekdayOf(date)] ?? [];
  }

  /** Whether it was said of this very date that there are no hours. */
  isClosedOn(date: CalendarDate): boolean {
    return this.overrides.get(date)?.length === 0;
  }
}

function ordered(intervals: readonly HoursInterval[]): readonly HoursInterval[] {
  const sorted = intervals.toSorted((a, b) => a.from - b.from);
  let free = 0;
  for (const { from, to } of sorted) {
    if (from < free || from >= to || to > 1440)
      throw new RangeError('hours of a day neither overlap nor pass 24:00');
    free = to;
  }
  return sorted;
}
