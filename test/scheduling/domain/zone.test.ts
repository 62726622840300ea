import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, type Instant } from '#libs/kernel/clock.js';
import { MAX_BUFFER_MINUTES, TimeSlot } from '../../../src/scheduling/domain/time-slot.js';
import { widestSpanOf, Zone } from '../../../src/scheduling/domain/zone.js';
import { YEAR } from './builders.js';
import { WallClock, wallOf, type ClockChange } from './wall-clock.js';

const WHOLE_DAY = [0, 1440] as const;

const isGap = ({ before, after }: ClockChange): boolean => after > before;
const isFold = ({ before, after }: ClockChange): boolean => after < before;

/** The first wall time that a change skips or repeats, and for how many minutes it does. */
function skippedOrRepeated({ at, before, after }: ClockChange): {
  date: string;
  time: number;
  minutes: number;
} {
  return { ...wallOf(at + Math.min(before, after)), minutes: Math.abs(after - before) / MINUTE };
}

function changeOf(zone: string, kind: (change: ClockChange) => boolean, year = YEAR): ClockChange {
  const change = WallClock.of(zone).changesIn(year).find(kind);
  if (change === undefined)
    throw new Error(`the zone data of this Node has no such change of ${zone} in ${year}`);
  return change;
}

/** Every five minutes of what a change skips or repeats. */
function wallTimesWithin(change: ClockChange): { date: string; time: number }[] {
  const { minutes } = skippedOrRepeated(change);
  return Array.from({ length: minutes / 5 }, (_, i) =>
    wallOf(change.at + Math.min(change.before, change.after) + i * 5 * MINUTE),
  );
}

function lengths(spans: readonly TimeSlot[]): number[] {
  return spans.map(({ minutes }) => minutes);
}

const CHANGING = [
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/Santiago',
  'Asia/Beirut',
  'Africa/Cairo',
  'America/Nuuk',
];

describe.each(CHANGING)('in %s', (name) => {
  const zone = Zone.of(name);
  const gap = changeOf(name, isGap);
  const fold = changeOf(name, isFold);

  test('a wall time in the gap does not exist, and the first one after it is the change itself', () => {
    for (const { date, time } of wallTimesWithin(gap)) expect(zone.instantOf(date, time)).toBeUndefined();
    const { date, time } = wallOf(gap.at + gap.after);
    expect(zone.instantOf(date, time)).toBe(gap.at);
  });

  test('of a wall time that occurs twice the first is meant', () => {
    for (const { date, time } of wallTimesWithin(fold)) {
      const [first, second] = WallClock.of(name).instantsShowing(date, time);
      expect(second! - first!).toBe(fold.before - fold.after);
      expect(zone.instantOf(date, time)).toBe(first);
      expect(zone.wallClockAt(second!)).toEqual({ date, time });
    }
  });

  test('the instant before a change still shows the old time, and the change itself the new one', () => {
    for (const { at, before, after } of [gap, fold]) {
      expect(zone.wallClockAt(at - 1)).toEqual(wallOf(at - 1 + before));
      expect(zone.wallClockAt(at)).toEqual(wallOf(at + after));
    }
  });

  test('what the gap skips has no span, and what the fold repeats has one of twice its length', () => {
    const skipped = skippedOrRepeated(gap);
    const toMidnight = Math.min(skipped.time + skipped.minutes, 1440);
    expect(zone.spansOf(skipped.date, skipped.time, toMidnight)).toEqual([]);
    const repeated = skippedOrRepeated(fold);
    expect(lengths(zone.spansOf(repeated.date, repeated.time, repeated.time + repeated.minutes))).toEqual([
      2 * repeated.minutes,
    ]);
  });

  test('an interval that ends inside the repeated time is two spans, and one that begins in it too', () => {
    const { date, time, minutes } = skippedOrRepeated(fold);
    expect(lengths(zone.spansOf(date, time, time + 10))).toEqual([10, 10]);
    expect(lengths(zone.spansOf(date, time + minutes - 10, time + minutes))).toEqual([10, 10]);
  });
});

test('a zone may move its clocks by half an hour', () => {
  const change = changeOf('Australia/Lord_Howe', isGap);
  expect(change.after - change.before).toBe(30 * MINUTE);
  const { date } = skippedOrRepeated(change);
  expect(lengths(Zone.of('Australia/Lord_Howe').spansOf(date, ...WHOLE_DAY))).toEqual([1440 - 30]);
});

test('a zone may stand half an hour beside the others and never change', () => {
  const kolkata = Zone.of('Asia/Kolkata');
  expect(WallClock.of('Asia/Kolkata').changesIn(YEAR)).toEqual([]);
  expect(kolkata.instantOf('2026-01-15', 9 * 60)).toBe(Date.parse('2026-01-15T09:00:00+05:30'));
  expect(kolkata.instantOf('2026-07-15', 9 * 60)).toBe(Date.parse('2026-07-15T09:00:00+05:30'));
  expect(kolkata.wallClockAt(Date.parse('2026-01-14T20:00:00Z'))).toEqual({ date: '2026-01-15', time: 90 });
});

test('a zone may put its clocks back before it puts them forward in a year', () => {
  const [first, second] = WallClock.of('Africa/Casablanca').changesIn(YEAR) as [ClockChange, ClockChange];
  expect(isFold(first) && isGap(second)).toBe(true);
  const casablanca = Zone.of('Africa/Casablanca');
  const noonBetween = wallOf((first.at + second.at) / 2 + first.after);
  const [instant] = WallClock.of('Africa/Casablanca').instantsShowing(noonBetween.date, noonBetween.time);
  expect(casablanca.instantOf(noonBetween.date, noonBetween.time)).toBe(instant);
});

test('where the clocks go forward at midnight the day begins at one', () => {
  const change = changeOf('Africa/Cairo', isGap);
  const { date, time } = skippedOrRepeated(change);
  expect(time).toBe(0);
  expect(Zone.of('Africa/Cairo').spansOf(date, ...WHOLE_DAY)).toEqual([
    new TimeSlot(change.at, change.at + 23 * HOUR),
  ]);
});

test('where the clocks go back at midnight the day before has twenty-five hours in one span', () => {
  const change = changeOf('Africa/Cairo', isFold);
  const { date, time } = skippedOrRepeated(change);
  expect(time).toBe(23 * 60);
  const startsAt = change.at - 24 * HOUR;
  expect(Zone.of('Africa/Cairo').spansOf(date, ...WHOLE_DAY)).toEqual([
    new TimeSlot(startsAt, startsAt + 25 * HOUR),
  ]);
});

test('where the gap ends at midnight the day ends an hour early', () => {
  const change = changeOf('America/Nuuk', isGap);
  const { date, time } = skippedOrRepeated(change);
  expect(time).toBe(23 * 60);
  expect(Zone.of('America/Nuuk').spansOf(date, ...WHOLE_DAY)).toEqual([
    new TimeSlot(change.at - 23 * HOUR, change.at),
  ]);
});

test('a date that was skipped has no time and no span', () => {
  const change = changeOf('Pacific/Apia', ({ before, after }) => after - before === DAY, 2011);
  const apia = Zone.of('Pacific/Apia');
  const { date } = wallOf(change.at + change.before);
  expect(apia.spansOf(date, ...WHOLE_DAY)).toEqual([]);
  for (let time = 0; time < 1440; time += 30) expect(apia.instantOf(date, time)).toBeUndefined();
  expect(apia.dateAt(change.at)).not.toBe(date);
  expect(apia.dateAt(change.at - 1)).not.toBe(date);
});

test('the wall clock drops seconds, also before 1970', () => {
  const berlin = Zone.of('Europe/Berlin');
  expect(berlin.wallClockAt(Date.parse('2026-06-01T07:00:59.999Z'))).toEqual({
    date: '2026-06-01',
    time: 9 * 60,
  });
  expect(berlin.wallClockAt(Date.parse('1969-12-31T22:59:59.999Z'))).toEqual({
    date: '1969-12-31',
    time: 1439,
  });
});

test('a zone is a name that the running Node knows, and never an offset', () => {
  const notZones = ['Mars/Olympus_Mons', '', '+02:00', '-0300', '2026-06-01T00:00+02:00[Europe/Berlin]'];
  for (const name of notZones) expect(() => Zone.of(name), name).toThrow(RangeError);
  expect(Zone.of('Europe/Berlin')).toBe(Zone.of('Europe/Berlin'));
});

test('far dates have times like near ones', () => {
  const clock = WallClock.of('Europe/Berlin');
  for (const date of ['1975-07-01', '2199-07-01', '2199-12-31']) {
    const [expected]: Instant[] = clock.instantsShowing(date, 600);
    expect(Zone.of('Europe/Berlin').instantOf(date, 600), date).toBe(expected);
  }
});

describe('what has to be read for a date', () => {
  // The clocks furthest behind UTC and ahead of it are at the ends.
  test.each(['Etc/GMT+12', 'Pacific/Niue', 'Europe/Berlin', 'Pacific/Chatham', 'Pacific/Kiritimati'])(
    'reaches in %s to neighbours that are as near as the longest buffer',
    (name) => {
      const zone = Zone.of(name);
      const span = widestSpanOf('2025-06-02');
      const [begins, ends] = ['2025-06-02', '2025-06-03'].map(
        (date) => zone.instantOf(date, 0) ?? Number.NaN,
      );
      expect(span.startsAt).toBeLessThanOrEqual(begins! - MAX_BUFFER_MINUTES * MINUTE);
      expect(span.endsAt).toBeGreaterThanOrEqual(ends! + MAX_BUFFER_MINUTES * MINUTE);
    },
  );
});
