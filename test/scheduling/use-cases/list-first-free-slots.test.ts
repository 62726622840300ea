import { beforeEach, describe, expect, test } from 'vitest';
import type { ListFirstFreeSlotsInput } from '../../../src/scheduling/use-cases/list-first-free-slots.js';
import { at, everyDay, MONDAY, SUNDAY, TUESDAY, visitType } from '../domain/builders.js';
import { ADMIN, MemoryClinic, refusalOf, type Member } from './memory-clinic.js';

let clinic: MemoryClinic;
let clara: Member;
let james: Member;
let lena: Member;
let noah: Member;

beforeEach(async () => {
  clinic = new MemoryClinic();
  clara = await clinic.doctor();
  james = await clinic.doctor({}, { firstName: 'James', lastName: 'Okoye' });
  lena = await clinic.patient();
  noah = await clinic.patient();
});

const first = ({ actor }: Pick<Member, 'actor'>, asked: Partial<ListFirstFreeSlotsInput> = {}) =>
  clinic.listFirstFreeSlots.execute({ actor, specialty: 'Cardiology', limit: 4, ...asked });
const shown = async (who: Pick<Member, 'actor'>, asked?: Partial<ListFirstFreeSlotsInput>) =>
  (await first(who, asked)).map(({ doctor, date, time }) => [nameOf(doctor), date, time].join(' '));
const nameOf = (doctor: string) => ({ [clara.id]: 'Clara', [james.id]: 'James' })[doctor] ?? 'another';

describe('the first free slots of a specialty', () => {
  test('come by start, then doctor, each with the doctor’s name', async () => {
    const found = await first(lena);
    expect(found.map(({ startsAt, doctor }) => [startsAt, doctor])).toEqual(
      [at('09:00'), at('09:30')].flatMap((start) =>
        [clara.id, james.id].toSorted().map((doctor) => [start, doctor]),
      ),
    );
    expect(found.find(({ doctor }) => doctor === james.id)).toEqual({
      doctor: james.id,
      doctorName: 'James Okoye',
      startsAt: at('09:00'),
      endsAt: at('09:30'),
      date: MONDAY,
      time: '09:00',
      timeZone: 'Europe/Berlin',
      visitType: 'consultation',
    });
  });

  test('are compared as instants, each shown in its doctor’s zone', async () => {
    await clinic.transactions.run(() => clinic.doctors.change(james.id, { timeZone: 'Asia/Kolkata' }));
    // Nine in Kolkata is 05:30 in Berlin, and five is 13:30.
    expect(await shown(lena)).toEqual(
      ['09:00', '09:30', '10:00', '10:30'].map((time) => `James ${MONDAY} ${time}`),
    );
    const all = await first(lena, { limit: 1000, to: MONDAY });
    const starts = all.map(({ startsAt }) => startsAt);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(new Set(all.map(({ doctor }) => doctor)).size).toBe(2);
  });

  test.each([1, 3])('are no more than asked for: %i', async (limit) => {
    expect(await first(lena, { limit })).toHaveLength(limit);
  });

  test('are all there are where fewer are free', async () => {
    const asked = { from: MONDAY, to: MONDAY, limit: 100 };
    expect(await first(lena, asked)).toHaveLength(32);
    expect(await first(lena, { ...asked, from: SUNDAY, to: SUNDAY })).toEqual([]);
  });

  test('are those of that specialty, upper and lower case alike, and of nobody who cannot be booked', async () => {
    await clinic.transactions.run(() => clinic.doctors.change(james.id, { specialty: 'Dermatology' }));
    await clinic.doctor({}, { active: false });
    expect(await shown(lena, { specialty: 'CARDIOLOGY', limit: 1 })).toEqual([`Clara ${MONDAY} 09:00`]);
    expect(await shown(lena, { specialty: 'dermatology', limit: 1 })).toEqual([`James ${MONDAY} 09:00`]);
    expect(await first(lena, { specialty: 'Surgery' })).toEqual([]);
  });

  test('leave out what is taken, and what an absence or an override closes, of the doctor whose it is', async () => {
    await clinic.book(noah, '09:00', { doctor: clara.id });
    const closed = { date: MONDAY, hours: [] };
    await clinic.setOverride.execute({ actor: james.actor, doctor: james.id, override: closed });
    expect(await shown(lena)).toEqual(
      ['09:30', '10:00', '10:30', '11:00'].map((time) => `Clara ${MONDAY} ${time}`),
    );
    const absence = { fromDate: MONDAY, toDate: TUESDAY };
    await clinic.addAbsence.execute({ actor: clara.actor, doctor: clara.id, absence, reason: null });
    expect(await shown(lena, { limit: 1 })).toEqual([`James ${TUESDAY} 09:00`]);
  });

  test('leave out, for a patient, their own appointments and the doctors at whom they have their limit', async () => {
    clinic.policies.rules = { ...clinic.policies.rules, patientLimit: 1 };
    await clinic.book(lena, '09:00', { doctor: james.id });
    expect(await shown(lena, { limit: 2 })).toEqual(
      ['09:30', '10:00'].map((time) => `Clara ${MONDAY} ${time}`),
    );
    expect(await shown(noah, { limit: 1 })).toEqual([`Clara ${MONDAY} 09:00`]);
    expect(await shown(ADMIN, { limit: 1 })).toEqual([`Clara ${MONDAY} 09:00`]);
  });

  test('are of the first visit type that the asker may book with each doctor', async () => {
    const visitTypes = [
      visitType({ name: 'control', minutes: 15, bookableBy: 'seen' }),
      visitType({ name: 'first visit', minutes: 45 }),
    ];
    clinic.policies.rules = { ...clinic.policies.rules, visitTypes };
    const names = async (who: Pick<Member, 'actor'>) => [
      ...new Set((await first(who, { limit: 100 })).map(({ visitType: name }) => name)),
    ];
    expect(await names(lena)).toEqual(['first visit']);
    expect(await names(ADMIN)).toEqual(['control']);
  });

  test('leave out doctors who offer the patient no visit', async () => {
    const { hours: whole, ...rules } = {
      ...clinic.policies.rules,
      hours: everyDay('06:00–07:00'),
      visitTypes: [visitType({ bookableBy: 'doctor' })],
    };
    await clinic.setSlotPolicy.execute({ actor: clara.actor, doctor: clara.id, rules, weekly: whole.weekly });
    expect(await shown(lena, { limit: 1 })).toEqual([`James ${MONDAY} 09:00`]);
  });

  test('are those of two weeks from today on each doctor’s clocks, unless told', async () => {
    await clinic.transactions.run(() => clinic.doctors.change(james.id, { timeZone: 'Pacific/Kiritimati' }));
    clinic.policies.rules = { ...clinic.policies.rules, hours: everyDay('09:00–10:00') };
    // In Berlin it is Sunday noon, and on Kiritimati Monday begins.
    const all = await first(lena, { limit: 100 });
    const datesOf = (doctor: string) => all.filter((one) => one.doctor === doctor).map(({ date }) => date);
    expect([datesOf(clara.id)[0], datesOf(clara.id).at(-1)]).toEqual([MONDAY, '2025-06-14']);
    expect([datesOf(james.id)[0], datesOf(james.id).at(-1)]).toEqual([MONDAY, '2025-06-15']);
  });

  test('are asked for of at most 62 days, forwards', async () => {
    expect(await refusalOf(first(lena, { from: TUESDAY, to: MONDAY }))).toBe('invalid-request');
    expect(await refusalOf(first(lena, { from: SUNDAY, to: '2025-08-02' }))).toBe('invalid-request');
    expect(await first(lena, { from: SUNDAY, to: '2025-08-01' })).toHaveLength(4);
  });

  test('can each be booked by the patient who asked', async () => {
    await clinic.book(noah, '09:00', { doctor: clara.id });
    const [earliest] = await first(lena, { limit: 1 });
    const { doctor, date, time } = earliest!;
    await clinic.book(lena, time, { doctor, date });
  });
});
