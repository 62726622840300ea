import process from 'node:process';
import { parseArgs } from 'node:util';
import { Agenda } from '../src/scheduling/domain/agenda.js';
import { Hours } from '../src/scheduling/domain/hours.js';
import { SlotPolicy, type Busy, type VisitRequest } from '../src/scheduling/domain/slot-policy.js';
import { Zone } from '../src/scheduling/domain/zone.js';
import { table, type Figures } from './support/table.js';
import { Clocks, type Tick } from './zones/clocks.js';
import { hoursAddedToMidnight, judge, type Opening } from './zones/verdict.js';

const ZONES = [
  'America/New_York',
  'America/St_Johns',
  'America/Nuuk',
  'America/Santiago',
  'Europe/Berlin',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Antarctica/Troll',
];

const OPENINGS: readonly Opening[] = [
  { from: 0, to: 1440, grid: 5, visit: 5 },
  { from: 0, to: 1440, grid: 15, visit: 45 },
  { from: 0, to: 120, grid: 15, visit: 30 },
  { from: 30, to: 150, grid: 20, visit: 20 },
  { from: 60, to: 180, grid: 30, visit: 60 },
  { from: 22 * 60, to: 1440, grid: 15, visit: 30 },
  { from: 9 * 60, to: 12 * 60, grid: 15, visit: 30 },
  { from: 13 * 60, to: 17 * 60, grid: 30, visit: 30 },
];

const ASKED: VisitRequest = { exempt: false, hasSeen: false };
const NOTHING: Busy = {
  doctor: Agenda.EMPTY,
  absences: Agenda.EMPTY,
  patient: Agenda.EMPTY,
  starts: [],
  openWithDoctor: 0,
};
const DAY = 24 * 60 * 60_000;

/**
 * `zones [--from 2025] [--years 5] [--zones Europe/Berlin,…]`
 *
 * Time is right: on every day of these years, what is listed is what the clocks show by the zone data of the
 * running Node. On the dates of change each time of the day is also asked for. The control adds hours to midnight.
 */
export async function prove(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      from: { type: 'string', default: '2025' },
      years: { type: 'string', default: '5' },
      zones: { type: 'string', default: ZONES.join() },
    },
  });
  const dates = datesOf(Number(values.from), Number(values.years));
  console.log(
    `${dates[0]} to ${dates.at(-1)}, Node ${process.version}, zone data ${process.versions['tz'] ?? 'unknown'}.`,
  );
  const zones = values.zones.split(',');
  const runs = zones.map((zone) => inZone(new Clocks(zone, dates)));
  console.log(`\n${table(runs.map(({ figures }) => figures))}\n`);
  const faults = runs.flatMap((run) => run.faults);
  if (faults.length > 0) throw new Error(`The promise is broken:\n${faults.slice(0, 50).join('\n')}`);
  const changes = runs.reduce((sum, run) => sum + run.changes, 0);
  if (changes === 0) throw new Error('no clock changed in these years, so they prove nothing');
  console.log(
    `${changes} changes in ${zones.length} zones: no start in a gap, none doubled or shifted, lost and gained only as the rules say.`,
  );
}

interface Run {
  changes: number;
  faults: string[];
  figures: Figures;
}

function inZone(clocks: Clocks): Run {
  const changed = clocks.datesOfChange;
  const policies = OPENINGS.map((opening) => policyOf(opening, clocks));
  const now = Date.parse(clocks.dates[0]!) - 7 * DAY;
  const faults: string[] = [];
  const seen = { listed: 0, asked: 0, lost: 0, gained: 0 };
  const foundByControl = new Set<string>();
  for (const date of clocks.dates) {
    const ticks = clocks.ticksOf(date);
    for (const [i, opening] of OPENINGS.entries()) {
      const policy = policies[i]!;
      const listed = [...policy.freeSlots(ASKED, date, date, NOTHING, now)];
      const verdict = judge(opening, ticks, listed);
      const found = [...verdict.faults];
      if (changed.has(date)) {
        found.push(...faultsOfAnswers(policy, date, ticks, new Set(listed.map(({ time }) => time)), now));
        seen.asked += 288;
      } else if (verdict.lost + verdict.gained > 0)
        found.push('an ordinary day is judged as if it were none');
      faults.push(...found.map((fault) => `${clocks.zone} ${date} ${JSON.stringify(opening)}: ${fault}`));
      seen.listed += listed.length;
      seen.lost += verdict.lost;
      seen.gained += verdict.gained;
      if (judge(opening, ticks, hoursAddedToMidnight(opening, ticks)).faults.length > 0)
        foundByControl.add(date);
    }
  }
  const inTheseYears = clocks.changes.filter(({ at, before }) => changed.has(dateOf(at - 1 + before))).length;
  if (foundByControl.size > 0 !== changed.size > 0 || [...foundByControl].some((date) => !changed.has(date)))
    faults.push(`${clocks.zone}: the control was found on ${[...foundByControl].join(', ') || 'no date'}`);
  return {
    changes: inTheseYears,
    faults,
    figures: {
      zone: clocks.zone,
      changes: inTheseYears,
      'dates of change': changed.size,
      'starts listed': seen.listed,
      'times asked for': seen.asked,
      'starts lost': seen.lost,
      'starts gained': seen.gained,
      faults: faults.length,
      'control is wrong on': foundByControl.size,
    },
  };
}

/** What is listed is what nothing refuses, and a time that the clocks skip does not exist. */
function faultsOfAnswers(
  policy: SlotPolicy,
  date: string,
  ticks: readonly Tick[],
  listed: ReadonlySet<string>,
  now: number,
): string[] {
  const shown = new Set(ticks.map(({ shows }) => shows));
  const faults: string[] = [];
  for (let time = 0; time < 1440; time += 5) {
    const refusals = [...policy.refusals({ ...ASKED, date, time }, NOTHING, now)];
    const text = new Date(time * 60_000).toISOString().slice(11, 16);
    if ((refusals.length === 0) !== listed.has(text)) faults.push(`${text} is ${refusals.join() || 'free'}`);
    if (refusals.includes('no-such-time') === shown.has(time))
      faults.push(`${text} is taken for ${refusals.join()}`);
  }
  return faults;
}

function policyOf({ from, to, grid, visit }: Opening, { zone, dates }: Clocks): SlotPolicy {
  const day = [{ from, to }];
  const hours = new Hours({
    monday: day,
    tuesday: day,
    wednesday: day,
    thursday: day,
    friday: day,
    saturday: day,
    sunday: day,
  });
  const rules = {
    ...SlotPolicy.DEFAULT,
    hours,
    gridMinutes: grid,
    visitTypes: [{ name: 'visit', minutes: visit, bookableBy: 'everyone' as const }],
    horizonDays: dates.length + 30,
  };
  return new SlotPolicy(rules, Zone.of(zone));
}

function datesOf(year: number, years: number): string[] {
  const dates: string[] = [];
  for (let day = Date.UTC(year, 0); day < Date.UTC(year + years, 0); day += DAY) dates.push(dateOf(day));
  return dates;
}

function dateOf(local: number): string {
  return new Date(local).toISOString().slice(0, 10);
}
