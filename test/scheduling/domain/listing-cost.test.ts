import { describe, expect, test } from 'vitest';
import { HOUR } from '#libs/kernel/clock.js';
import { Agenda, type Occupied } from '../../../src/scheduling/domain/agenda.js';
import { addDays } from '../../../src/scheduling/domain/calendar.js';
import type { SlotRules } from '../../../src/scheduling/domain/slot-policy.js';
import { TimeSlot } from '../../../src/scheduling/domain/time-slot.js';
import type { Zone } from '../../../src/scheduling/domain/zone.js';
import { asks, at, BERLIN, busy, everyDay, insists, MONDAY, NOON_BEFORE, policy } from './builders.js';

/** A zone that counts what it is asked. */
function counting(zone: Zone): { zone: Zone; asked: () => number } {
  let count = 0;
  const counted = new Proxy(zone, {
    get(of, name) {
      const value: unknown = Reflect.get(of, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        count++;
        return Reflect.apply(value, of, args);
      };
    },
  });
  return { zone: counted, asked: () => count };
}

const LUNCH = '09:00–12:00 13:00–17:00';
const VISITS = Array.from({ length: 600 }, (_, i) => TimeSlot.lasting(at('09:00') + i * 2 * HOUR, 15));
const FULL = busy({
  doctor: VISITS,
  starts: VISITS.map(({ startsAt }) => startsAt),
  absences: [TimeSlot.lasting(at('13:00'), 48 * 60)],
});

interface Listing {
  days: number;
  rules?: Partial<SlotRules>;
  around?: typeof FULL;
  request?: ReturnType<typeof asks>;
}

/** How often one listing asks the zone. */
function conversionsOf({ days, rules = {}, around = busy(), request = asks('00:00') }: Listing): number {
  const { zone, asked } = counting(BERLIN);
  const of = policy({ hours: everyDay(LUNCH), gridMinutes: 15, horizonDays: 400, ...rules }, zone);
  const free = [...of.freeSlots(request, MONDAY, addDays(MONDAY, days - 1), around, NOON_BEFORE)];
  expect(free.length).toBeGreaterThan(days);
  return asked();
}

describe('a listing asks the zone', () => {
  const TODAY = 1;

  test('once for each interval of hours, and once what day it is today', () => {
    expect(conversionsOf({ days: 62 })).toBe(2 * 62 + TODAY);
  });

  test('at most twice for each interval of hours, whatever the rules and whoever asks', () => {
    const oneInterval = everyDay('09:00–17:00');
    for (const hours of [everyDay(LUNCH), oneInterval]) {
      for (const request of [asks('00:00'), insists('00:00')]) {
        const intervals = (hours === oneInterval ? 1 : 2) * 62;
        const rules = { hours, dailyMaximum: 20 };
        const asked = conversionsOf({ days: 62, rules, around: FULL, request });
        expect(asked - TODAY).toBeLessThanOrEqual(2 * intervals);
      }
    }
  });

  test('no more often when the grid is finer or the agenda is full', () => {
    const plain = conversionsOf({ days: 62 });
    expect(conversionsOf({ days: 62, rules: { gridMinutes: 5 } })).toBe(plain);
    expect(conversionsOf({ days: 62, around: FULL })).toBe(plain);
  });

  test('as often for each day of a year as for each day of a week', () => {
    const perDay = (days: number): number => (conversionsOf({ days, around: FULL }) - TODAY) / days;
    expect([7, 62, 365].map(perDay)).toEqual([2, 2, 2]);
  });
});

test('a listing asks the agenda in the order of time, once for each time that the rules leave', () => {
  class CountingAgenda extends Agenda {
    starts: number[] = [];

    override sweep(): Occupied {
      const swept = super.sweep();
      return {
        isFree: (slot) => {
          this.starts.push(slot.startsAt);
          return swept.isFree(slot);
        },
      };
    }
  }
  const questions = (days: number): number => {
    const doctor = new CountingAgenda(VISITS);
    const of = policy({ hours: everyDay(LUNCH), gridMinutes: 15, horizonDays: 400 });
    const around = { ...busy(), doctor };
    const free = [...of.freeSlots(asks('00:00'), MONDAY, addDays(MONDAY, days - 1), around, NOON_BEFORE)];
    expect(free.length).toBeGreaterThan(0);
    expect(doctor.starts).toEqual(doctor.starts.toSorted((a, b) => a - b));
    return doctor.starts.length;
  };
  const timesOfADay = 11 + 15;
  expect([7, 62, 365].map(questions)).toEqual([7, 62, 365].map((days) => days * timesOfADay));
});
