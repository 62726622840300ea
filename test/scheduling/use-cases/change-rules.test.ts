import { beforeEach, describe, expect, test } from 'vitest';
import { DAY } from '#libs/kernel/clock.js';
import type { WrittenAbsence } from '../../../src/scheduling/domain/absence.js';
import { addDays, parseTime } from '../../../src/scheduling/domain/calendar.js';
import { SlotPolicy, type SlotRules } from '../../../src/scheduling/domain/slot-policy.js';
import { MOST_ABSENCES } from '../../../src/scheduling/use-cases/add-absence.js';
import { CONFLICTS_TOLD } from '../../../src/scheduling/use-cases/find-conflicts.js';
import { MOST_OVERRIDES } from '../../../src/scheduling/use-cases/set-override.js';
import { at, everyDay, hours, MONDAY, slot, SUNDAY, TUESDAY, visitType } from '../domain/builders.js';
import { ADMIN, MemoryClinic, refusalOf, type Member } from './memory-clinic.js';

type Who = Pick<Member, 'actor'>;

let clinic: MemoryClinic;
let clara: Member;
let james: Member;
let lena: Member;
let noah: Member;

beforeEach(async () => {
  clinic = new MemoryClinic();
  clara = await clinic.doctor();
  james = await clinic.doctor({}, { firstName: 'James' });
  lena = await clinic.patient();
  noah = await clinic.patient({ firstName: 'Noah' });
});

const of = ({ actor }: Who, more: { dryRun?: boolean } = {}) => ({ actor, doctor: clara.id, ...more });

interface PolicyChange {
  dryRun?: boolean;
  seenVersions?: readonly number[];
}

/** Replaces Clara's rules by the default ones with these changes. */
function setPolicy(who: Who, change: Partial<SlotRules> = {}, { seenVersions, ...more }: PolicyChange = {}) {
  const { hours: whole, ...rules } = { ...SlotPolicy.DEFAULT, ...change };
  return clinic.setSlotPolicy.execute({ ...of(who, more), rules, weekly: whole.weekly, seenVersions });
}

/** Other hours on one date, Monday unless told. */
function override(
  who: Who,
  text: string,
  { date = MONDAY, ...more }: { date?: string; dryRun?: boolean } = {},
) {
  return clinic.setOverride.execute({ ...of(who, more), override: { date, hours: hours(text) } });
}

const removeOverride = (who: Who, date = MONDAY, more: { dryRun?: boolean } = {}) =>
  clinic.removeOverride.execute({ ...of(who, more), date });

interface Away extends Partial<WrittenAbsence> {
  reason?: string;
  dryRun?: boolean;
}

/** Away on the whole of Monday, unless told otherwise. */
function away(who: Who, { reason = 'Training', dryRun, ...written }: Away = {}) {
  const absence = { fromDate: MONDAY, toDate: written.fromDate ?? MONDAY, ...written };
  return clinic.addAbsence.execute({ ...of(who), ...(dryRun && { dryRun }), absence, reason });
}

const between = (from: string, to: string) => ({ times: { from: parseTime(from), to: parseTime(to) } });

const policyOf = (who: Who) => clinic.readRules.policy(who.actor, clara.id);
const conflictsOf = async (who: Who) =>
  (await clinic.readRules.conflicts(who.actor, clara.id, { limit: 100 })).results;
const book = async (who: Who, time: string, asked: object = {}) =>
  (await clinic.book(who, time, { doctor: clara.id, ...asked })).appointment.id;
const told = ({ conflicts }: { conflicts: readonly { appointment: string; reasons: readonly string[] }[] }) =>
  conflicts.map(({ appointment, reasons }) => [appointment, ...reasons]);

describe('the rules of a doctor', () => {
  test('are set and read by the doctor and by an admin', async () => {
    await setPolicy(clara, { patientLimit: 2 });
    expect((await policyOf(ADMIN)).rules.patientLimit).toBe(2);
    await setPolicy(ADMIN, { patientLimit: 3 });
    expect((await policyOf(clara)).rules.patientLimit).toBe(3);
  });

  test('are not there for anybody else, nor are those of nobody', async () => {
    await override(clara, '');
    const { result } = await away(clara);
    for (const { actor } of [james, lena]) {
      const whose = { actor, doctor: clara.id };
      const page = { limit: 10 };
      for (const work of [
        () => setPolicy({ actor }),
        () => override({ actor }, '09:00–10:00'),
        () => removeOverride({ actor }),
        () => away({ actor }),
        () => clinic.removeAbsence.execute({ ...whose, id: result.id }),
        () => policyOf({ actor }),
        () => clinic.readRules.absences(actor, clara.id, page),
        () => clinic.readRules.overrides(actor, clara.id, page),
        () => clinic.readRules.override(actor, clara.id, MONDAY),
        () => clinic.readRules.conflicts(actor, clara.id, page),
      ])
        expect(await refusalOf(work())).toBe('not-found');
    }
    expect(await refusalOf(clinic.readRules.policy(ADMIN.actor, 'nobody'))).toBe('not-found');
    expect((await policyOf(clara)).version).toBe(0);
  });

  test('of a doctor who cannot be booked now are an admin’s to mind', async () => {
    const gone = await clinic.doctor({}, { active: false });
    expect((await clinic.readRules.policy(ADMIN.actor, gone.id)).version).toBe(0);
  });

  test('of one who has closed the account get nothing new, and only lose what there is', async () => {
    await override(clara, '');
    const { result: absence } = await away(clara);
    const { userId } = clara.actor;
    const user = (await clinic.users.find(userId))!;
    const closed = { email: 'gone@closed.invalid', passwordHash: 'gone', at: 1234, keepsNames: true };
    await clinic.transactions.run(() => clinic.users.close(user, closed));
    for (const dryRun of [false, true]) {
      for (const work of [
        away(ADMIN, { dryRun }),
        override(ADMIN, '', { date: TUESDAY, dryRun }),
        setPolicy(ADMIN, { patientLimit: 2 }, { dryRun }),
      ])
        expect(await refusalOf(work)).toBe('account-closed');
    }
    await removeOverride(ADMIN);
    await clinic.removeAbsence.execute({ ...of(ADMIN), id: absence.id });
    expect((await clinic.readRules.absences(ADMIN.actor, clara.id, { limit: 10 })).results).toEqual([]);
  });
});

describe('a slot policy', () => {
  test('is replaced as a whole, one version further each time', async () => {
    const rules = { visitTypes: [visitType({ name: 'first', minutes: 45 })], gridMinutes: 15 };
    expect((await setPolicy(clara, rules)).result.version).toBe(1);
    await setPolicy(clara, { noticeMinutes: 0 });
    const { rules: kept, version } = await policyOf(clara);
    expect([kept, version]).toEqual([{ ...SlotPolicy.DEFAULT, noticeMinutes: 0 }, 2]);
  });

  test('is what patients are offered and refused by from then on', async () => {
    await setPolicy(clara, { hours: everyDay('10:00–11:00') });
    const listing = { actor: lena.actor, doctor: clara.id, from: MONDAY, to: MONDAY };
    const { results } = await clinic.listFreeSlots.execute(listing);
    expect(results.map(({ time }) => time)).toEqual(['10:00', '10:30']);
    expect(await refusalOf(book(lena, '09:00'))).toBe('outside-hours');
  });

  test('leaves the overrides of single dates as they are', async () => {
    await override(clara, '12:00–13:00');
    await setPolicy(clara, { hours: everyDay('08:00–09:00') });
    expect((await policyOf(clara)).rules.hours.on(MONDAY)).toEqual(hours('12:00–13:00'));
  });

  test('is replaced only at a version that the actor has seen, where versions are named', async () => {
    await setPolicy(clara, { noticeMinutes: 5 }, { seenVersions: [0] });
    expect(await refusalOf(setPolicy(ADMIN, {}, { seenVersions: [0] }))).toBe('stale-version');
    await setPolicy(ADMIN, {}, { seenVersions: [0, 1] });
    expect((await policyOf(clara)).version).toBe(2);
  });

  test('set as it is changes nothing, also not the version', async () => {
    await setPolicy(clara, { noticeMinutes: 5 });
    expect((await setPolicy(clara, { noticeMinutes: 5 })).result.version).toBe(1);
    expect((await policyOf(clara)).version).toBe(1);
  });

  test('tells what is booked outside the new hours, and cancels none of it', async () => {
    const inside = await book(lena, '10:00');
    const outside = await book(noah, '09:00');
    const before = await clinic.stored();
    const changed = await setPolicy(clara, { hours: everyDay('10:00–17:00') });
    expect(told(changed)).toEqual([[outside, 'outside-hours']]);
    expect(await clinic.stored()).toEqual(before);
    expect(before.map(({ id }) => id)).toContain(inside);
  });

  test('says of the patient’s limit, notice, horizon, grid and visit types nothing to what is booked', async () => {
    for (const time of ['09:00', '09:30', '10:00']) await book(lena, time);
    const strict = {
      visitTypes: [visitType({ name: 'other', minutes: 20 })],
      gridMinutes: 25,
      noticeMinutes: 30 * 24 * 60,
      horizonDays: 0,
      patientLimit: 1,
    };
    expect((await setPolicy(clara, strict)).conflicts).toEqual([]);
  });
});

describe('an override', () => {
  test('replaces the hours of its date, and gives way to the weekly ones when it is removed', async () => {
    await override(clara, '18:00–19:00');
    await book(lena, '18:00');
    expect(await refusalOf(book(noah, '09:00'))).toBe('outside-hours');
    expect((await removeOverride(clara)).result).toEqual({ date: MONDAY, hours: hours('18:00–19:00') });
    expect(await refusalOf(book(noah, '18:30'))).toBe('outside-hours');
    await book(noah, '09:00');
  });

  test('is read, listed by date, and replaced', async () => {
    await override(clara, '10:00–11:00', { date: TUESDAY });
    await override(clara, '');
    await override(clara, '09:00–10:00');
    const page = await clinic.readRules.overrides(ADMIN.actor, clara.id, { limit: 10 });
    expect(page.results.map(({ date }) => date)).toEqual([MONDAY, TUESDAY]);
    expect(await clinic.readRules.override(clara.actor, clara.id, MONDAY)).toEqual(page.results[0]);
    expect(page.results[0]!.hours).toEqual(hours('09:00–10:00'));
  });

  test('of a date without one is NotFound', async () => {
    expect(await refusalOf(removeOverride(clara))).toBe('not-found');
    expect(await refusalOf(clinic.readRules.override(clara.actor, clara.id, MONDAY))).toBe('not-found');
  });

  test('tells what it leaves outside when it is set, and when it is removed', async () => {
    const morning = await book(lena, '09:00');
    expect(told(await override(clara, '18:00–19:00'))).toEqual([[morning, 'outside-hours']]);
    const evening = await book(noah, '18:00');
    expect(told(await removeOverride(clara))).toEqual([[evening, 'outside-hours']]);
  });

  test('is for today or later', async () => {
    await override(clara, '', { date: SUNDAY });
    expect(await refusalOf(override(clara, '', { date: addDays(SUNDAY, -1) }))).toBe('invalid-request');
  });

  test('is one of at most so many that are to come, and those of long ago are forgotten', async () => {
    for (let i = 0; i < MOST_OVERRIDES; i++) await override(clara, '', { date: addDays(SUNDAY, i) });
    const next = addDays(SUNDAY, MOST_OVERRIDES);
    expect(await refusalOf(override(clara, '', { date: next }))).toBe('too-many-entries');
    await override(clara, '09:00–10:00', { date: SUNDAY });
    clinic.clock.set(at('12:00', SUNDAY) + 367 * DAY);
    await override(clara, '', { date: addDays(SUNDAY, 400) });
    const { results } = await clinic.readRules.overrides(clara.actor, clara.id, { limit: 1 });
    expect(results.map(({ date }) => date)).toEqual([addDays(SUNDAY, 1)]);
  });
});

describe('an absence', () => {
  test('of whole days, the last included, refuses them; not the days around', async () => {
    const { result } = await away(clara, { fromDate: MONDAY, toDate: TUESDAY });
    expect(result).toMatchObject({
      doctor: clara.id,
      slot: { startsAt: at('00:00'), endsAt: at('24:00', TUESDAY) },
      timeZone: 'Europe/Berlin',
      wholeDays: true,
      reason: 'Training',
    });
    for (const date of [MONDAY, TUESDAY]) {
      expect(await refusalOf(book(lena, '09:00', { date }))).toBe('doctor-absent');
    }
    await book(lena, '09:00', { date: '2025-06-04' });
  });

  test('of some hours refuses what overlaps them, the doctor’s own scheduling too', async () => {
    await away(clara, between('10:15', '12:00'));
    for (const who of [lena, clara]) {
      const patient = who === clara ? { patient: noah.id } : {};
      expect(await refusalOf(book(who, '10:00', patient))).toBe('doctor-absent');
    }
    await book(lena, '09:30');
    await book(lena, '12:00');
  });

  test('that is removed is over, and was another doctor’s for nobody', async () => {
    const { result } = await away(clara);
    const removing = { actor: james.actor, doctor: james.id, id: result.id };
    expect(await refusalOf(clinic.removeAbsence.execute(removing))).toBe('not-found');
    const removed = await clinic.removeAbsence.execute({ ...of(clara), id: result.id });
    expect(removed.result).toEqual(result);
    expect(await refusalOf(clinic.removeAbsence.execute({ ...of(clara), id: result.id }))).toBe('not-found');
    await book(lena, '09:00');
  });

  test('tells what is booked meanwhile, and cancels none of it', async () => {
    const hit = await book(lena, '10:00');
    await book(noah, '12:00');
    const before = await clinic.stored();
    const changed = await away(clara, between('10:15', '12:00'));
    expect(told(changed)).toEqual([[hit, 'doctor-absent']]);
    expect(await clinic.stored()).toEqual(before);
    expect(told(await clinic.removeAbsence.execute({ ...of(clara), id: changed.result.id }))).toEqual([]);
  });

  test.each<[string, Away]>([
    ['ends before it begins', { fromDate: TUESDAY, toDate: MONDAY }],
    ['ends when it begins', between('10:00', '10:00')],
    ['has passed', { fromDate: '2025-05-30' }],
    ['is longer than a year', { fromDate: MONDAY, toDate: '2026-06-03' }],
  ])('that %s is refused', async (_, asked) => {
    expect(await refusalOf(away(clara, asked))).toBe('invalid-request');
    expect((await clinic.readRules.absences(clara.actor, clara.id, { limit: 1 })).results).toEqual([]);
  });

  test('that has begun and not ended can be written', async () => {
    await away(clara, { fromDate: '2025-05-30', toDate: MONDAY });
    expect(await refusalOf(book(lena, '09:00'))).toBe('doctor-absent');
  });

  test('between times that the clocks never show is refused', async () => {
    const spring = { fromDate: '2026-03-29', toDate: '2026-03-29', ...between('02:30', '04:00') };
    expect(await refusalOf(away(clara, spring))).toBe('no-such-time');
  });

  test('is one of at most so many that have not ended', async () => {
    for (let i = 0; i < MOST_ABSENCES; i++) await away(clara);
    expect(await refusalOf(away(clara))).toBe('too-many-entries');
    clinic.clock.set(at('00:00', TUESDAY));
    await away(clara, { fromDate: TUESDAY });
  });
});

describe('a dry run', () => {
  test('of a policy answers the conflicts and changes nothing, also not the version', async () => {
    const id = await book(lena, '09:00');
    const dry = await setPolicy(clara, { hours: everyDay('10:00–17:00') }, { dryRun: true });
    expect(told(dry)).toEqual([[id, 'outside-hours']]);
    expect([dry.result.version, dry.result.rules.hours.weekly]).toEqual([0, everyDay('10:00–17:00').weekly]);
    const { rules, version } = await policyOf(clara);
    expect([rules, version]).toEqual([SlotPolicy.DEFAULT, 0]);
    expect(await conflictsOf(clara)).toEqual([]);
  });

  test('of an absence or an override, set or removed, answers the conflicts and changes nothing', async () => {
    const morning = await book(lena, '09:00');
    expect(told(await away(clara, { dryRun: true }))).toEqual([[morning, 'doctor-absent']]);
    expect(told(await override(clara, '', { dryRun: true }))).toEqual([[morning, 'outside-hours']]);
    expect(await conflictsOf(clara)).toEqual([]);

    const { result } = await away(clara);
    await override(clara, '18:00–19:00');
    const removal = { ...of(clara, { dryRun: true }), id: result.id };
    expect(told(await clinic.removeAbsence.execute(removal))).toEqual([]);
    expect(told(await removeOverride(clara, MONDAY, { dryRun: true }))).toEqual([]);
    expect((await conflictsOf(clara)).map(({ reasons }) => reasons)).toEqual([
      ['outside-hours', 'doctor-absent'],
    ]);
  });

  test('is refused what the change would be refused', async () => {
    expect(await refusalOf(setPolicy(clara, {}, { dryRun: true, seenVersions: [7] }))).toBe('stale-version');
    expect(await refusalOf(away(clara, { fromDate: '2025-05-30', dryRun: true }))).toBe('invalid-request');
    expect(await refusalOf(removeOverride(clara, MONDAY, { dryRun: true }))).toBe('not-found');
  });
});

describe('conflicts', () => {
  test('are the future active appointments outside the present rules, by start, each with every reason', async () => {
    const [late, early] = [await book(lena, '11:00'), await book(noah, '09:00')];
    const cancelled = await book(lena, '10:00');
    await clinic.cancel(lena, cancelled);
    await book(lena, '09:00', { date: TUESDAY });
    await override(clara, '14:00–17:00');
    await away(clara, between('10:00', '12:00'));
    expect(told({ conflicts: await conflictsOf(clara) })).toEqual([
      [early, 'outside-hours'],
      [late, 'outside-hours', 'doctor-absent'],
    ]);
  });

  test('show when and who, as the actor may know', async () => {
    const id = await book(lena, '09:00');
    await override(clara, '');
    const shown = {
      appointment: id,
      patient: lena.id,
      patientName: 'Lena Fischer',
      startsAt: at('09:00'),
      endsAt: at('09:30'),
      date: MONDAY,
      time: '09:00',
      timeZone: 'Europe/Berlin',
      visitType: 'consultation',
      reasons: ['outside-hours'],
    };
    expect(await conflictsOf(clara)).toEqual([shown]);
    expect(await conflictsOf(ADMIN)).toEqual([shown]);
  });

  test('do not tell a doctor the name of a patient whom they only proposed to', async () => {
    await book(clara, '09:00', { patient: lena.id });
    await override(clara, '');
    expect((await conflictsOf(clara)).map(({ patientName }) => patientName)).toEqual([null]);
    expect((await conflictsOf(ADMIN)).map(({ patientName }) => patientName)).toEqual(['Lena Fischer']);
  });

  test('are none any more once the visit begins, or is moved inside, or the rules allow it again', async () => {
    const ids = [await book(lena, '09:00'), await book(noah, '10:00'), await book(lena, '11:00')];
    await override(clara, '14:00–17:00');
    const left = async () => (await conflictsOf(clara)).map(({ appointment }) => appointment);
    expect(await left()).toEqual(ids);
    await clinic.reschedule(clara, ids[1]!, '14:00');
    expect(await left()).toEqual([ids[0], ids[2]]);
    clinic.clock.set(at('09:00'));
    expect(await left()).toEqual([ids[2]]);
    await removeOverride(clara);
    expect(await left()).toEqual([]);
  });

  test('are two that are nearer to each other than the buffer, whoever put them there, and both are told', async () => {
    const ids = [await book(lena, '09:00'), await book(noah, '09:30'), await book(lena, '11:00')];
    expect(told(await setPolicy(clara, { bufferMinutes: { before: 0, after: 15 } }))).toEqual([
      [ids[0], 'too-close'],
      [ids[1], 'too-close'],
    ]);
    await clinic.reschedule(clara, ids[1]!, '10:15');
    expect(await conflictsOf(clara)).toEqual([]);
    await clinic.reschedule(clara, ids[1]!, '10:30');
    expect(told({ conflicts: await conflictsOf(clara) })).toEqual([
      [ids[1], 'too-close'],
      [ids[2], 'too-close'],
    ]);
  });

  test('are those of a date beyond its daily maximum, the later ones; what was cancelled does not count', async () => {
    const ids = [await book(lena, '09:00'), await book(noah, '09:30'), await book(lena, '10:00')];
    await book(lena, '09:00', { date: TUESDAY });
    expect(told(await setPolicy(clara, { dailyMaximum: 1 }))).toEqual([
      [ids[1], 'day-full'],
      [ids[2], 'day-full'],
    ]);
    await clinic.cancel(lena, ids[0]!);
    expect(told({ conflicts: await conflictsOf(clara) })).toEqual([[ids[2], 'day-full']]);
  });

  test('are found beside what has begun: it counts for the date, and a buffer reaches to it', async () => {
    const ids = [await book(lena, '09:00'), await book(noah, '09:30')];
    await setPolicy(clara, { bufferMinutes: { before: 5, after: 5 }, dailyMaximum: 1 });
    clinic.clock.set(at('09:00'));
    expect(told({ conflicts: await conflictsOf(clara) })).toEqual([[ids[1], 'too-close', 'day-full']]);
  });

  test('are never those put outside the hours on purpose, whatever hours there are; an absence is one for all', async () => {
    const exempt = { patient: noah.id, exemptionReason: 'an emergency' };
    const byDoctor = await book(clara, '20:00', { patient: lena.id });
    const byAdmin = await book(ADMIN, '21:00', exempt);
    expect((await setPolicy(clara)).conflicts).toEqual([]);
    expect((await override(clara, '06:00–07:00')).conflicts).toEqual([]);
    expect((await removeOverride(clara)).conflicts).toEqual([]);
    expect(told(await away(clara))).toEqual([
      [byDoctor, 'doctor-absent'],
      [byAdmin, 'doctor-absent'],
    ]);
  });

  test('are all of a date that is closed wholly, those put outside the hours on purpose too', async () => {
    const ids = [
      await book(lena, '09:00'),
      await book(clara, '20:00', { patient: lena.id }),
      await book(ADMIN, '21:00', { patient: noah.id, exemptionReason: 'an emergency' }),
    ];
    await book(ADMIN, '20:00', { patient: noah.id, exemptionReason: 'an emergency', date: TUESDAY });
    const all = ids.map((id) => [id, 'outside-hours']);
    expect(told(await override(clara, '', { dryRun: true }))).toEqual(all);
    expect(await conflictsOf(clara)).toEqual([]);
    expect(told(await override(clara, ''))).toEqual(all);
    expect(told({ conflicts: await conflictsOf(clara) })).toEqual(all);
    expect(told(await override(clara, ''))).toEqual([]);
    expect(told(await override(clara, '06:00–07:00'))).toEqual([]);
    expect(told({ conflicts: await conflictsOf(clara) })).toEqual(all.slice(0, 1));
    // A weekday without hours closes no date in particular: who works on it does so on purpose.
    expect(told(await setPolicy(clara, { hours: everyDay('') }))).toEqual([]);
    expect(told(await removeOverride(clara))).toEqual([]);
  });

  test('are those too of which only a part lies on a date that is closed, by the present clocks', async () => {
    const movesTo = (timeZone: string) =>
      clinic.transactions.run(() => clinic.doctors.change(clara.id, { timeZone }));
    await movesTo('Europe/Moscow');
    const id = await book(clara, '23:00', { patient: lena.id, durationMinutes: 60 });
    await override(clara, '', { date: TUESDAY });
    expect(await conflictsOf(clara)).toEqual([]);
    await movesTo('Asia/Tehran'); // where it is 23:30 to 00:30
    expect(told({ conflicts: await conflictsOf(clara) })).toEqual([[id, 'outside-hours']]);
    await movesTo('Asia/Karachi'); // 01:00 to 02:00
    expect(told({ conflicts: await conflictsOf(clara) })).toEqual([[id, 'outside-hours']]);
  });

  test('are those that an exempt hand put inside the hours, when the hours change', async () => {
    const id = await book(clara, '10:10', { patient: lena.id, durationMinutes: 20 });
    expect(told(await override(clara, '14:00–15:00'))).toEqual([[id, 'outside-hours']]);
  });

  test('are none any more that the doctor moves outside the hours on purpose', async () => {
    const id = await book(lena, '09:00');
    await override(clara, '14:00–15:00');
    await clinic.reschedule(clara, id, '20:00');
    expect(await conflictsOf(clara)).toEqual([]);
  });

  test('are one again that was outside on purpose and is moved inside', async () => {
    const id = await book(ADMIN, '20:00', { patient: lena.id, exemptionReason: 'an emergency' });
    await clinic.reschedule(clara, id, '10:00');
    expect(told(await override(clara, '14:00–15:00'))).toEqual([[id, 'outside-hours']]);
  });

  test('come in pages that together are the whole, however time goes on', async () => {
    const ids = [await book(lena, '09:00'), await book(noah, '10:00'), await book(lena, '11:00')];
    await override(clara, '');
    const page = (limit: number, cursor?: string) =>
      clinic.readRules.conflicts(clara.actor, clara.id, { limit, cursor });
    const first = await page(2);
    expect(first.results.map(({ appointment }) => appointment)).toEqual(ids.slice(0, 2));
    const rest = await page(2, first.nextCursor!);
    expect([rest.results.map(({ appointment }) => appointment), rest.nextCursor]).toEqual([[ids[2]], null]);
    expect((await page(3)).nextCursor).toBeNull();
    clinic.clock.set(at('11:00'));
    expect((await page(2, first.nextCursor!)).results).toEqual([]);
    expect(await refusalOf(page(2, 'x'))).toBe('invalid-request');
  });

  test('are told to who makes them, and not again by a change that gives them no further reason', async () => {
    const [morning, noon] = [await book(lena, '09:00'), await book(noah, '12:00')];
    expect(told(await override(clara, '12:00–17:00'))).toEqual([[morning, 'outside-hours']]);
    expect(told(await setPolicy(clara, {}))).toEqual([]);
    expect(told(await override(clara, '13:00–17:00', { dryRun: true }))).toEqual([[noon, 'outside-hours']]);
    expect(told(await away(clara, between('09:00', '10:00')))).toEqual([
      [morning, 'outside-hours', 'doctor-absent'],
    ]);
    expect(told(await away(clara, between('09:00', '10:00')))).toEqual([]);
    // Its buffer makes neighbours of what was none.
    const strict = { ...SlotPolicy.DEFAULT, bufferMinutes: { before: 0, after: 180 } };
    expect(told(await setPolicy(clara, strict))).toEqual([
      [morning, 'outside-hours', 'doctor-absent', 'too-close'],
      [noon, 'too-close'],
    ]);
    expect(told(await removeOverride(clara))).toEqual([]);
  });

  test('are told to who makes them only as far as the first hundred', async () => {
    for (let i = 0; i <= CONFLICTS_TOLD; i++) {
      const { id } = await clinic.patient();
      const when = { date: addDays(MONDAY, 7 * Math.floor(i / 16)) };
      const time = `${String(9 + Math.floor((i % 16) / 2)).padStart(2, '0')}:${i % 2 ? '30' : '00'}`;
      await book(ADMIN, time, { patient: id, ...when });
    }
    const { conflicts } = await setPolicy(clara, { hours: everyDay('18:00–19:00') });
    expect(conflicts).toHaveLength(CONFLICTS_TOLD);
    const whole = await clinic.readRules.conflicts(clara.actor, clara.id, { limit: 1000 });
    expect(whole.results).toHaveLength(CONFLICTS_TOLD + 1);
  });
});

describe('another zone', () => {
  test('moves neither what is booked nor absences, and leaves outside what its hours do not hold', async () => {
    const morning = await book(lena, '09:00');
    await book(lena, '16:00');
    const conflicts = await clinic.doctorAgendas.conflictsOfMove(
      clara.id,
      'Europe/Berlin',
      'America/New_York',
    );
    expect(told({ conflicts })).toEqual([[morning, 'outside-hours']]);
    expect(conflicts[0]).toMatchObject({ date: MONDAY, time: '09:00', timeZone: 'Europe/Berlin' });
  });

  test('keeps the time of an absence', async () => {
    await away(clara, between('16:00', '17:00'));
    await clinic.transactions.run(() => clinic.doctors.change(clara.id, { timeZone: 'America/New_York' }));
    expect(await refusalOf(book(lena, '10:00'))).toBe('doctor-absent');
    const { results } = await clinic.readRules.absences(clara.actor, clara.id, { limit: 1 });
    expect(results[0]).toMatchObject({ slot: slot('16:00', '17:00'), timeZone: 'Europe/Berlin' });
  });
});
