import { describe, expect, test } from 'vitest';
import { asIfUtc } from '../../../src/scheduling/domain/calendar.js';
import { datesFrom, judgeVisits } from '../../../src/scheduling/domain/series.js';
import { busyWith, busyWithout } from '../../../src/scheduling/domain/slot-policy.js';
import { Zone } from '../../../src/scheduling/domain/zone.js';
import {
  busy,
  datesOfChange,
  FREE,
  insists,
  LAW_ZONES,
  NOON_BEFORE,
  policy,
  slot,
  YEAR,
} from './builders.js';
import { WallClock } from './wall-clock.js';

describe('the dates of a series', () => {
  test('are so many weeks apart, over the ends of months and years', () => {
    expect(datesFrom('2028-02-22', { everyWeeks: 1, count: 3 })).toEqual([
      '2028-02-22',
      '2028-02-29',
      '2028-03-07',
    ]);
    expect(datesFrom('2025-12-22', { everyWeeks: 2, count: 2 })).toEqual(['2025-12-22', '2026-01-05']);
  });
});

describe('what stands in the way beside a visit', () => {
  test('is what stood there and the visit, and without it what stood there', () => {
    const taken = busy({ doctor: [slot('09:00', '09:30')], patient: [slot('12:00', '12:30')] });
    const visit = { slot: slot('10:00', '10:30') };
    const beside = busyWith(visit, taken, NOON_BEFORE);
    const ten = slot('10:15', '10:20');
    expect([beside.doctor.isFree(ten), beside.patient.isFree(ten)]).toEqual([false, false]);
    expect([beside.openWithDoctor, beside.starts]).toEqual([1, [visit.slot.startsAt]]);
    const without = busyWithout(visit, beside, NOON_BEFORE);
    expect([without.doctor.isFree(ten), without.patient.isFree(ten)]).toEqual([true, true]);
    expect([without.openWithDoctor, without.starts]).toEqual([0, []]);
    expect(without.doctor.isFree(slot('09:25', '09:35'))).toBe(false);
  });
});

describe('a series keeps its wall time across every change of a year', () => {
  const LONG_BEFORE = Date.UTC(YEAR - 1, 11, 1);
  const TIMES = [0, 90, 120, 150, 180, 9 * 60, 23 * 60];

  test.each(LAW_ZONES)('in %s; a visit in a gap is refused, and none is moved', (zone) => {
    const clock = WallClock.of(zone);
    const of = policy({}, Zone.of(zone));
    const changes = datesOfChange(zone);
    let judged = 0;
    // Series of a year on every weekday, so that each date of change is a date of some of them.
    for (let day = 1; day <= 7; day++) {
      const dates = [0, 26].flatMap((week) =>
        datesFrom(new Date(asIfUtc(`${YEAR}-01-0${day}`, week * 7 * 1440)).toISOString().slice(0, 10), {
          everyWeeks: 1,
          count: 26,
        }),
      );
      for (const time of TIMES) {
        const asked = { ...insists('00:00'), time, durationMinutes: 5 };
        for (const { date, place, refusals } of judgeVisits(of, asked, dates, FREE, LONG_BEFORE).visits) {
          const [first] = clock.instantsShowing(date, time);
          expect(place?.slot.startsAt, `${zone} ${date} ${time}`).toBe(first);
          expect(refusals, `${zone} ${date} ${time}`).toEqual(first === undefined ? ['no-such-time'] : []);
          judged += Number(changes.includes(date));
        }
      }
    }
    expect(judged).toBe(changes.length * TIMES.length);
  });
});
