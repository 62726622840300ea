import { describe, expect, test } from 'vitest';
import { MINUTE } from '#libs/kernel/clock.js';
import { addDays, type CalendarDate } from '../../../src/scheduling/domain/calendar.js';
import { TimeSlot } from '../../../src/scheduling/domain/time-slot.js';
import { Zone } from '../../../src/scheduling/domain/zone.js';
import { asks, busy, everyDay, FREE, policy, refusalsOf, visitType } from './builders.js';

/**
 * What people in these places were offered on days that are in every calendar. The laws derive what they expect from
 * the zone data; these are written down, so that both can be wrong only in different ways.
 */
const LONG_BEFORE = Date.parse('2024-12-01T00:00:00Z');

interface Day {
  zone: string;
  date: CalendarDate;
  open: string;
  grid: number;
  visit: number;
}

function policyOf({ zone, open, grid, visit }: Omit<Day, 'date'>) {
  const visitTypes = [visitType({ minutes: visit })];
  return policy(
    { hours: everyDay(open), gridMinutes: grid, visitTypes, horizonDays: 400, noticeMinutes: 0 },
    Zone.of(zone),
  );
}

/** `01:30@00:30Z`: what is listed, and when that is in UTC. */
function listed(day: Day, around = FREE): string {
  const slots = policyOf(day).freeSlots(asks('00:00'), day.date, day.date, around, LONG_BEFORE);
  return [...slots].map(({ time, startsAt }) => `${time}@${utc(startsAt)}`).join(' ');
}

function utc(instant: number): string {
  return `${new Date(instant).toISOString().slice(11, 16)}Z`;
}

describe('a doctor who is open from 01:00 to 03:00, for visits of 30 minutes, every 30 minutes', () => {
  const NIGHT = { open: '01:00–03:00', grid: 30, visit: 30 };

  test.each([
    ['Europe/Berlin', '2025-03-29', '01:00@00:00Z 01:30@00:30Z 02:00@01:00Z 02:30@01:30Z'],
    // At 02:00 it is 03:00: half of the hours are gone.
    ['Europe/Berlin', '2025-03-30', '01:00@00:00Z 01:30@00:30Z'],
    ['Europe/Berlin', '2025-03-31', '01:00@23:00Z 01:30@23:30Z 02:00@00:00Z 02:30@00:30Z'],
    ['Europe/Berlin', '2025-10-25', '01:00@23:00Z 01:30@23:30Z 02:00@00:00Z 02:30@00:30Z'],
    // At 03:00 it is 02:00 again: the first 02:00 and 02:30 are meant, and nothing starts in the second.
    ['Europe/Berlin', '2025-10-26', '01:00@23:00Z 01:30@23:30Z 02:00@00:00Z 02:30@00:30Z'],
    ['Europe/Berlin', '2025-10-27', '01:00@00:00Z 01:30@00:30Z 02:00@01:00Z 02:30@01:30Z'],
    ['America/New_York', '2025-03-09', '01:00@06:00Z 01:30@06:30Z'],
    // At 02:00 it is 01:00 again: the second 01:00 and 01:30 are left out, and 02:00 comes two hours after the first 01:00.
    ['America/New_York', '2025-11-02', '01:00@05:00Z 01:30@05:30Z 02:00@07:00Z 02:30@07:30Z'],
    // Half an hour is skipped, from 02:00 to 02:30.
    ['Australia/Lord_Howe', '2025-10-05', '01:00@14:30Z 01:30@15:00Z 02:30@15:30Z'],
    // Half an hour is shown twice, from 01:30 to 02:00.
    ['Australia/Lord_Howe', '2025-04-06', '01:00@14:00Z 01:30@14:30Z 02:00@15:30Z 02:30@16:00Z'],
    ['Asia/Kathmandu', '2025-03-30', '01:00@19:15Z 01:30@19:45Z 02:00@20:15Z 02:30@20:45Z'],
    // From 02:45 to 03:45 is skipped, and 02:30 would end in it: it ends at 02:45, which is 03:45.
    ['Pacific/Chatham', '2025-09-28', '01:00@12:15Z 01:30@12:45Z 02:00@13:15Z'],
    // From 02:45 to 03:45 is shown twice, and the hours are open again for the first quarter of it.
    ['Pacific/Chatham', '2025-04-06', '01:00@11:15Z 01:30@11:45Z 02:00@12:15Z 02:30@12:45Z'],
    // Before Ramadan the clocks go back, from 03:00 to 02:00; after it they go forward.
    ['Africa/Casablanca', '2025-02-23', '01:00@00:00Z 01:30@00:30Z 02:00@01:00Z 02:30@01:30Z'],
    ['Africa/Casablanca', '2025-04-06', '01:00@01:00Z 01:30@01:30Z'],
  ])('in %s on %s', (zone, date, expected) => {
    expect(listed({ zone, date, ...NIGHT })).toBe(expected);
  });
});

describe('mornings and afternoons are the same on every day of change', () => {
  const PRACTICE = { open: '09:00–10:00 14:00–15:00', grid: 30, visit: 30 };

  test.each([
    ['Europe/Berlin', '2025-03-30', '09:00@07:00Z 09:30@07:30Z 14:00@12:00Z 14:30@12:30Z'],
    ['Europe/Berlin', '2025-10-26', '09:00@08:00Z 09:30@08:30Z 14:00@13:00Z 14:30@13:30Z'],
    ['America/New_York', '2025-03-09', '09:00@13:00Z 09:30@13:30Z 14:00@18:00Z 14:30@18:30Z'],
    ['America/New_York', '2025-11-02', '09:00@14:00Z 09:30@14:30Z 14:00@19:00Z 14:30@19:30Z'],
    ['Australia/Lord_Howe', '2025-10-05', '09:00@22:00Z 09:30@22:30Z 14:00@03:00Z 14:30@03:30Z'],
    ['Australia/Lord_Howe', '2025-04-06', '09:00@22:30Z 09:30@23:00Z 14:00@03:30Z 14:30@04:00Z'],
    ['Asia/Kathmandu', '2025-10-26', '09:00@03:15Z 09:30@03:45Z 14:00@08:15Z 14:30@08:45Z'],
    ['Pacific/Chatham', '2025-09-28', '09:00@19:15Z 09:30@19:45Z 14:00@00:15Z 14:30@00:45Z'],
    ['Pacific/Chatham', '2025-04-06', '09:00@20:15Z 09:30@20:45Z 14:00@01:15Z 14:30@01:45Z'],
    ['Africa/Casablanca', '2025-02-23', '09:00@09:00Z 09:30@09:30Z 14:00@14:00Z 14:30@14:30Z'],
    ['Africa/Casablanca', '2025-04-06', '09:00@08:00Z 09:30@08:30Z 14:00@13:00Z 14:30@13:30Z'],
  ])('in %s on %s', (zone, date, expected) => {
    expect(listed({ zone, date, ...PRACTICE })).toBe(expected);
  });
});

describe('visits at the edges of a change, in Berlin', () => {
  const SPRING = { zone: 'Europe/Berlin', date: '2025-03-30' };
  const AUTUMN = { zone: 'Europe/Berlin', date: '2025-10-26' };

  test('a visit runs through the gap: it is as long as the clock on its wall is not', () => {
    const day = { ...SPRING, open: '01:00–05:00', grid: 60, visit: 90 };
    expect(listed(day)).toBe('01:00@00:00Z 03:00@01:00Z');
  });

  test('a visit runs through the fold, and the repeated hour makes room for one more', () => {
    const day = { open: '01:00–03:00', grid: 60, visit: 120 };
    expect(listed({ ...AUTUMN, ...day, date: '2025-10-25' })).toBe('01:00@23:00Z');
    expect(listed({ ...AUTUMN, ...day })).toBe('01:00@23:00Z 02:00@00:00Z');
  });

  test('hours that begin inside the gap keep their grid', () => {
    const day = { ...SPRING, open: '02:30–04:00', grid: 20, visit: 20 };
    expect(listed(day)).toBe('03:10@01:10Z 03:30@01:30Z');
  });

  test('hours that end inside the repeated time are open twice, and a visit lies in one of the two', () => {
    const day = { ...AUTUMN, open: '01:30–02:30', grid: 15, visit: 30 };
    expect(listed(day)).toBe('01:30@23:30Z 01:45@23:45Z 02:00@00:00Z');
  });

  test('a visit lies in one interval, also where the repeated hour brings the end of one to the start of another', () => {
    const day = { ...AUTUMN, open: '02:00–02:20 02:40–03:00', grid: 20 };
    expect(listed({ ...day, visit: 20 })).toBe('02:00@00:00Z 02:40@00:40Z');
    expect(listed({ ...day, visit: 40 })).toBe('');
  });

  test('a time in the gap is refused as one that does not exist, and the one beside it is not', () => {
    const of = policyOf({ zone: SPRING.zone, open: '00:00–24:00', grid: 5, visit: 5 });
    const answer = (time: string) => refusalsOf(of, asks(time, SPRING), FREE, LONG_BEFORE);
    expect(answer('01:55')).toEqual([]);
    expect(answer('02:00')).toEqual(['no-such-time']);
    expect(answer('02:55')).toEqual(['no-such-time']);
    expect(answer('03:00')).toEqual([]);
  });

  test('an appointment in the first showing leaves what follows free, and one in the second is in nobody’s way', () => {
    const day = { ...AUTUMN, open: '02:00–03:00', grid: 30, visit: 30 };
    const [first, second] = ['2025-10-26T00:00:00Z', '2025-10-26T01:00:00Z'].map((text) =>
      TimeSlot.lasting(Date.parse(text), 30),
    );
    expect(listed(day, busy({ doctor: [first!] }))).toBe('02:30@00:30Z');
    expect(listed(day, busy({ doctor: [second!] }))).toBe('02:00@00:00Z 02:30@00:30Z');
  });

  test('a day of change is full by its own date: all of its 25 hours count, and no other', () => {
    const day = { ...AUTUMN, open: '09:00–10:00', grid: 30, visit: 30 };
    const of = policy({ ...policyOf(day).rules, dailyMaximum: 1 }, Zone.of(day.zone));
    const on = (start: string) =>
      refusalsOf(of, asks('09:00', AUTUMN), busy({ starts: [Date.parse(start)] }), LONG_BEFORE);
    expect(on('2025-10-25T21:55:00Z')).toEqual([]);
    expect(on('2025-10-25T22:00:00Z')).toEqual(['day-full']);
    expect(on('2025-10-26T22:55:00Z')).toEqual(['day-full']);
    expect(on('2025-10-26T23:00:00Z')).toEqual([]);
  });
});

describe('a doctor who moves from Berlin to New York', () => {
  const DAY = { date: '2025-06-02', open: '09:00–12:00', grid: 60, visit: 60 };
  const booked = TimeSlot.lasting(Date.parse('2025-06-02T13:00:00Z'), 60);

  test('is open at the same times of another clock', () => {
    expect(listed({ ...DAY, zone: 'Europe/Berlin' })).toBe('09:00@07:00Z 10:00@08:00Z 11:00@09:00Z');
    expect(listed({ ...DAY, zone: 'America/New_York' })).toBe('09:00@13:00Z 10:00@14:00Z 11:00@15:00Z');
  });

  test('keeps what is booked at its instant: it is in the way where the new clock shows it', () => {
    const around = busy({ doctor: [booked] });
    expect(listed({ ...DAY, zone: 'Europe/Berlin' }, around)).toBe('09:00@07:00Z 10:00@08:00Z 11:00@09:00Z');
    expect(listed({ ...DAY, zone: 'America/New_York' }, around)).toBe('10:00@14:00Z 11:00@15:00Z');
  });

  test('has it inside the hours or outside them by the new clock', () => {
    expect(policyOf({ ...DAY, zone: 'Europe/Berlin' }).isOpenDuring(booked)).toBe(false);
    expect(policyOf({ ...DAY, zone: 'America/New_York' }).isOpenDuring(booked)).toBe(true);
  });
});

describe('a horizon that crosses a change', () => {
  const horizonDays = 3;

  function lastDay(zone: string, now: string): string {
    const of = policy({ hours: everyDay('00:00–24:00'), gridMinutes: 60, horizonDays }, Zone.of(zone));
    const start = Date.parse(now);
    const today = Zone.of(zone).dateAt(start);
    const free = [...of.freeSlots(asks('00:00'), today, addDays(today, 9), FREE, start)];
    const { date, time, startsAt } = free.at(-1)!;
    return `${date} ${time} ${Math.round((startsAt - start) / MINUTE)}`;
  }

  test('counts calendar days: an hour shorter in spring, an hour longer in autumn', () => {
    // All three ask at 12:00 of their wall; the last start is 23:00 three days later, 83 hours by an ordinary clock.
    expect(lastDay('Europe/Berlin', '2025-06-02T10:00:00Z')).toBe(`2025-06-05 23:00 ${83 * 60}`);
    expect(lastDay('Europe/Berlin', '2025-03-28T11:00:00Z')).toBe(`2025-03-31 23:00 ${82 * 60}`);
    expect(lastDay('Europe/Berlin', '2025-10-24T10:00:00Z')).toBe(`2025-10-27 23:00 ${84 * 60}`);
    expect(lastDay('Australia/Lord_Howe', '2025-10-03T01:30:00Z')).toBe(`2025-10-06 23:00 ${83 * 60 - 30}`);
  });

  test('the day after it is too far at every time, also at those that the change moves', () => {
    const of = policy(
      { hours: everyDay('00:00–24:00'), gridMinutes: 5, horizonDays: 1 },
      Zone.of('Europe/Berlin'),
    );
    const now = Date.parse('2025-03-29T22:55:00Z');
    const answer = (date: string, time: string) => refusalsOf(of, asks(time, { date }), FREE, now);
    expect(answer('2025-03-30', '23:30')).toEqual([]);
    expect(answer('2025-03-31', '00:00')).toEqual(['too-far']);
    expect(answer('2025-03-30', '02:30')).toEqual(['no-such-time']);
  });
});

test('the days of change are as long as the calendars of these places say', () => {
  const whole = (zone: string, date: string) =>
    Zone.of(zone)
      .spansOf(date, 0, 1440)
      .reduce((sum, { minutes }) => sum + minutes, 0);
  expect(whole('Europe/Berlin', '2025-03-30')).toBe(23 * 60);
  expect(whole('Europe/Berlin', '2025-10-26')).toBe(25 * 60);
  expect(whole('America/New_York', '2025-03-09')).toBe(23 * 60);
  expect(whole('America/New_York', '2025-11-02')).toBe(25 * 60);
  expect(whole('Australia/Lord_Howe', '2025-10-05')).toBe(24 * 60 - 30);
  expect(whole('Australia/Lord_Howe', '2025-04-06')).toBe(24 * 60 + 30);
  expect(whole('Pacific/Chatham', '2025-09-28')).toBe(23 * 60);
  expect(whole('Pacific/Chatham', '2025-04-06')).toBe(25 * 60);
  expect(whole('Africa/Casablanca', '2025-02-23')).toBe(25 * 60);
  expect(whole('Africa/Casablanca', '2025-04-06')).toBe(23 * 60);
  expect(whole('Asia/Kathmandu', '2025-03-30')).toBe(24 * 60);
});
