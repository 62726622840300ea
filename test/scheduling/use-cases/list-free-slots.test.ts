import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR } from '#libs/kernel/clock.js';
import { formatTime } from '../../../src/scheduling/domain/calendar.js';
import type { ListFreeSlotsInput } from '../../../src/scheduling/use-cases/list-free-slots.js';
import { at, MONDAY, NOON_BEFORE, SUNDAY, TUESDAY } from '../domain/builders.js';
import { ADMIN, MemoryClinic, refusalOf, type Member } from './memory-clinic.js';

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

const list = ({ actor }: Pick<Member, 'actor'>, asked: Partial<ListFreeSlotsInput> = {}) =>
  clinic.listFreeSlots.execute({ actor, doctor: clara.id, from: MONDAY, to: MONDAY, ...asked });
const times = async (who: Pick<Member, 'actor'>, asked: object = {}) =>
  (await list(who, asked)).results.map(({ time }) => time);

describe('the free slots of a doctor', () => {
  test('are those of the policy, without what is occupied', async () => {
    await clinic.book(noah, '09:30', { doctor: clara.id });
    const found = await list(lena);
    expect(found).toMatchObject({ timeZone: 'Europe/Berlin', visitType: 'consultation' });
    expect(found.results).toHaveLength(15);
    expect(found.results.slice(0, 2).map(({ time }) => time)).toEqual(['09:00', '10:00']);
    expect(found.results[0]).toEqual({
      startsAt: at('09:00'),
      endsAt: at('09:30'),
      date: MONDAY,
      time: '09:00',
      timeZone: 'Europe/Berlin',
      visitType: 'consultation',
    });
  });

  test('leave out, for a patient, their own appointments with other doctors', async () => {
    const james = await clinic.doctor();
    await clinic.book(lena, '09:00', { doctor: james.id });
    expect(await times(lena)).not.toContain('09:00');
    expect(await times(noah)).toContain('09:00');
    expect(await times(ADMIN)).toContain('09:00');
    expect(await times(james)).toContain('09:00');
  });

  test('are none for a patient at the limit, and all the others for everybody else', async () => {
    for (const time of ['09:00', '09:30', '10:00', '10:30', '11:00'])
      await clinic.book(lena, time, { doctor: clara.id });
    expect(await times(lena)).toEqual([]);
    expect(await times(noah)).toHaveLength(11);
  });

  test('are of a visit type that the asking patient may book; every other caller sees all', async () => {
    const visitTypes = [
      { name: 'first', minutes: 60, bookableBy: 'everyone' as const },
      { name: 'control', minutes: 240, bookableBy: 'seen' as const },
    ];
    clinic.policies.rules = { ...clinic.policies.rules, visitTypes };
    expect((await list(lena)).visitType).toBe('first');
    expect(await refusalOf(list(lena, { visitType: 'control' }))).toBe('unknown-visit-type');
    expect(await refusalOf(list(lena, { visitType: 'surgery' }))).toBe('unknown-visit-type');
    expect(await times(ADMIN, { visitType: 'control' })).toEqual(['09:00', '13:00']);
    expect(await times(clara, { visitType: 'control' })).toEqual(['09:00', '13:00']);
  });

  test('are those of two weeks from today, unless told', async () => {
    const { results } = await list(lena, { from: undefined, to: undefined });
    const dates = [...new Set(results.map(({ date }) => date))];
    expect([dates.length, dates[0], dates.at(-1)]).toEqual([10, MONDAY, '2025-06-13']);
  });

  test('are asked for of at most 62 days, forwards', async () => {
    expect(await refusalOf(list(lena, { from: TUESDAY, to: MONDAY }))).toBe('invalid-request');
    expect(await refusalOf(list(lena, { from: '2025-06-01', to: '2025-08-02' }))).toBe('invalid-request');
    expect((await list(lena, { from: '2025-06-01', to: '2025-08-01' })).results.length).toBeGreaterThan(0);
  });

  test('are none in the past and within the notice', async () => {
    clinic.clock.set(at('15:10'));
    expect(await times(lena, { from: SUNDAY })).toEqual(['16:30']);
  });

  test('of nobody are NotFound, and of a doctor who is not active too', async () => {
    const gone = await clinic.doctor({}, { active: false });
    for (const doctor of ['nobody', gone.id, lena.id]) {
      expect(await refusalOf(clinic.listFreeSlots.execute({ actor: lena.actor, doctor }))).toBe('not-found');
    }
  });

  test('are shown to a patient without a profile as to anybody', async () => {
    const actor = await clinic.newcomer('patient');
    expect(await times({ actor })).toHaveLength(16);
  });
});

/** Undoes a unit of work that went well. */
class Undone extends Error {}

async function canBook(patient: Member, time: string): Promise<boolean> {
  return clinic.transactions
    .run(async () => {
      await clinic.book(patient, time, { doctor: clara.id });
      throw new Undone();
    })
    .catch((error: unknown) => error instanceof Undone);
}

const QUARTERS = Array.from({ length: 48 }, (_, i) => formatTime(7 * 60 + i * 15));

const rules = fc.record({
  gridMinutes: fc.constantFrom(null, 15, 45),
  noticeMinutes: fc.constantFrom(0, 60, 24 * 60),
  bufferMinutes: fc.record({ before: fc.constantFrom(0, 10), after: fc.constantFrom(0, 15) }),
  dailyMaximum: fc.constantFrom(null, 4),
  patientLimit: fc.constantFrom(1, 5),
  horizonDays: fc.constantFrom(1, 2),
});

const visits = fc.array(
  fc.record({
    who: fc.constantFrom('lena', 'noah'),
    where: fc.constantFrom('clara', 'james'),
    time: fc.constantFrom(...QUARTERS),
    minutes: fc.constantFrom(15, 30, 60, 120),
    cancelled: fc.boolean(),
  }),
  { maxLength: 8 },
);

test('a time is listed for a patient if and only if that patient can book it', async () => {
  await fc.assert(
    fc.asyncProperty(rules, visits, fc.integer({ min: 0, max: 24 }), async (change, booked, hours) => {
      clinic = new MemoryClinic();
      [clara, lena] = [await clinic.doctor(), await clinic.patient()];
      const people = { clara, lena, james: await clinic.doctor(), noah: await clinic.patient() };
      for (const { who, where, time, minutes, cancelled } of booked) {
        const between = { doctor: people[where].id, patient: people[who].id };
        const asked = { ...between, durationMinutes: minutes, exemptionReason: 'a law' };
        const view = await clinic.book(ADMIN, time, asked).catch(() => undefined);
        if (view !== undefined && cancelled) await clinic.cancel(ADMIN, view.appointment.id);
      }
      clinic.policies.rules = { ...clinic.policies.rules, ...change };
      clinic.clock.set(NOON_BEFORE + hours * HOUR);

      const listed = new Set(await times(lena));
      const bookable = new Set<string>();
      for (const time of QUARTERS) if (await canBook(lena, time)) bookable.add(time);
      expect(bookable).toEqual(listed);
    }),
    { numRuns: 25 },
  );
});
