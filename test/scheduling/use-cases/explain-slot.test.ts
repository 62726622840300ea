import { beforeEach, describe, expect, test } from 'vitest';
import { parseTime } from '../../../src/scheduling/domain/calendar.js';
import type { Refusal } from '../../../src/scheduling/domain/refusals.js';
import type { SlotRules } from '../../../src/scheduling/domain/slot-policy.js';
import { at, MONDAY, SATURDAY, slot, visitType } from '../domain/builders.js';
import { ADMIN, MemoryClinic, refusalOf, type Member } from './memory-clinic.js';

type Who = Pick<Member, 'actor'>;

let clinic: MemoryClinic;
let clara: Member;
let lena: Member;
let noah: Member;

beforeEach(async () => {
  clinic = new MemoryClinic();
  clara = await clinic.doctor();
  lena = await clinic.patient();
  noah = await clinic.patient();
});

interface Asked {
  date?: string;
  visitType?: string;
  doctor?: string;
}

function explain({ actor }: Who, time: string, asked: Asked = {}) {
  return clinic.explainSlot.execute({
    actor,
    doctor: clara.id,
    date: MONDAY,
    time: parseTime(time),
    ...asked,
  });
}

const refusals = async (who: Who, time: string, asked?: Asked) => (await explain(who, time, asked)).refusals;

function change(rules: Partial<SlotRules>): void {
  clinic.policies.rules = { ...clinic.policies.rules, ...rules };
}

async function away(from: string, to: string): Promise<void> {
  const absence = { id: 'absence', doctor: clara.id, slot: slot(from, to), timeZone: 'Europe/Berlin' };
  await clinic.transactions.run(() => clinic.absences.add({ ...absence, wholeDays: false, reason: null }));
}

describe('a time', () => {
  test('that nothing refuses is told with the visit that it would be', async () => {
    expect(await explain(lena, '09:30')).toEqual({
      date: MONDAY,
      time: parseTime('09:30'),
      timeZone: 'Europe/Berlin',
      visitType: 'consultation',
      startsAt: at('09:30'),
      endsAt: at('10:00'),
      refusals: [],
      rules: {
        bookable: ['consultation'],
        gridMinutes: null,
        noticeMinutes: 60,
        horizonDays: 90,
        patientLimit: 5,
        exempt: false,
      },
    });
  });

  test('is refused by every rule that speaks against it, in their order, to whose agenda it is', async () => {
    change({ dailyMaximum: 1, bufferMinutes: { before: 5, after: 5 } });
    await clinic.book(noah, '09:00', { doctor: clara.id });
    await away('08:00', '12:00');
    const all: Refusal[] = ['off-grid', 'doctor-absent', 'slot-taken', 'day-full'];
    for (const who of [clara, ADMIN]) expect(await refusals(who, '09:10')).toEqual(all);
  });

  test.each<[Refusal, string, Asked, Partial<SlotRules>]>([
    ['unknown-visit-type', '09:00', { visitType: 'surgery' }, {}],
    ['too-soon', '10:00', {}, { noticeMinutes: 7 * 24 * 60 }],
    ['too-far', '10:00', {}, { horizonDays: 0 }],
    ['outside-hours', '17:00', {}, {}],
    ['outside-hours', '10:00', { date: SATURDAY }, {}],
    ['off-grid', '10:10', {}, {}],
    ['no-such-time', '02:30', { date: '2026-03-29' }, { horizonDays: 365 }],
  ])('is refused to anybody by %s (%s)', async (code, time, asked, rules) => {
    change(rules);
    for (const who of [lena, clara, ADMIN]) expect(await refusals(who, time, asked)).toEqual([code]);
  });

  test('in the past is also too soon', async () => {
    expect(await refusals(ADMIN, '10:00', { date: '2025-05-30' })).toEqual(['in-the-past', 'too-soon']);
  });

  test('that the clocks never show has no instants', async () => {
    change({ horizonDays: 365 });
    expect(await explain(lena, '02:30', { date: '2026-03-29' })).toMatchObject({
      startsAt: null,
      endsAt: null,
      visitType: 'consultation',
    });
    expect(await explain(lena, '09:00', { visitType: 'surgery' })).toMatchObject({
      startsAt: at('09:00'),
      endsAt: null,
      visitType: null,
    });
  });

  test('is refused to a patient by their own limit and their own appointments', async () => {
    const james = await clinic.doctor();
    change({ patientLimit: 1 });
    await clinic.book(lena, '12:00', { doctor: clara.id });
    await clinic.book(lena, '09:00', { doctor: james.id });
    expect(await refusals(lena, '09:00')).toEqual(['patient-limit', 'patient-busy']);
    for (const who of [noah, clara, james, ADMIN]) expect(await refusals(who, '09:00')).toEqual([]);
  });

  test('is explained under the visit types that the actor may book', async () => {
    change({ visitTypes: [visitType(), visitType({ name: 'control', minutes: 15, bookableBy: 'seen' })] });
    expect(await refusals(lena, '09:15', { visitType: 'control' })).toEqual([
      'unknown-visit-type',
      'off-grid',
    ]);
    expect(await refusals(clara, '09:15', { visitType: 'control' })).toEqual([]);
  });

  test.each<[Refusal, () => Promise<unknown>]>([
    ['slot-taken', () => clinic.book(noah, '09:00', { doctor: clara.id })],
    ['doctor-absent', () => away('09:00', '10:00')],
  ])('in the hours and on the grid is told to patients to be %s', async (code, fill) => {
    await fill();
    for (const who of [lena, await clinic.doctor(), clara]) {
      expect(await refusals(who, '09:00')).toEqual([code]);
    }
  });

  test('that would not be listed anyway tells nobody else whether it is taken', async () => {
    await clinic.book(clara, '20:00', { patient: noah.id });
    await away('21:00', '22:00');
    for (const who of [lena, await clinic.doctor()]) {
      expect(await refusals(who, '20:00')).toEqual(['outside-hours']);
      expect(await refusals(who, '21:00')).toEqual(['outside-hours']);
    }
    expect(await refusals(clara, '20:00')).toEqual(['outside-hours', 'slot-taken']);
    expect(await refusals(ADMIN, '21:00')).toEqual(['outside-hours', 'doctor-absent']);
  });

  test('of nobody, and of a doctor who is not active, is NotFound', async () => {
    const gone = await clinic.doctor({}, { active: false });
    for (const doctor of ['nobody', gone.id, lena.id]) {
      expect(await refusalOf(explain(lena, '09:00', { doctor }))).toBe('not-found');
    }
  });

  test('has no refusal if and only if it is listed, and the first refusal is what booking says', async () => {
    change({ bufferMinutes: { before: 0, after: 15 }, dailyMaximum: 3 });
    await clinic.book(noah, '10:00', { doctor: clara.id });
    await away('14:00', '15:00');
    clinic.clock.set(at('08:30'));
    const listing = { actor: lena.actor, doctor: clara.id, from: MONDAY, to: MONDAY };
    const listed = (await clinic.listFreeSlots.execute(listing)).results.map(({ time }) => time);
    for (let minute = 7 * 60; minute < 18 * 60; minute += 15) {
      const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
      const [first] = await refusals(lena, time);
      expect([time, first === undefined]).toEqual([time, listed.includes(time)]);
      if (first !== undefined) {
        expect(await refusalOf(clinic.book(lena, time, { doctor: clara.id }))).toBe(first);
      }
    }
  });
});
