import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE, type Instant } from '#libs/kernel/clock.js';
import { Stretch } from '../../../src/scheduling/domain/stretch.js';
import { TimeSlot } from '../../../src/scheduling/domain/time-slot.js';
import { Zone } from '../../../src/scheduling/domain/zone.js';
import { datesOfChange, LAW_ZONES, MONDAY } from './builders.js';
import { WallClock } from './wall-clock.js';

const MIDNIGHT: Instant = Date.UTC(2025, 5, 2);
const NINE = 9 * 60;
const TEN = 10 * 60;

/** The instant at which UTC shows this minute of the day. */
const utc = (minutes: number): Instant => MIDNIGHT + minutes * MINUTE;
const span = (from: number, to: number): TimeSlot => new TimeSlot(utc(from), utc(to));

describe('a stretch', () => {
  test('of an ordinary day is one span, in which times are added to midnight', () => {
    const stretch = new Stretch([{ from: utc(NINE), until: utc(TEN), midnight: MIDNIGHT }]);
    expect(stretch.spans).toEqual([span(NINE, TEN)]);
    expect(stretch.instantOf(NINE)).toBe(utc(NINE));
    expect(stretch.instantOf(TEN - 5)).toBe(utc(TEN - 5));
  });

  test('does not show the times before it and from its end on', () => {
    const stretch = new Stretch([{ from: utc(NINE), until: utc(TEN), midnight: MIDNIGHT }]);
    expect(stretch.instantOf(NINE - 5)).toBeUndefined();
    expect(stretch.instantOf(TEN)).toBeUndefined();
  });

  test('of a date that is skipped holds nothing', () => {
    const stretch = new Stretch([]);
    expect(stretch.spans).toEqual([]);
    expect(stretch.instantOf(NINE)).toBeUndefined();
    expect(stretch.contains(span(NINE, TEN))).toBe(false);
  });

  test('around a fold is one span where its parts touch; the first showing of a time is meant', () => {
    const stretch = new Stretch([
      { from: utc(120), until: utc(180), midnight: MIDNIGHT },
      { from: utc(180), until: utc(240), midnight: MIDNIGHT + HOUR },
    ]);
    expect(stretch.spans).toEqual([span(120, 240)]);
    expect(stretch.instantOf(150)).toBe(utc(150));
    expect(stretch.contains(span(150, 210))).toBe(true);
  });

  test('whose parts are apart contains nothing that runs from one to the other', () => {
    const stretch = new Stretch([
      { from: utc(120), until: utc(150), midnight: MIDNIGHT },
      { from: utc(180), until: utc(210), midnight: MIDNIGHT + HOUR },
    ]);
    expect(stretch.spans).toEqual([span(120, 150), span(180, 210)]);
    expect(stretch.contains(span(120, 150))).toBe(true);
    expect(stretch.contains(span(180, 210))).toBe(true);
    expect(stretch.contains(span(145, 185))).toBe(false);
    expect(stretch.contains(span(150, 180))).toBe(false);
  });

  test('around a gap shows a time by the clocks of its own part', () => {
    const stretch = new Stretch([
      { from: utc(60), until: utc(120), midnight: MIDNIGHT },
      { from: utc(120), until: utc(180), midnight: MIDNIGHT - HOUR },
    ]);
    expect(stretch.instantOf(90)).toBe(utc(90));
    expect(stretch.instantOf(150)).toBeUndefined();
    expect(stretch.instantOf(210)).toBe(utc(150));
  });
});

describe.each([...LAW_ZONES, 'Asia/Kathmandu', 'Pacific/Chatham'])('a stretch of hours in %s', (name) => {
  const zone = Zone.of(name);
  const dates = [MONDAY, ...datesOfChange(name)];

  test('shows each of its times when the zone does, and no other', () => {
    for (const date of dates) {
      for (const [from, to] of [
        [0, 1440],
        [60, 180],
        [NINE, 17 * 60],
      ] as const) {
        const stretch = zone.stretchOf(date, from, to);
        for (let time = 0; time < 1440; time += 5) {
          const [first] = WallClock.of(name).instantsShowing(date, time);
          const expected = from <= time && time < to ? first : undefined;
          expect(stretch.instantOf(time), `${date} ${time}`).toBe(expected);
        }
      }
    }
  });

  test('is as long as the wall time that its clocks show', () => {
    for (const date of dates) {
      const shown = WallClock.of(name)
        .ticksOf(date)
        .filter(({ time }) => 60 <= time && time < 180);
      const held = zone.stretchOf(date, 60, 180).spans.flatMap((part) => part.ticks());
      expect(
        held.map((tick) => tick * 5 * MINUTE),
        date,
      ).toEqual(shown.map(({ instant }) => instant));
    }
  });
});
