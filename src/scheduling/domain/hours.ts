import { weekdayOf, type CalendarDate, type WallMinutes, type Weekday } from './calendar.js';

/** Opening hours of one day: `[from, to)` on the wall clock. */
export interface HoursInterval {
  from: WallMinutes;
  to: WallMinutes;
}

/** When a doctor's practice is open: the same every week, but for the dates that say otherwise. */
export class Hours {
  constructor(
    readonly weekly: Readonly<Partial<Record<Weekday, readonly HoursInterval[]>>>,
    /** Replaces the weekly hours of its date; an empty list means closed. */
    readonly overrides: ReadonlyMap<CalendarDate, readonly HoursInterval[]> = new Map(),
  ) {
    for (const day of [...Object.values(weekly), ...overrides.values()]) assertDay(day);
  }

  on(date: CalendarDate): readonly HoursInterval[] {
    return this.overrides.get(date) ?? this.weekly[weekdayOf(date)] ?? [];
  }
}

function assertDay(intervals: readonly HoursInterval[]): void {
  let free = 0;
  for (const { from, to } of [...intervals].sort((a, b) => a.from - b.from)) {
    if (from < free || from >= to || to > 1440)
      throw new RangeError('hours of a day neither overlap nor pass 24:00');
    free = to;
  }
}
