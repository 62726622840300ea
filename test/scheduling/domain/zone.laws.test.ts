import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, type Instant } from '#libs/kernel/clock.js';
import { addDays, asIfUtc } from '../../../src/scheduling/domain/calendar.js';
import { Zone } from '../../../src/scheduling/domain/zone.js';
import { LAW_ZONES } from './builders.js';
import { WallClock } from './wall-clock.js';

const ZONES = [
  ...LAW_ZONES,
  'Africa/Cairo',
  'America/Nuuk',
  'America/Santiago',
  'America/St_Johns',
  'Asia/Beirut',
  'Asia/Kathmandu',
  'Europe/Istanbul',
  'Europe/London',
  'Pacific/Apia',
  'Pacific/Chatham',
  'UTC',
];

interface Place {
  name: string;
  instant: Instant;
}

const anywhere = (zones: readonly string[], years: { min: number; max: number }): fc.Arbitrary<Place> =>
  fc.record({
    name: fc.constantFrom(...zones),
    instant: fc.integer({ min: Date.UTC(years.min, 0), max: Date.UTC(years.max, 0) }),
  });

/** Within a day and a half of a change of the zone's clocks; anywhere in the year if it has none. */
const nearChange: fc.Arbitrary<Place> = fc
  .record({
    name: fc.constantFrom(...ZONES),
    year: fc.integer({ min: 1995, max: 2045 }),
    which: fc.nat(),
    beside: fc.integer({ min: -36 * HOUR, max: 36 * HOUR }),
    onTheTick: fc.boolean(),
  })
  .map(({ name, year, which, beside, onTheTick }) => {
    const changes = WallClock.of(name).changesIn(year);
    const at = changes.length === 0 ? Date.UTC(year, 6) + (which % DAY) : changes[which % changes.length]!.at;
    return { name, instant: at + (onTheTick ? Math.round(beside / (15 * MINUTE)) * 15 * MINUTE : beside) };
  });

const place = fc.oneof(
  { weight: 3, arbitrary: nearChange },
  { weight: 1, arbitrary: anywhere(ZONES, { min: 1975, max: 2199 }) },
);

test('a zone shows what Intl shows, at any instant', () => {
  fc.assert(
    fc.property(place, ({ name, instant }) => {
      expect(Zone.of(name).wallClockAt(instant)).toEqual(WallClock.of(name).shows(instant));
    }),
    { numRuns: 400 },
  );
});

test('every zone of the running Node shows what Intl shows', () => {
  fc.assert(
    fc.property(
      anywhere(Intl.supportedValuesOf('timeZone'), { min: 2020, max: 2040 }),
      ({ name, instant }) => {
        expect(Zone.of(name).wallClockAt(instant)).toEqual(WallClock.of(name).shows(instant));
      },
    ),
    { numRuns: 60 },
  );
});

test('a wall time means the first instant that shows it, and none if none does', () => {
  fc.assert(
    fc.property(place, fc.integer({ min: -90, max: 90 }), ({ name, instant }, beside) => {
      const local = instant + WallClock.of(name).offsetAt(instant) + beside * MINUTE;
      const date = new Date(local).toISOString().slice(0, 10);
      const time = Math.floor((local - asIfUtc(date)) / MINUTE);
      expect(Zone.of(name).instantOf(date, time)).toBe(WallClock.of(name).instantsShowing(date, time)[0]);
    }),
    { numRuns: 400 },
  );
});

test('the spans of an interval hold exactly the instants whose wall time lies in it, and are as few as can be', () => {
  const minutes = fc.integer({ min: 0, max: 288 }).map((ticks) => ticks * 5);
  const interval = fc.tuple(minutes, minutes).filter(([from, to]) => from < to);
  fc.assert(
    fc.property(nearChange, interval, ({ name, instant }, [from, to]) => {
      const clock = WallClock.of(name);
      const { date } = clock.shows(instant);
      const spans = Zone.of(name).spansOf(date, from, to);
      for (const [i, span] of spans.entries()) {
        if (i > 0) expect(spans[i - 1]!.endsAt).toBeLessThan(span.startsAt);
      }
      const end = asIfUtc(addDays(date, 1)) + 15 * HOUR;
      for (let tick = asIfUtc(date) - 15 * HOUR; tick < end; tick += 5 * MINUTE) {
        const shown = clock.shows(tick);
        const lies = shown.date === date && from <= shown.time && shown.time < to;
        const isHeld = spans.some(({ startsAt, endsAt }) => startsAt <= tick && tick < endsAt);
        if (lies !== isHeld) expect.fail(`${name} ${date} ${from}–${to}: ${new Date(tick).toISOString()}`);
      }
    }),
    { numRuns: 80 },
  );
});
