import type { Tick } from './clocks.js';

const MINUTE = 60_000;
const TICK = 5 * MINUTE;

/** Hours of every day, in minutes after midnight, and the visits in them. */
export interface Opening {
  from: number;
  to: number;
  grid: number;
  visit: number;
}

/** A time that is listed: what it says, and when that is. */
export interface Listed {
  /** `HH:MM` */
  time: string;
  startsAt: number;
  endsAt: number;
}

export interface Verdict {
  faults: string[];
  /** Starts of an ordinary day that the change takes: they lie in the gap, or their visit no longer ends inside. */
  lost: number;
  /** Starts that no ordinary day has: the repeated time makes room. */
  gained: number;
}

/** Holds what is listed on a date against what the clocks show on it. */
export function judge(opening: Opening, ticks: readonly Tick[], listed: readonly Listed[]): Verdict {
  const { from, to, grid, visit } = opening;
  const shown = new Map(ticks.map(({ instant, shows }) => [instant, shows]));
  const first = new Map(ticks.toReversed().map(({ instant, shows }) => [shows, instant]));
  const isInside = (start: number): boolean => {
    for (let tick = start; tick < start + visit * MINUTE; tick += TICK) {
      const shows = shown.get(tick);
      if (shows === undefined || shows < from || shows >= to) return false;
    }
    return true;
  };

  const faults: string[] = [];
  const times = new Set<number>();
  for (const { time, startsAt, endsAt } of listed) {
    const wall = Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
    if (!first.has(wall)) faults.push(`${time} lies in a gap`);
    else if (first.get(wall) !== startsAt) faults.push(`${time} is shifted`);
    else if (!isInside(startsAt)) faults.push(`${time} ends outside`);
    if (endsAt - startsAt !== visit * MINUTE) faults.push(`${time} has another length`);
    if (times.has(wall)) faults.push(`${time} is doubled`);
    times.add(wall);
  }

  let [lost, gained] = [0, 0];
  for (let wall = from; wall < to; wall += grid) {
    const start = first.get(wall);
    const isPossible = start !== undefined && isInside(start);
    const isOrdinary = wall + visit <= to;
    if (isPossible && !times.has(wall)) faults.push(`minute ${wall} is lost without a reason`);
    if (isOrdinary && !isPossible) lost++;
    if (!isOrdinary && isPossible) gained++;
    times.delete(wall);
  }
  for (const wall of times) faults.push(`minute ${wall} is not on the grid`);
  return { faults, lost, gained };
}

/** The control: right on ordinary days, and wrong wherever a change comes before a start. */
export function hoursAddedToMidnight(opening: Opening, ticks: readonly Tick[]): Listed[] {
  const { from, to, grid, visit } = opening;
  const midnight = ticks[0]!.instant;
  const listed: Listed[] = [];
  for (let wall = from; wall + visit <= to; wall += grid) {
    const startsAt = midnight + wall * MINUTE;
    const time = new Date(wall * MINUTE).toISOString().slice(11, 16);
    listed.push({ time, startsAt, endsAt: startsAt + visit * MINUTE });
  }
  return listed;
}
