import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, type Instant } from '#libs/kernel/clock.js';
import { addDays, type CalendarDate } from '../../../src/scheduling/domain/calendar.js';
import { Hours } from '../../../src/scheduling/domain/hours.js';
import { REFUSAL_PROBLEMS, SlotRefused } from '../../../src/scheduling/domain/refusals.js';
import { SlotPolicy } from '../../../src/scheduling/domain/slot-policy.js';
import { TimeSlot } from '../../../src/scheduling/domain/time-slot.js';
import { Zone } from '../../../src/scheduling/domain/zone.js';
import {
  asks,
  at,
  BERLIN,
  busy,
  everyDay,
  FREE,
  hours,
  insists,
  MONDAY,
  NOON_BEFORE,
  policy,
  refusalsOf,
  SATURDAY,
  slot,
  SUNDAY,
  timesOf,
  TUESDAY,
  visitType,
  YEAR,
} from './builders.js';
import { WallClock, wallOf } from './wall-clock.js';

/** The dates on which Berlin's clocks skip and repeat an hour from 02:00. */
function berlinChanges(): { forward: CalendarDate; back: CalendarDate } {
  const changes = WallClock.of(BERLIN.name).changesIn(YEAR);
  const dateOf = (forward: boolean): CalendarDate => {
    const { at, before } = changes.find(({ before, after }) => after > before === forward)!;
    return wallOf(at + before).date;
  };
  return { forward: dateOf(true), back: dateOf(false) };
}

const { forward: FORWARD, back: BACK } = berlinChanges();
const dayBefore = (date: CalendarDate): Instant => BERLIN.instantOf(date, 720)! - DAY;

describe('the codes', () => {
  test('each rule has its code and its kind, in the order in which refusals are told', () => {
    expect(REFUSAL_PROBLEMS.map(({ code, kind }) => [code, kind])).toEqual([
      ['unknown-visit-type', 'rule'],
      ['no-such-time', 'rule'],
      ['in-the-past', 'rule'],
      ['too-soon', 'rule'],
      ['too-far', 'rule'],
      ['outside-hours', 'rule'],
      ['off-grid', 'rule'],
      ['doctor-absent', 'conflict'],
      ['slot-taken', 'conflict'],
      ['day-full', 'conflict'],
      ['patient-limit', 'conflict'],
      ['patient-busy', 'conflict'],
    ]);
  });

  test('a refusal is an error that carries its code, kind and alternatives', () => {
    const alternatives = policy().nearestFreeSlots(asks('09:00'), FREE, NOON_BEFORE, 1);
    const refused = new SlotRefused('slot-taken', { alternatives });
    expect(refused.problem).toMatchObject({ code: 'slot-taken', kind: 'conflict' });
    expect(refused.details).toEqual({ alternatives });
  });
});

describe('the order', () => {
  const strict = policy({
    visitTypes: [visitType({ bookableBy: 'doctor' })],
    noticeMinutes: 3 * 24 * 60,
    horizonDays: 0,
    dailyMaximum: 1,
  });
  const crowded = busy({
    absences: [slot('07:00', '08:00')],
    doctor: [slot('07:00', '08:00')],
    starts: [at('07:00')],
    openWithDoctor: 5,
    patient: [slot('07:00', '08:00')],
  });
  const named = { visitType: 'consultation' };

  test('refusals come in the order of the table when several apply', () => {
    expect(refusalsOf(strict, asks('07:02', named), crowded)).toEqual([
      'unknown-visit-type',
      'too-soon',
      'too-far',
      'outside-hours',
      'off-grid',
      'doctor-absent',
      'slot-taken',
      'day-full',
      'patient-limit',
      'patient-busy',
    ]);
  });

  test('a time that is past is told before the notice that it lacks', () => {
    expect(refusalsOf(strict, asks('07:02', named), crowded, at('12:00')).slice(0, 4)).toEqual([
      'unknown-visit-type',
      'in-the-past',
      'too-soon',
      'outside-hours',
    ]);
  });

  test('a time that does not exist is told after the visit type and before the horizon, and nothing else of it', () => {
    const request = asks('02:30', { ...named, date: FORWARD });
    expect(refusalsOf(strict, request, busy({ openWithDoctor: 5 }), dayBefore(FORWARD))).toEqual([
      'unknown-visit-type',
      'no-such-time',
      'too-far',
    ]);
  });
});

describe('visit type', () => {
  const types = [
    visitType({ name: 'surgery', minutes: 90, bookableBy: 'doctor' }),
    visitType({ name: 'follow-up', minutes: 15, bookableBy: 'seen' }),
    visitType({ name: 'first visit', minutes: 45 }),
    visitType({ name: 'consultation' }),
  ];
  const offering = policy({ visitTypes: types });

  test('by default it is a consultation of 30 minutes for everyone', () => {
    expect(SlotPolicy.DEFAULT.visitTypes).toEqual([
      { name: 'consultation', minutes: 30, bookableBy: 'everyone' },
    ]);
    expect(policy().visitOf(asks('09:00'))).toEqual({ name: 'consultation', minutes: 30 });
  });

  test('a policy has at least one', () => {
    expect(() => policy({ visitTypes: [] })).toThrow(RangeError);
  });

  test('one that the doctor does not offer is unknown, to the doctor too', () => {
    expect(refusalsOf(offering, asks('09:00', { visitType: 'massage' }))).toEqual(['unknown-visit-type']);
    expect(refusalsOf(offering, insists('09:00', { visitType: 'massage' }))).toEqual(['unknown-visit-type']);
    expect(offering.visitOf(insists('09:00', { visitType: 'massage' }))).toBeUndefined();
  });

  test.each([
    ['a patient not seen', asks('09:00'), ['first visit', 'consultation']],
    [
      'a patient whom the doctor has seen',
      asks('09:00', { hasSeen: true }),
      ['follow-up', 'first visit', 'consultation'],
    ],
    ['the doctor', insists('09:00'), ['surgery', 'follow-up', 'first visit', 'consultation']],
    [
      'a caller who asks about every visit type',
      asks('09:00', { everyVisitType: true }),
      ['surgery', 'follow-up', 'first visit', 'consultation'],
    ],
  ])(
    '%s may book those that bookable_by allows, and the first of them is meant when none is named',
    (_who, request, allowed) => {
      for (const { name, minutes } of types) {
        const naming = { ...request, visitType: name };
        const isAllowed = allowed.includes(name);
        expect(refusalsOf(offering, naming), name).toEqual(isAllowed ? [] : ['unknown-visit-type']);
        expect(offering.visitOf(naming), name).toEqual(isAllowed ? { name, minutes } : undefined);
        expect(timesOf(offering, naming).length > 0, name).toBe(isAllowed);
      }
      expect(offering.visitOf(request)?.name).toBe(allowed[0]);
      expect(refusalsOf(offering, request)).toEqual([]);
    },
  );

  test('without a name it is unknown to a patient who may book none', () => {
    const closed = policy({
      visitTypes: [visitType({ bookableBy: 'seen' }), visitType({ bookableBy: 'doctor' })],
    });
    expect(refusalsOf(closed, asks('09:00'))).toEqual(['unknown-visit-type']);
    expect(timesOf(closed)).toEqual([]);
  });

  test("its length decides how long the doctor's time must be free", () => {
    const around = busy({ doctor: [slot('09:45', '10:15')] });
    expect(refusalsOf(offering, asks('09:00', { visitType: 'first visit' }), around)).toEqual([]);
    expect(refusalsOf(offering, insists('09:00', { visitType: 'surgery' }), around)).toEqual(['slot-taken']);
  });
});

describe('time', () => {
  test('a wall time that does not exist is refused to everyone, and never moved', () => {
    const nightly = policy({ hours: everyDay('00:00–24:00') });
    for (const request of [asks('02:30', { date: FORWARD }), insists('02:30', { date: FORWARD })]) {
      expect(refusalsOf(nightly, request, FREE, dayBefore(FORWARD))).toEqual(['no-such-time']);
    }
    expect(timesOf(nightly, asks('00:00', { date: FORWARD }), FREE, dayBefore(FORWARD)).slice(2, 6)).toEqual([
      '01:00',
      '01:30',
      '03:00',
      '03:30',
    ]);
  });

  test('of a wall time that occurs twice the first is meant, and the second cannot be started in', () => {
    const nightly = policy({ hours: everyDay('00:00–24:00'), noticeMinutes: 0 });
    const [first, second] = WallClock.of(BERLIN.name).instantsShowing(BACK, 150) as [Instant, Instant];
    const request = asks('02:30', { date: BACK });
    expect(refusalsOf(nightly, request, busy({ doctor: [TimeSlot.lasting(first, 30)] }), first)).toEqual([
      'slot-taken',
    ]);
    expect(refusalsOf(nightly, request, busy({ doctor: [TimeSlot.lasting(second, 30)] }), first)).toEqual([]);
    expect(refusalsOf(nightly, request, FREE, first + 1)).toContain('in-the-past');
    const starts = timesOf(nightly, request, FREE, dayBefore(BACK));
    expect(starts).toEqual([...new Set(starts)]);
  });

  test('a visit may run through the repeated hour', () => {
    const longVisits = policy({ hours: everyDay('02:00–03:00'), visitTypes: [visitType({ minutes: 120 })] });
    expect(timesOf(longVisits, asks('00:00', { date: BACK }), FREE, dayBefore(BACK))).toEqual(['02:00']);
    expect(timesOf(longVisits)).toEqual([]);
  });

  test('an interval of hours in the gap has no start at all', () => {
    const nightly = policy({ hours: everyDay('02:00–03:00') });
    expect(timesOf(nightly, asks('00:00', { date: FORWARD }), FREE, dayBefore(FORWARD))).toEqual([]);
  });

  test('a start that lies before now is in the past, for everyone; one that is now is not', () => {
    const eager = policy({ noticeMinutes: 0 });
    for (const request of [asks('10:00'), insists('10:00')]) {
      expect(refusalsOf(eager, request, FREE, at('10:00') + 1)).toContain('in-the-past');
      expect(refusalsOf(eager, request, FREE, at('10:00'))).toEqual([]);
    }
  });

  test('a slot is counted in instants: the same wall time in another zone is another slot', () => {
    const around = busy({ doctor: [slot('10:00', '10:30')] });
    expect(refusalsOf(policy(), asks('10:00'), around)).toEqual(['slot-taken']);
    const newYork = policy({}, Zone.of('America/New_York'));
    expect(refusalsOf(newYork, asks('10:00'), around)).toEqual([]);
  });
});

describe('notice', () => {
  test('by default a patient books at least 60 minutes ahead, and exactly 60 are enough', () => {
    expect(refusalsOf(policy(), asks('10:00'), FREE, at('09:00'))).toEqual([]);
    expect(refusalsOf(policy(), asks('10:00'), FREE, at('09:00') + 1)).toEqual(['too-soon']);
  });

  test('a doctor may ask for another', () => {
    const week = policy({ noticeMinutes: 2 * 24 * 60 });
    expect(refusalsOf(week, asks('10:00'), FREE, at('10:00') - 2 * DAY)).toEqual([]);
    expect(refusalsOf(week, asks('10:00'), FREE, at('10:01') - 2 * DAY)).toEqual(['too-soon']);
  });

  test('the doctor and an admin need none', () => {
    expect(refusalsOf(policy(), insists('10:00'), FREE, at('09:59'))).toEqual([]);
  });
});

describe('horizon', () => {
  const daily = { hours: everyDay('09:00–17:00') };
  const lastDay = addDays(SUNDAY, 90);

  test('by default it is 90 days, and its last day can be booked to its end', () => {
    expect(refusalsOf(policy(daily), asks('16:30', { date: lastDay }))).toEqual([]);
    expect(refusalsOf(policy(daily), asks('09:00', { date: addDays(lastDay, 1) }))).toEqual(['too-far']);
    const all = [...policy(daily).freeSlots(asks('00:00'), SUNDAY, addDays(SUNDAY, 200), FREE, NOON_BEFORE)];
    expect(all.at(-1)).toMatchObject({ date: lastDay, time: '16:30' });
  });

  test("its days are calendar days in the doctor's zone, not hours from now and not days of UTC", () => {
    const tomorrowToo = policy({ ...daily, horizonDays: 1 });
    expect(refusalsOf(tomorrowToo, asks('16:30'), FREE, at('00:00', SUNDAY))).toEqual([]);
    expect(refusalsOf(tomorrowToo, asks('09:00', { date: TUESDAY }), FREE, at('23:59', SUNDAY))).toEqual([
      'too-far',
    ]);
    expect(refusalsOf(tomorrowToo, asks('09:00', { date: TUESDAY }), FREE, at('00:00', MONDAY))).toEqual([]);
  });

  test('of 0 days only today can be booked', () => {
    const today = policy({ ...daily, horizonDays: 0 });
    expect(refusalsOf(today, asks('16:00'), FREE, at('09:00'))).toEqual([]);
    expect(refusalsOf(today, asks('09:00', { date: TUESDAY }), FREE, at('09:00'))).toEqual(['too-far']);
  });

  test('it does not bind the doctor and an admin', () => {
    expect(refusalsOf(policy(), insists('09:00', { date: addDays(SUNDAY, 400) }))).toEqual([]);
  });
});

describe('hours', () => {
  test('by default they are Monday to Friday from 09:00 to 17:00', () => {
    const week = Array.from({ length: 7 }, (_, day) => addDays(MONDAY, day));
    const open = week.map((date) => timesOf(policy(), asks('00:00', { date })));
    expect(open.map((times) => times.length)).toEqual([16, 16, 16, 16, 16, 0, 0]);
    expect([open[0]!.at(0), open[0]!.at(-1)]).toEqual(['09:00', '16:30']);
    expect(refusalsOf(policy(), asks('09:00', { date: SATURDAY }))).toEqual(['outside-hours']);
  });

  test('a visit may end exactly at closing, and not five minutes later', () => {
    const everyFive = policy({ gridMinutes: 5 });
    expect(refusalsOf(everyFive, asks('16:30'))).toEqual([]);
    expect(refusalsOf(everyFive, asks('16:35'))).toEqual(['outside-hours']);
  });

  test('a visit may start exactly at opening, and not five minutes earlier', () => {
    const everyFive = policy({ gridMinutes: 5 });
    expect(refusalsOf(everyFive, asks('09:00'))).toEqual([]);
    expect(refusalsOf(everyFive, asks('08:55'))).toEqual(['outside-hours']);
  });

  test('a lunch break makes two intervals, and a visit may not span it', () => {
    const withLunch = policy({ hours: everyDay('09:00–12:00 13:00–17:00'), gridMinutes: 15 });
    expect(refusalsOf(withLunch, asks('11:30'))).toEqual([]);
    expect(refusalsOf(withLunch, asks('11:45'))).toEqual(['outside-hours']);
    expect(refusalsOf(withLunch, asks('12:00'))).toEqual(['outside-hours']);
    expect(refusalsOf(withLunch, asks('12:45'))).toEqual(['outside-hours']);
    expect(refusalsOf(withLunch, asks('13:00'))).toEqual([]);
    const longVisits = policy({
      hours: everyDay('09:00–12:00 13:00–17:00'),
      visitTypes: [visitType({ minutes: 180 })],
    });
    expect(timesOf(longVisits)).toEqual(['09:00', '13:00']);
  });

  test('a visit lies wholly inside one interval, also where two touch', () => {
    const shifts = policy({ hours: everyDay('09:00–12:00 12:00–17:00'), gridMinutes: 15 });
    expect(refusalsOf(shifts, asks('11:45'))).toEqual(['outside-hours']);
    expect(refusalsOf(shifts, asks('12:00'))).toEqual([]);
  });

  test('an override for one date replaces its weekly hours', () => {
    const late = policy({ hours: everyDay('09:00–17:00', { [MONDAY]: '18:00–20:00' }) });
    expect(timesOf(late)).toEqual(['18:00', '18:30', '19:00', '19:30']);
    expect(refusalsOf(late, asks('09:00'))).toEqual(['outside-hours']);
    expect(timesOf(late, asks('00:00', { date: TUESDAY })).at(0)).toBe('09:00');
  });

  test('an override opens a date that is closed every week', () => {
    const open = policy({
      hours: new Hours({ friday: hours('09:00–17:00') }, new Map([[SATURDAY, hours('10:00–11:00')]])),
    });
    expect(timesOf(open, asks('00:00', { date: SATURDAY }))).toEqual(['10:00', '10:30']);
    expect(timesOf(open, asks('00:00', { date: addDays(SATURDAY, 7) }))).toEqual([]);
  });

  test('an override without hours closes its date', () => {
    const closed = policy({ hours: everyDay('09:00–17:00', { [MONDAY]: '' }) });
    expect(timesOf(closed)).toEqual([]);
    expect(refusalsOf(closed, asks('09:00'))).toEqual(['outside-hours']);
  });

  test('hours of a day do not overlap, end after they begin, and end by 24:00', () => {
    expect(() => everyDay('00:00–12:00 12:00–24:00')).not.toThrow();
    for (const wrong of ['09:00–12:00 11:55–17:00', '12:00–12:00', '12:00–09:00', '22:00–24:05']) {
      expect(() => everyDay(wrong), wrong).toThrow(RangeError);
      expect(() => everyDay('', { [MONDAY]: wrong }), wrong).toThrow(RangeError);
    }
  });

  test('no slot crosses midnight, where one day ends and the next begins with hours', () => {
    const aroundTheClock = policy({ hours: everyDay('00:00–24:00'), gridMinutes: 15 });
    expect(refusalsOf(aroundTheClock, asks('23:30'))).toEqual([]);
    expect(refusalsOf(aroundTheClock, asks('23:45'))).toEqual(['outside-hours']);
  });

  test('no slot crosses midnight even for the doctor and an admin, who need no hours', () => {
    expect(refusalsOf(policy(), insists('23:30', { date: SATURDAY }))).toEqual([]);
    expect(refusalsOf(policy(), insists('23:30', { durationMinutes: 35 }))).toEqual(['outside-hours']);
    expect(refusalsOf(policy(), insists('24:00', { durationMinutes: 5 }))).toEqual(['outside-hours']);
  });
});

describe('grid', () => {
  test("by default it is the visit's length", () => {
    const two = policy({
      visitTypes: [visitType({ minutes: 40 }), visitType({ name: 'check', minutes: 20 })],
    });
    expect(timesOf(two).slice(0, 3)).toEqual(['09:00', '09:40', '10:20']);
    expect(timesOf(two, asks('00:00', { visitType: 'check' })).slice(0, 3)).toEqual([
      '09:00',
      '09:20',
      '09:40',
    ]);
    expect(refusalsOf(two, asks('09:20'))).toEqual(['off-grid']);
    expect(refusalsOf(two, asks('09:20', { visitType: 'check' }))).toEqual([]);
  });

  test('of N minutes, visits start every N minutes whatever their length', () => {
    const quarters = policy({ gridMinutes: 15, visitTypes: [visitType({ minutes: 60 })] });
    expect(timesOf(quarters).slice(0, 3)).toEqual(['09:00', '09:15', '09:30']);
    expect(timesOf(quarters).at(-1)).toBe('16:00');
    expect(refusalsOf(quarters, asks('09:10'))).toEqual(['off-grid']);
  });

  test("it counts from each interval's written start", () => {
    const shifted = policy({ hours: everyDay('09:10–11:00 13:25–15:00'), gridMinutes: 30 });
    expect(timesOf(shifted)).toEqual(['09:10', '09:40', '10:10', '13:25', '13:55', '14:25']);
    expect(refusalsOf(shifted, asks('13:40'))).toEqual(['off-grid']);
  });

  test('it counts wall-clock minutes, so the written start holds also when the gap swallows it', () => {
    const nightly = policy({ hours: everyDay('02:20–05:00'), gridMinutes: 30 });
    const times = timesOf(nightly, asks('00:00', { date: FORWARD }), FREE, dayBefore(FORWARD));
    expect(times).toEqual(['03:20', '03:50', '04:20']);
  });

  test('a start that is no multiple of 5 minutes is off the grid for everyone', () => {
    const everyMinute = policy({ gridMinutes: 1 });
    for (const request of [asks('09:01'), insists('09:01')])
      expect(refusalsOf(everyMinute, request)).toEqual(['off-grid']);
    expect(timesOf(everyMinute).slice(0, 2)).toEqual(['09:00', '09:05']);
  });

  test('the doctor and an admin may start on every multiple of 5 minutes', () => {
    expect(refusalsOf(policy(), asks('09:05'))).toEqual(['off-grid']);
    expect(refusalsOf(policy(), insists('09:05'))).toEqual([]);
  });
});

describe('absence', () => {
  const around = busy({ absences: [slot('10:00', '12:00')] });

  test('no visit overlaps an absence of the doctor, and one may touch it', () => {
    const everyFive = policy({ gridMinutes: 5 });
    expect(refusalsOf(everyFive, asks('09:30'), around)).toEqual([]);
    expect(refusalsOf(everyFive, asks('09:35'), around)).toEqual(['doctor-absent']);
    expect(refusalsOf(everyFive, asks('11:55'), around)).toEqual(['doctor-absent']);
    expect(refusalsOf(everyFive, asks('12:00'), around)).toEqual([]);
  });

  test('it binds the doctor and an admin too', () => {
    expect(refusalsOf(policy(), insists('11:00'), around)).toEqual(['doctor-absent']);
  });

  test('absences may overlap each other, and a long one that began before a short one still counts', () => {
    const nested = busy({
      absences: [slot('08:00', '16:00'), slot('09:00', '09:30'), slot('09:15', '10:00')],
    });
    expect(timesOf(policy(), asks('00:00'), nested)).toEqual(['16:00', '16:30']);
  });
});

describe("the doctor's agenda", () => {
  const around = busy({ doctor: [slot('10:00', '10:30')] });
  const everyFive = policy({ gridMinutes: 5 });

  test.each([
    ['the same time', '10:00', 30],
    ['a part at its end', '10:25', 30],
    ['a part at its start', '09:35', 30],
    ['the inside', '10:10', 10],
    ['the outside', '09:45', 60],
  ])('a time of which %s is taken is refused to everyone', (_what, time, minutes) => {
    const visit = policy({ gridMinutes: 5, visitTypes: [visitType({ minutes })] });
    expect(refusalsOf(visit, asks(time), around)).toEqual(['slot-taken']);
    expect(refusalsOf(visit, insists(time), around)).toEqual(['slot-taken']);
  });

  test('slots that touch are free', () => {
    expect(refusalsOf(everyFive, asks('09:30'), around)).toEqual([]);
    expect(refusalsOf(everyFive, asks('10:30'), around)).toEqual([]);
  });
});

describe('buffer', () => {
  const around = busy({ doctor: [slot('10:00', '10:30'), slot('12:00', '12:30')] });
  const buffered = (before: number, after: number) =>
    policy({ gridMinutes: 5, bufferMinutes: { before, after } });

  test.each([
    ["the earlier's after", 10, 20],
    ["the later's before", 20, 10],
    ['the only one', 20, 0],
    ['the only one', 0, 20],
  ])('between two neighbours the larger counts: %s (before %i, after %i)', (_which, before, after) => {
    const spaced = buffered(before, after);
    expect(refusalsOf(spaced, asks('10:45'), around)).toEqual(['slot-taken']);
    expect(refusalsOf(spaced, asks('10:50'), around)).toEqual([]);
    expect(refusalsOf(spaced, asks('11:10'), around)).toEqual([]);
    expect(refusalsOf(spaced, asks('11:15'), around)).toEqual(['slot-taken']);
  });

  test('by default there is none', () => {
    expect(SlotPolicy.DEFAULT.bufferMinutes).toEqual({ before: 0, after: 0 });
  });

  test('there is none beside absences or the edge of hours', () => {
    const absent = busy({ absences: [slot('10:00', '10:30')] });
    expect(refusalsOf(buffered(30, 30), asks('09:30'), absent)).toEqual([]);
    expect(refusalsOf(buffered(30, 30), asks('10:30'), absent)).toEqual([]);
    expect(refusalsOf(buffered(30, 30), asks('09:00'))).toEqual([]);
    expect(refusalsOf(buffered(30, 30), asks('16:30'))).toEqual([]);
  });

  test("there is none beside the patient's own appointments", () => {
    expect(refusalsOf(buffered(30, 30), asks('10:30'), busy({ patient: [slot('10:00', '10:30')] }))).toEqual(
      [],
    );
  });

  test('it does not bind the doctor and an admin', () => {
    expect(refusalsOf(buffered(30, 30), insists('10:30'), around)).toEqual([]);
  });
});

describe('daily maximum', () => {
  const twoADay = policy({ dailyMaximum: 2 });

  test('by default there is none', () => {
    const many = busy({ starts: Array.from({ length: 99 }, () => at('09:00')) });
    expect(refusalsOf(policy(), asks('10:00'), many)).toEqual([]);
  });

  test('as many as it says start on a date, and not one more', () => {
    expect(refusalsOf(twoADay, asks('16:00'), busy({ starts: [at('09:00')] }))).toEqual([]);
    expect(refusalsOf(twoADay, asks('16:00'), busy({ starts: [at('09:00'), at('10:00')] }))).toEqual([
      'day-full',
    ]);
  });

  test('ended ones count too, though their time is free', () => {
    const ended = busy({ doctor: [], starts: [at('09:00'), at('10:00')] });
    expect(refusalsOf(twoADay, asks('16:00'), ended, at('12:00'))).toEqual(['day-full']);
  });

  test("those of other dates do not count, where dates are the doctor's", () => {
    const others = busy({ starts: [at('23:55', SUNDAY), at('00:00', TUESDAY)] });
    expect(refusalsOf(twoADay, asks('16:00'), others)).toEqual([]);
    const edges = busy({ starts: [at('00:00'), at('23:55')] });
    expect(refusalsOf(twoADay, asks('16:00'), edges)).toEqual(['day-full']);
  });

  test('it does not bind the doctor and an admin', () => {
    expect(refusalsOf(twoADay, insists('16:00'), busy({ starts: [at('09:00'), at('10:00')] }))).toEqual([]);
  });
});

describe('patient limit', () => {
  test('by default one patient has at most 5 open future appointments with this doctor', () => {
    expect(refusalsOf(policy(), asks('10:00'), busy({ openWithDoctor: 4 }))).toEqual([]);
    expect(refusalsOf(policy(), asks('10:00'), busy({ openWithDoctor: 5 }))).toEqual(['patient-limit']);
  });

  test('a doctor may set another', () => {
    expect(refusalsOf(policy({ patientLimit: 1 }), asks('10:00'), busy({ openWithDoctor: 1 }))).toEqual([
      'patient-limit',
    ]);
  });

  test('it does not bind the doctor and an admin', () => {
    expect(refusalsOf(policy(), insists('10:00'), busy({ openWithDoctor: 9 }))).toEqual([]);
  });
});

describe("the patient's own appointments", () => {
  const around = busy({ patient: [slot('10:10', '10:40')] });

  test('are exclusive with any doctor, for every overlap, and touching ones are none', () => {
    expect(refusalsOf(policy(), asks('09:30'), around)).toEqual([]);
    expect(refusalsOf(policy(), asks('10:00'), around)).toEqual(['patient-busy']);
    expect(refusalsOf(policy(), asks('10:30'), around)).toEqual(['patient-busy']);
    expect(refusalsOf(policy(), asks('11:00'), around)).toEqual([]);
    expect(refusalsOf(policy({ gridMinutes: 5 }), asks('10:40'), around)).toEqual([]);
  });

  test('bind the doctor and an admin too', () => {
    expect(refusalsOf(policy(), insists('10:00'), around)).toEqual(['patient-busy']);
  });
});

describe('the doctor and an admin with a reason', () => {
  test('may give a length', () => {
    const request = insists('10:00', { durationMinutes: 120 });
    expect(policy().visitOf(request)).toEqual({ name: 'consultation', minutes: 120 });
    expect(refusalsOf(policy(), request, busy({ doctor: [slot('11:55', '12:30')] }))).toEqual(['slot-taken']);
    expect(refusalsOf(policy(), request, busy({ doctor: [slot('12:00', '12:30')] }))).toEqual([]);
  });

  test('are exempt from bookable_by, notice, horizon, hours, grid, buffer, daily maximum and patient limit, all at once', () => {
    const strict = policy({
      visitTypes: [visitType({ bookableBy: 'doctor' })],
      noticeMinutes: 3 * 24 * 60,
      horizonDays: 0,
      bufferMinutes: { before: 60, after: 60 },
      dailyMaximum: 1,
    });
    const around = busy({ doctor: [slot('07:35', '08:00')], starts: [at('07:35')], openWithDoctor: 5 });
    const named = { visitType: 'consultation' };
    const untimely = refusalsOf(strict, asks('07:05', named), around);
    const exempted = [
      'unknown-visit-type',
      'too-soon',
      'too-far',
      'outside-hours',
      'slot-taken',
      'day-full',
      'patient-limit',
    ];
    expect(untimely).toEqual(exempted);
    expect(refusalsOf(strict, insists('07:05', named), around)).toEqual([]);
    expect(strict.waivable(asks('07:05', named), around, NOON_BEFORE)).toEqual(exempted);
  });

  test('are never exempt from time rules, the past, absences and either agenda', () => {
    const part = [slot('10:00', '10:30')];
    const around = busy({ absences: part, doctor: part, patient: part });
    const change = { durationMinutes: 14 * 60 };
    expect(refusalsOf(policy(), insists('10:01', change), around, at('12:00'))).toEqual([
      'in-the-past',
      'outside-hours',
      'off-grid',
      'doctor-absent',
      'slot-taken',
      'patient-busy',
    ]);
    expect(policy().waivable(asks('10:01', change), around, at('12:00'))).toEqual(['too-soon']);
  });
});

describe('confirmation and cancellation', () => {
  test('by default confirmation is manual within 72 hours, and cancellation asks for 24 hours', () => {
    expect(SlotPolicy.DEFAULT).toMatchObject({
      confirmation: 'manual',
      confirmWithinMinutes: (72 * HOUR) / MINUTE,
      cancellationNoticeMinutes: (24 * HOUR) / MINUTE,
    });
  });
});

describe('the free slots', () => {
  test('carry their instants, their wall time, the zone of that and the visit type', () => {
    const [first] = policy().freeSlots(asks('00:00'), MONDAY, MONDAY, FREE, NOON_BEFORE);
    expect(first).toEqual({
      startsAt: at('09:00'),
      endsAt: at('09:30'),
      date: MONDAY,
      time: '09:00',
      timeZone: 'Europe/Berlin',
      visitType: 'consultation',
    });
  });

  test('are those of all dates asked for, both included, in the order of the clock', () => {
    const unsorted = new Hours({ monday: hours('13:00–14:00 09:00–10:00'), tuesday: hours('09:00–09:30') });
    const slots = [
      ...policy({ hours: unsorted }).freeSlots(asks('00:00'), MONDAY, TUESDAY, FREE, NOON_BEFORE),
    ];
    expect(slots.map(({ date, time }) => `${date} ${time}`)).toEqual([
      `${MONDAY} 09:00`,
      `${MONDAY} 09:30`,
      `${MONDAY} 13:00`,
      `${MONDAY} 13:30`,
      `${TUESDAY} 09:00`,
    ]);
  });
});

describe('a visit type that is not for the patient', () => {
  const surgery = visitType({ name: 'surgery', minutes: 90, bookableBy: 'doctor' });
  const of = policy({ visitTypes: [visitType(), surgery], gridMinutes: 15 });

  test('is refused in the words of one that does not exist, whatever else speaks against the time', () => {
    const times = ['07:00', '09:00', '09:10', '12:00', '16:00', '16:30', '16:45'];
    const around = busy({ doctor: [slot('12:30', '13:00')], openWithDoctor: 5 });
    for (const time of times) {
      const [hidden, missing] = ['surgery', 'no such type'].map((name) =>
        refusalsOf(of, asks(time, { visitType: name }), around),
      );
      expect(hidden).toEqual(missing);
      expect(hidden).toEqual(['unknown-visit-type', ...refusalsOf(of, asks(time), around)]);
    }
  });
});

describe('the alternatives', () => {
  const nearest = (time: string, around = FREE, of = policy(), date = MONDAY, now = NOON_BEFORE): string[] =>
    of.nearestFreeSlots(asks(time, { date }), around, now, 3).map((free) => `${free.date} ${free.time}`);

  test('are the free slots nearest to the time that was refused, the earlier of two equally near ones first', () => {
    expect(nearest('12:00', busy({ doctor: [slot('12:00', '12:30')] }))).toEqual([
      `${MONDAY} 11:30`,
      `${MONDAY} 12:30`,
      `${MONDAY} 11:00`,
    ]);
  });

  test('keep every rule that a patient is held to', () => {
    const around = busy({
      doctor: [slot('12:00', '12:30')],
      absences: [slot('11:00', '12:00')],
      patient: [slot('12:40', '12:50')],
    });
    expect(nearest('12:00', around)).toEqual([`${MONDAY} 13:00`, `${MONDAY} 10:30`, `${MONDAY} 13:30`]);
    expect(nearest('12:00', busy({ openWithDoctor: 5 }))).toEqual([]);
  });

  test('may lie on other days, up to the horizon', () => {
    const around = busy({ absences: [slot('00:00', '24:00')] });
    expect(nearest('09:00', around, policy({ horizonDays: 2 }))).toEqual([
      `${TUESDAY} 09:00`,
      `${TUESDAY} 09:30`,
      `${TUESDAY} 10:00`,
    ]);
    expect(nearest('09:00', around, policy({ horizonDays: 1 }))).toEqual([]);
    expect(nearest('12:00', FREE, policy({ horizonDays: 2 }), addDays(MONDAY, 300))).toEqual([
      `${TUESDAY} 16:30`,
      `${TUESDAY} 16:00`,
      `${TUESDAY} 15:30`,
    ]);
  });

  test('to a time that does not exist are those around the gap', () => {
    const nightly = policy({ hours: everyDay('00:00–24:00') });
    expect(nearest('02:30', FREE, nightly, FORWARD, dayBefore(FORWARD))).toEqual([
      `${FORWARD} 03:00`,
      `${FORWARD} 01:30`,
      `${FORWARD} 03:30`,
    ]);
  });

  test('lie inside the hours, also for those who are held to none', () => {
    const doctor = policy().nearestFreeSlots(
      insists('09:00', { date: MONDAY, time: 22 * 60, durationMinutes: 90 }),
      busy({ doctor: [slot('17:00', '24:00')] }),
      NOON_BEFORE,
      1,
    );
    expect(doctor.map(({ date, time }) => `${date} ${time}`)).toEqual([`${MONDAY} 15:00`]);
  });

  test('are looked for a month around the time that was wanted, and each date once', () => {
    const dates: CalendarDate[] = [];
    class Watched extends Hours {
      override on(date: CalendarDate) {
        dates.push(date);
        return super.on(date);
      }
    }
    const taken = busy({ doctor: [new TimeSlot(NOON_BEFORE, NOON_BEFORE + 800 * DAY)] });
    const of = policy({ hours: new Watched({ monday: hours('09:00–17:00') }), horizonDays: 730 });
    expect(nearest('09:00', taken, of, addDays(MONDAY, 280))).toEqual([]);
    expect(dates.length).toBe(new Set(dates).size);
    expect(dates.toSorted().at(0)).toBe(addDays(MONDAY, 280 - 31));
    expect(dates.toSorted().at(-1)).toBe(addDays(MONDAY, 280 + 31));
  });

  test('are none where there is no visit type for the patient', () => {
    expect(nearest('09:00', FREE, policy({ visitTypes: [visitType({ bookableBy: 'doctor' })] }))).toEqual([]);
  });
});
