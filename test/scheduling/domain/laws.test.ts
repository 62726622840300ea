import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, type Instant } from '#libs/kernel/clock.js';
import { Agenda } from '../../../src/scheduling/domain/agenda.js';
import {
  ACTIONS,
  SIDES,
  type Action,
  type Appointment,
  type Side,
} from '../../../src/scheduling/domain/appointment.js';
import { addDays, formatTime, type CalendarDate } from '../../../src/scheduling/domain/calendar.js';
import type { HoursInterval } from '../../../src/scheduling/domain/hours.js';
import {
  busyWithout,
  type Busy,
  type SlotPolicy,
  type SlotRules,
  type VisitRequest,
  type VisitType,
} from '../../../src/scheduling/domain/slot-policy.js';
import { TimeSlot } from '../../../src/scheduling/domain/time-slot.js';
import { Zone } from '../../../src/scheduling/domain/zone.js';
import {
  asks,
  busy,
  datesOfChange,
  everyDay,
  FREE,
  hours,
  insists,
  LAW_ZONES,
  policy,
  refusalsOf,
  visitType,
  YEAR,
} from './builders.js';
import { SmallClinic, type When, type Wish } from './small-clinic.js';
import { WallClock } from './wall-clock.js';

const TICK = 5 * MINUTE;
const EVERY_FIVE_MINUTES = Array.from({ length: 288 }, (_, i) => i * 5);

function ticksBetween(startsAt: Instant, endsAt: Instant): Instant[] {
  return Array.from({ length: (endsAt - startsAt) / TICK }, (_, i) => startsAt + i * TICK);
}

describe('the parts of time', () => {
  const slots = fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }))
    .map(([from, length]) => new TimeSlot(from * TICK, (from + length) * TICK));

  test('two slots overlap if and only if they share five minutes, which are what the database keeps apart', () => {
    fc.assert(
      fc.property(slots, slots, (a, b) => {
        const shared = ticksBetween(a.startsAt, a.endsAt).filter(
          (tick) => b.startsAt <= tick && tick < b.endsAt,
        );
        expect(a.overlaps(b)).toBe(shared.length > 0);
        expect(a.ticks().filter((tick) => b.ticks().includes(tick))).toEqual(
          shared.map((tick) => tick / TICK),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('an agenda is free for a slot if and only if none of its parts shares five minutes with it', () => {
    fc.assert(
      fc.property(fc.array(slots, { maxLength: 12 }), slots, (parts, slot) => {
        const taken = new Set(parts.flatMap(({ startsAt, endsAt }) => ticksBetween(startsAt, endsAt)));
        const isFree = ticksBetween(slot.startsAt, slot.endsAt).every((tick) => !taken.has(tick));
        expect(new Agenda(parts).isFree(slot)).toBe(isFree);
      }),
      { numRuns: 300 },
    );
  });
});

describe('listed if and only if bookable', () => {
  interface Case {
    zone: string;
    date: CalendarDate;
    rules: SlotRules;
    types: readonly VisitType[];
    asked: Asked;
    day: readonly HoursInterval[];
    appointments: readonly TimeSlot[];
    ended: readonly Instant[];
    absences: readonly TimeSlot[];
    ofPatient: readonly TimeSlot[];
    openWithDoctor: number;
    now: Instant;
  }

  /** Who asks for what, as far as visit types go. */
  type Asked = Pick<VisitRequest, 'visitType' | 'hasSeen' | 'everyVisitType'>;

  const aDay: fc.Arbitrary<HoursInterval[]> = fc
    .uniqueArray(fc.integer({ min: 0, max: 288 }), { minLength: 2, maxLength: 6 })
    .map((edges) => edges.toSorted((a, b) => a - b).map((edge) => edge * 5))
    .map((edges) =>
      edges.flatMap((from, i) => (i % 2 === 0 && i + 1 < edges.length ? [{ from, to: edges[i + 1]! }] : [])),
    );

  const aPlace = fc.constantFrom(...LAW_ZONES).chain((zone) =>
    fc.record({
      zone: fc.constant(zone),
      date: fc.constantFrom(...datesOfChange(zone), `${YEAR}-06-02`),
    }),
  );

  const minutes = (max: number): fc.Arbitrary<number> =>
    fc.integer({ min: 1, max: max / 5 }).map((ticks) => ticks * 5);
  const upTo = (max: number): fc.Arbitrary<number> =>
    fc.constantFrom(0, 0, 5, 10, 15, 30).map((free) => Math.min(free, max));

  const aCase: fc.Arbitrary<Case> = aPlace.chain(({ zone, date }) => {
    const midnight = WallClock.of(zone).instantsShowing(date, 12 * 60)[0]! - 12 * HOUR;
    const times = (maxLength: number): fc.Arbitrary<TimeSlot[]> =>
      fc.array(
        fc
          .tuple(fc.integer({ min: -24, max: 300 }), minutes(180))
          .map(([tick, length]) => TimeSlot.lasting(midnight + tick * TICK, length)),
        { maxLength },
      );
    return fc
      .record({
        day: aDay,
        isOverride: fc.boolean(),
        other: aDay,
        types: fc
          .array(
            fc.record({
              minutes: minutes(120),
              bookableBy: fc.constantFrom('everyone', 'everyone', 'seen', 'doctor'),
            }),
            { minLength: 1, maxLength: 3 },
          )
          .map((types) => types.map((type, i) => ({ name: `type ${i}`, ...type }))),
        asked: fc.record({
          visitType: fc.constantFrom(undefined, undefined, 'type 0', 'type 1', 'type 2'),
          hasSeen: fc.boolean(),
          everyVisitType: fc.constantFrom(false, false, false, true),
        }),
        gridMinutes: fc.option(fc.constantFrom(5, 10, 15, 20, 25, 30, 45, 60)),
        bufferMinutes: fc.record({ before: upTo(30), after: upTo(30) }),
        dailyMaximum: fc.option(fc.integer({ min: 1, max: 8 })),
        patientLimit: fc.integer({ min: 1, max: 5 }),
        openWithDoctor: fc.constantFrom(0, 0, 0, 1, 2, 5),
        noticeMinutes: fc.constantFrom(0, 60, 10 * 60),
        horizonDays: fc.constantFrom(0, 1, 2, 90),
        appointments: times(6),
        absences: times(2),
        ofPatient: times(2),
        ended: times(3),
        now: fc.integer({ min: -30 * 12, max: 20 * 12 }).map((ticks) => midnight + ticks * TICK),
      })
      .map((drawn) => ({
        ...drawn,
        zone,
        date,
        ended: drawn.ended.map(({ startsAt }) => startsAt),
        rules: policy({
          ...drawn,
          visitTypes: drawn.types,
          hours: drawn.isOverride
            ? everyDay('09:00–17:00', { [date]: written(drawn.day) })
            : everyDay(written(drawn.day), { [addDays(date, 1)]: written(drawn.other) }),
        }).rules,
      }));
  });

  function written(day: readonly HoursInterval[]): string {
    return day.map(({ from, to }) => `${formatTime(from)}–${formatTime(to)}`).join(' ');
  }

  function busyOf({ appointments, ended, absences, ofPatient: patient, openWithDoctor }: Case): Busy {
    const starts = [...appointments.map(({ startsAt }) => startsAt), ...ended];
    return busy({ doctor: appointments, starts, absences, patient, openWithDoctor });
  }

  function listed(of: SlotPolicy, drawn: Case): string[] {
    const { date, asked, now } = drawn;
    const free = of.freeSlots({ exempt: false, ...asked }, date, date, busyOf(drawn), now);
    return [...free].map(
      ({ time, startsAt, endsAt, visitType }) => `${time} ${startsAt} ${endsAt} ${visitType}`,
    );
  }

  /** The first that may be booked, unless one was named. */
  function visitByTheWords({
    types,
    asked: { visitType, hasSeen, everyVisitType },
  }: Case): VisitType | undefined {
    const mayBook = types.filter(
      ({ bookableBy }) => everyVisitType || bookableBy === 'everyone' || (bookableBy === 'seen' && hasSeen),
    );
    return visitType === undefined ? mayBook[0] : mayBook.find(({ name }) => name === visitType);
  }

  /** The times that a patient may book by the words of the rules, judged five minutes by five minutes. */
  function bookableByTheWords(drawn: Case): string[] {
    const { zone, date, rules, day, appointments, ended, absences, ofPatient, openWithDoctor, now } = drawn;
    const visit = visitByTheWords(drawn);
    const clock = WallClock.of(zone);
    const ticks = clock.ticksOf(date);
    const shown = new Map(ticks.map(({ instant, time }) => [instant, time]));
    const first = new Map(ticks.toReversed().map(({ instant, time }) => [time, instant]));
    const occupied = new Set(
      [...absences, ...ofPatient].flatMap((part) => ticksBetween(part.startsAt, part.endsAt)),
    );
    const buffer = Math.max(rules.bufferMinutes.before, rules.bufferMinutes.after) * MINUTE;
    const startsThatDay = [...appointments.map(({ startsAt }) => startsAt), ...ended].filter((start) =>
      shown.has(start),
    );
    const daysAhead = (Date.parse(date) - Date.parse(clock.shows(now).date)) / DAY;

    const isOpen =
      daysAhead <= rules.horizonDays &&
      startsThatDay.length < (rules.dailyMaximum ?? Infinity) &&
      openWithDoctor < rules.patientLimit;
    if (visit === undefined || !isOpen) return [];
    return EVERY_FIVE_MINUTES.flatMap((time) => {
      const startsAt = first.get(time);
      if (startsAt === undefined || startsAt < now || startsAt < now + rules.noticeMinutes * MINUTE)
        return [];
      const endsAt = startsAt + visit.minutes * MINUTE;
      const visitTicks = ticksBetween(startsAt, endsAt);
      const inHours = day.some(
        ({ from, to }) =>
          (time - from) % (rules.gridMinutes ?? visit.minutes) === 0 &&
          visitTicks.every((tick) => from <= (shown.get(tick) ?? -1) && shown.get(tick)! < to),
      );
      const isFree = visitTicks.every((tick) => !occupied.has(tick));
      const keepsApart = appointments.every(
        (other) => other.endsAt + buffer <= startsAt || endsAt + buffer <= other.startsAt,
      );
      return inHours && isFree && keepsApart
        ? [`${formatTime(time)} ${startsAt} ${endsAt} ${visit.name}`]
        : [];
    });
  }

  test('a time is listed for a patient if and only if nothing refuses it to that patient', () => {
    let times = 0;
    fc.assert(
      fc.property(aCase, (drawn) => {
        const of = policy(drawn.rules, Zone.of(drawn.zone));
        const around = busyOf(drawn);
        const bookable = EVERY_FIVE_MINUTES.map(formatTime).filter((time) => {
          const request = asks(time, { date: drawn.date, ...drawn.asked });
          return refusalsOf(of, request, around, drawn.now).length === 0;
        });
        expect(listed(of, drawn).map((line) => line.slice(0, 5))).toEqual(bookable);
        times += bookable.length;
      }),
      { numRuns: 100 },
    );
    expect(times).toBeGreaterThan(0);
  });

  test('the alternatives to a time are the nearest of all times that are listed up to the horizon', () => {
    let alternatives = 0;
    fc.assert(
      fc.property(
        aCase,
        fc.integer({ min: -2, max: 12 }),
        fc.integer({ min: 0, max: 287 }),
        fc.integer({ min: 0, max: 10 }),
        (drawn, day, tick, horizonDays) => {
          const { zone, date, rules, asked, now } = drawn;
          const of = policy({ ...rules, horizonDays }, Zone.of(zone));
          const request = { ...asks('00:00', { date: addDays(date, day), ...asked }), time: tick * 5 };
          const [wanted] = WallClock.of(zone).instantsShowing(request.date, request.time);
          fc.pre(wanted !== undefined);
          const today = WallClock.of(zone).shows(now).date;
          const all = [...of.freeSlots(request, today, addDays(today, horizonDays), busyOf(drawn), now)];
          const away = all.map(({ startsAt }) => Math.abs(startsAt - wanted)).toSorted((a, b) => a - b);
          const nearest = of.nearestFreeSlots(request, busyOf(drawn), now, 3);
          expect(nearest.map(({ startsAt }) => Math.abs(startsAt - wanted))).toEqual(away.slice(0, 3));
          for (const free of nearest) expect(all).toContainEqual(free);
          alternatives += nearest.length;
        },
      ),
      { numRuns: 120 },
    );
    expect(alternatives).toBeGreaterThan(0);
  });

  test('the times that are listed are those that keep every rule by its words', () => {
    let times = 0;
    fc.assert(
      fc.property(aCase, (drawn) => {
        const expected = bookableByTheWords(drawn);
        expect(listed(policy(drawn.rules, Zone.of(drawn.zone)), drawn)).toEqual(expected);
        times += expected.length;
      }),
      { numRuns: 300 },
    );
    expect(times).toBeGreaterThan(0);
  });
});

describe('no two active appointments of one person overlap', () => {
  type Step =
    | { wish: Wish }
    | { action: Exclude<Action, 'reschedule'>; which: number; by: Side }
    | { move: When; which: number; by: Wish['by'] }
    | { wait: number };

  const [FIRST_DAY] = datesOfChange('Europe/Berlin').slice(-1) as [CalendarDate];
  const START = WallClock.of('Europe/Berlin').instantsShowing(addDays(FIRST_DAY, -1), 23 * 60)[0]!;
  const open = { hours: everyDay('00:00–24:00'), noticeMinutes: 0 };
  const policies = new Map([
    ['dr. automatic', policy({ ...open, confirmation: 'automatic' }, Zone.of('Europe/Berlin'))],
    [
      'dr. buffer',
      policy(
        { ...open, gridMinutes: 15, bufferMinutes: { before: 10, after: 15 } },
        Zone.of('Europe/London'),
      ),
    ],
    [
      'dr. long',
      policy(
        { ...open, visitTypes: [visitType({ minutes: 90 })], dailyMaximum: 4, confirmation: 'automatic' },
        Zone.of('Asia/Kolkata'),
      ),
    ],
  ]);

  const times = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 20 }).map((i) => i * 15) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 287 }).map((i) => i * 5) },
  );
  const when = {
    date: fc.constantFrom(FIRST_DAY, FIRST_DAY, addDays(FIRST_DAY, 1)),
    time: times,
    minutes: fc.integer({ min: 1, max: 36 }).map((i) => i * 5),
  };
  const choosers = fc.constantFrom<Wish['by']>('patient', 'patient', 'doctor', 'admin');
  const wishes: fc.Arbitrary<Wish> = fc.record({
    by: choosers,
    doctor: fc.constantFrom(...policies.keys()),
    patient: fc.constantFrom('ada', 'ben', 'cleo'),
    ...when,
  });
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ wish: wishes }) },
      {
        weight: 5,
        arbitrary: fc.record({
          action: fc.constantFrom(
            'confirm',
            'confirm',
            'cancel',
            'check-in',
            'complete',
            'complete',
            'no-show',
          ),
          which: fc.nat({ max: 99 }),
          by: fc.constantFrom(...SIDES, 'doctor', 'admin'),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ move: fc.record(when), which: fc.nat({ max: 99 }), by: choosers }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 24 }).map((i) => i * 10 * MINUTE) }),
      },
    ),
    { minLength: 10, maxLength: 50, size: 'max' },
  );

  /** One walk in which each thing happens, so that no run of the law is without them. */
  const AN_ORDINARY_NIGHT: Step[] = [
    {
      wish: {
        by: 'patient',
        doctor: 'dr. automatic',
        patient: 'ada',
        date: FIRST_DAY,
        time: 60,
        minutes: 30,
      },
    },
    {
      wish: {
        by: 'patient',
        doctor: 'dr. automatic',
        patient: 'ben',
        date: FIRST_DAY,
        time: 60,
        minutes: 30,
      },
    },
    { wait: 3 * HOUR },
    { action: 'complete', which: 0, by: 'patient' },
    { action: 'complete', which: 0, by: 'doctor' },
    { action: 'no-show', which: 0, by: 'doctor' },
    {
      wish: { by: 'patient', doctor: 'dr. buffer', patient: 'ada', date: FIRST_DAY, time: 600, minutes: 30 },
    },
    { action: 'confirm', which: 0, by: 'doctor' },
    { move: { date: FIRST_DAY, time: 615, minutes: 30 }, which: 0, by: 'doctor' },
    { move: { date: FIRST_DAY, time: 600, minutes: 30 }, which: 0, by: 'doctor' },
    { move: { date: FIRST_DAY, time: 600, minutes: 30 }, which: 0, by: 'doctor' },
    { action: 'check-in', which: 0, by: 'doctor' },
    { action: 'cancel', which: 0, by: 'patient' },
    {
      wish: { by: 'patient', doctor: 'dr. buffer', patient: 'ben', date: FIRST_DAY, time: 600, minutes: 30 },
    },
  ];

  function assertNoOverlap(clinic: SmallClinic): void {
    const takenBy = new Map<string, string>();
    for (const { isActive, state } of clinic.appointments) {
      if (!isActive) continue;
      for (const person of [state.doctor, state.patient]) {
        for (const tick of ticksBetween(state.slot.startsAt, state.slot.endsAt)) {
          const key = `${person} at ${new Date(tick).toISOString()}`;
          if (takenBy.has(key)) expect.fail(`${key} has appointments ${takenBy.get(key)} and ${state.id}`);
          takenBy.set(key, state.id);
        }
      }
    }
  }

  /** So that what is over is found too: a visit completed by mistake, and one that nobody came to. */
  function choose(clinic: SmallClinic, which: number): Appointment | undefined {
    const active = clinic.appointments.filter(({ isActive }) => isActive);
    const choice = active.length > 0 && which % 4 < 3 ? active : clinic.appointments;
    return choice[which % choice.length];
  }

  function assertWellFormed({ state }: Appointment): void {
    expect(state.awaits !== null).toBe(state.status === 'pending');
    expect(state.confirmBy !== null).toBe(state.status === 'pending');
  }

  /** What speaks against each five minutes of a date, when an admin asks for them for this patient. */
  function refusalsByTime(
    clinic: SmallClinic,
    { state }: Appointment,
    date: CalendarDate,
  ): Map<Instant, string[]> {
    const policy = clinic.policies.get(state.doctor)!;
    const around = clinic.busy(state.doctor, state.patient);
    return new Map(
      EVERY_FIVE_MINUTES.flatMap((time) => {
        const startsAt = policy.zone.instantOf(date, time);
        const request = { ...insists('00:00', { date, durationMinutes: 5 }), time };
        return startsAt === undefined ? [] : [[startsAt, refusalsOf(policy, request, around, clinic.now)]];
      }),
    );
  }

  /** Runs the steps in a clinic, and tells how often each thing happened. */
  function walk(clinic: SmallClinic, walked: readonly Step[], seen: Map<string, number>): void {
    const count = (what: string): unknown => seen.set(what, (seen.get(what) ?? 0) + 1);
    for (const step of walked) {
      if ('wait' in step) {
        clinic.now += step.wait;
        for (const { state } of clinic.expire()) {
          expect(state).toMatchObject({ status: 'cancelled', cancellation: { by: 'system' } });
          count('expired');
        }
      } else if ('wish' in step) {
        const appointment = clinic.book(step.wish);
        count(appointment === undefined ? 'refused' : 'booked');
        if (appointment !== undefined) assertWellFormed(appointment);
      } else {
        const appointment = choose(clinic, step.which);
        if (appointment === undefined) continue;
        if ('move' in step) count(moveAndCompare(clinic, appointment, step.by, step.move));
        else count(actAndCompare(clinic, appointment, step.action, step.by));
      }
      assertNoOverlap(clinic);
    }
  }

  function actAndCompare(
    clinic: SmallClinic,
    appointment: Appointment,
    action: Exclude<Action, 'reschedule'>,
    by: Side,
  ): string {
    const { slot, doctor } = appointment.state;
    const { rules, zone } = clinic.policies.get(doctor)!;
    const date = zone.dateAt(slot.startsAt);
    const isAllowed = appointment.allowedActions(by, rules, clinic.now).includes(action);
    const earlier = isAllowed ? refusalsByTime(clinic, appointment, date) : undefined;
    const after = clinic.act(appointment, action, by);
    expect(after !== undefined).toBe(isAllowed);
    if (after === undefined || earlier === undefined) return 'not allowed';

    assertWellFormed(after);
    expect(after.state.version).toBe(appointment.state.version + 1);
    const ends = appointment.isActive && !after.isActive;
    const later = refusalsByTime(clinic, after, date);
    const restored = [...later].map(([startsAt, refusals]) => {
      const isFreed = ends && slot.startsAt <= startsAt && startsAt < slot.endsAt;
      return [startsAt, isFreed ? [...refusals, 'slot-taken', 'patient-busy'] : refusals];
    });
    expect(restored).toEqual([...earlier]);
    return action;
  }

  /**
   * A move takes the new time and frees the old one, less what the two share; refused, or to where it is, it changes
   * nothing.
   */
  function moveAndCompare(clinic: SmallClinic, appointment: Appointment, by: Wish['by'], to: When): string {
    const after = clinic.move(appointment, by, to);
    if (after === undefined) return 'not moved';
    const { rules } = clinic.policies.get(after.state.doctor)!;
    expect(appointment.allowedActions(by, rules, clinic.now)).toContain('reschedule');
    assertWellFormed(after);
    const isMoved = !after.state.slot.equals(appointment.state.slot);
    if (!isMoved) expect(after).toBe(appointment);
    else expect(after.state).toMatchObject({ id: appointment.id, version: appointment.state.version + 1 });
    const { doctor, patient, slot } = after.state;
    const own = busyWithout(after.state, clinic.busy(doctor, patient), clinic.now);
    for (const agenda of [own.doctor, own.patient]) {
      expect(agenda.isFree(slot)).toBe(true);
      expect(agenda.isFree(appointment.state.slot)).toBe(true);
    }
    return isMoved ? 'reschedule' : 'not moved';
  }

  test('after any sequence of all actions; an end frees exactly its own time', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(steps, (walked) => walk(new SmallClinic(policies, START), walked, seen)),
      { numRuns: 40, examples: [[AN_ORDINARY_NIGHT]] },
    );
    for (const what of ['booked', 'refused', 'not allowed', 'not moved', 'expired', ...ACTIONS])
      expect(seen.get(what) ?? 0, what).toBeGreaterThan(0);
  });

  test('control: the same sequences overlap in a clinic that does not ask its policies', () => {
    class CarelessClinic extends SmallClinic {
      protected override isRefused(): boolean {
        return false;
      }
    }
    const careless = fc.property(steps, (walked) => {
      const clinic = new CarelessClinic(policies, START);
      for (const step of walked) if ('wish' in step && isRealTime(step.wish)) clinic.book(step.wish);
      assertNoOverlap(clinic);
    });
    expect(fc.check(careless, { numRuns: 60, endOnFailure: true }).failed).toBe(true);
  });

  function isRealTime({ doctor, date, time }: Wish): boolean {
    return policies.get(doctor)!.zone.instantOf(date, time) !== undefined;
  }
});

describe('hours survive every zone change of a year', () => {
  const OPENINGS = [
    { open: '00:00–24:00', grid: 15, visit: 15 },
    { open: '00:00–24:00', grid: 30, visit: 45 },
    { open: '00:30–02:00', grid: 15, visit: 30 },
    { open: '01:00–03:00', grid: 15, visit: 30 },
    { open: '01:00–03:00', grid: 30, visit: 60 },
    { open: '09:00–17:00', grid: 15, visit: 30 },
    { open: '09:00–17:00', grid: 30, visit: 30 },
  ];
  const DATES = Array.from({ length: 365 }, (_, day) => addDays(`${YEAR}-01-01`, day));
  const LONG_BEFORE = Date.UTC(YEAR - 1, 11, 1);

  interface Opening extends HoursInterval {
    grid: number;
    visit: number;
    offered: SlotPolicy;
  }

  function openingsIn(zone: string): Opening[] {
    return OPENINGS.map(({ open, grid, visit }) => ({
      ...hours(open)[0]!,
      grid,
      visit,
      offered: policy(
        {
          hours: everyDay(open),
          gridMinutes: grid,
          visitTypes: [visitType({ minutes: visit })],
          noticeMinutes: 0,
          horizonDays: 400,
        },
        Zone.of(zone),
      ),
    }));
  }

  function gridOf({ from, to, grid }: Opening): number[] {
    return Array.from({ length: (to - from) / grid }, (_, i) => from + i * grid);
  }

  /** The starts of a day without a change: those whose visit ends by closing. */
  function ordinaryStarts(opening: Opening): number[] {
    return gridOf(opening).filter((time) => time + opening.visit <= opening.to);
  }

  test.each(LAW_ZONES)('in %s', (zone) => {
    const clock = WallClock.of(zone);
    const openings = openingsIn(zone);
    const changed = new Set(datesOfChange(zone));
    const seen = { lost: 0, gained: 0 };

    for (const date of DATES) {
      const ticks = clock.ticksOf(date);
      const shown = new Map(ticks.map(({ instant, time }) => [instant, time]));
      const first = new Map(ticks.toReversed().map(({ instant, time }) => [time, instant]));
      for (const opening of openings) {
        const { from, to, visit, offered } = opening;
        const free = [...offered.freeSlots(asks('00:00'), date, date, FREE, LONG_BEFORE)];
        const where = `${zone} ${date} ${from}–${to} every ${opening.grid} for ${visit}`;

        // Neither in a gap nor shifted: the clocks show at its start the time that is listed, for the first time.
        for (const { time, startsAt } of free) {
          const shows = shown.get(startsAt);
          if (shows === undefined || formatTime(shows) !== time || first.get(shows) !== startsAt) {
            expect.fail(`${where}: ${time} starts at ${new Date(startsAt).toISOString()}`);
          }
        }
        const starts = free.map(({ startsAt }) => shown.get(startsAt)!);
        if (new Set(starts).size !== starts.length) expect.fail(`${where}: a start is doubled`);

        const endsInside = (time: number): boolean => {
          const startsAt = first.get(time)!;
          return ticksBetween(startsAt, startsAt + visit * MINUTE).every((tick) => {
            const shows = shown.get(tick);
            return shows !== undefined && from <= shows && shows < to;
          });
        };
        const ordinary = ordinaryStarts(opening);
        const isLost = (time: number): boolean => !first.has(time) || !endsInside(time);
        const isGained = (time: number): boolean => !ordinary.includes(time) && !isLost(time);
        const lost = changed.has(date) ? ordinary.filter(isLost) : [];
        const gained = changed.has(date) ? gridOf(opening).filter(isGained) : [];
        const kept = ordinary.filter((time) => !lost.includes(time));
        expect(starts.join(' '), where).toBe([...kept, ...gained].toSorted((a, b) => a - b).join(' '));
        seen.lost += lost.length;
        seen.gained += gained.length;
      }
    }
    expect(seen.lost > 0 && seen.gained > 0).toBe(changed.size > 0);
  });

  test.each(LAW_ZONES)(
    'control: in %s hours added to midnight are wrong on the dates of change, and on no other',
    (zone) => {
      const clock = WallClock.of(zone);
      const wrong = DATES.filter((date) => {
        const [midnight] = clock.instantsShowing(date, 0);
        const shifted = (time: number): boolean => clock.shows(midnight! + time * MINUTE).time !== time;
        return [4 * 60, 12 * 60].some(shifted);
      });
      expect(wrong).toEqual(datesOfChange(zone));
    },
  );
});
