import { describe, expect, test } from 'vitest';
import type { Ran } from '../../prove/races/race.js';
import { ruleFaultsOf, type Placement } from '../../prove/races/rules-verdict.js';
import type { ProofDatabase } from '../../prove/support/databases.js';

const DOCTOR = 'a doctor';
const [NINE, TEN] = [1_000_000, 2_000_000];

/** An absence from nine to ten that was sent at 100 and acknowledged at 110, with these conflicts. */
function absence(...conflicts: string[]): Ran {
  return absenceAt(100, 'one', conflicts);
}

function absenceAt(sentAt: number, id: string, conflicts: string[]): Ran {
  return {
    method: 'POST',
    sentAt,
    answeredAt: sentAt + 10,
    rule: {
      kind: 'absence',
      doctor: DOCTOR,
      leaves: `${NINE} ${TEN}`,
      closes: {
        to: 'everyone',
        covers: (time: { startsAt: number; endsAt: number }) => time.startsAt < TEN && NINE < time.endsAt,
      },
    },
    answer: {
      status: 201,
      body: { id, conflicts: conflicts.map((appointment) => ({ appointment })) },
    },
  } as unknown as Ran;
}

/** A visit in that hour, there from one moment to another. */
const visit = (from: number, to = Infinity): Placement => ({
  appointment: 'a visit',
  doctor: DOCTOR,
  startsAt: NINE,
  endsAt: TEN,
  by: 'patient',
  from,
  to,
});

const holding = (...absences: { id: string; starts_at: number; ends_at: number }[]) =>
  ({
    query: async (sql: string) => (sql.includes('FROM absences') ? absences : []),
  }) as unknown as ProofDatabase;
const KEPT = holding({ id: 'one', starts_at: NINE, ends_at: TEN });

test('an absence that is kept, with all told who were there, is no fault', async () => {
  expect(await ruleFaultsOf([absence('a visit')], [visit(50)], KEPT)).toEqual([]);
  expect(await ruleFaultsOf([absence()], [visit(50, 90)], KEPT)).toEqual([]);
});

test('who is told already by an absence that may still hold is not told again by the next', async () => {
  const both = holding(
    { id: 'one', starts_at: NINE, ends_at: TEN },
    { id: 'two', starts_at: NINE, ends_at: TEN },
  );
  const second = absenceAt(200, 'two', []);
  expect(await ruleFaultsOf([absence('a visit'), second], [visit(50)], both)).toEqual([]);
  const removed = {
    ...absenceAt(150, 'one', []),
    rule: { kind: 'absence', doctor: DOCTOR, thing: 'absence one' },
  } as unknown as Ran;
  const left = holding({ id: 'two', starts_at: NINE, ends_at: TEN });
  expect(await ruleFaultsOf([absence('a visit'), removed, second], [visit(50)], left)).toEqual([
    expect.stringMatching(/nobody was told: 1/),
  ]);
});

describe('a date that is closed wholly', () => {
  /** Sent at 100 and acknowledged at 110 unless told. */
  const closed = (sentAt: number, ...conflicts: string[]): Ran =>
    ({
      method: 'PUT',
      sentAt,
      answeredAt: sentAt + 10,
      rule: {
        kind: 'override',
        doctor: DOCTOR,
        thing: `override ${DOCTOR} 1970-01-01`,
        leaves: '[]',
        closes: { to: 'patients', tellsOf: 'everyone', covers: () => true },
      },
      answer: {
        status: 200,
        body: { conflicts: conflicts.map((appointment) => ({ appointment })) },
      },
    }) as unknown as Ran;
  const kept = {
    query: async (sql: string) =>
      sql.includes('FROM slot_overrides')
        ? [{ doctor_id: DOCTOR, local_date: '1970-01-01', hours: '[]' }]
        : [],
  } as unknown as ProofDatabase;
  const byAdmin = (from: number): Placement => ({ ...visit(from), by: 'admin' });

  test('tells of whoever was there, whoever put them there', async () => {
    expect(await ruleFaultsOf([closed(100, 'a visit')], [byAdmin(50)], kept)).toEqual([]);
    expect(await ruleFaultsOf([closed(100)], [byAdmin(50)], kept)).toEqual([
      expect.stringMatching(/nobody was told: 1/),
    ]);
  });

  test('is given away by the practice meanwhile and afterwards, of which no later closing tells', async () => {
    for (const from of [105, 150])
      expect(await ruleFaultsOf([closed(100), closed(200), closed(300)], [byAdmin(from)], kept)).toEqual([]);
    expect(await ruleFaultsOf([closed(100)], [visit(150)], kept)).toEqual([
      expect.stringMatching(/given away although closed: 1/),
    ]);
  });

  test('is told of again when it was open in between', async () => {
    const opened = { ...closed(150), rule: { ...closed(150).rule, leaves: undefined, closes: undefined } };
    const all = [closed(100), opened as Ran, closed(200)];
    expect(await ruleFaultsOf(all, [byAdmin(120)], kept)).toEqual([
      expect.stringMatching(/nobody was told: 1/),
    ]);
  });
});

test.each([
  ['whoever was there is not told', [absence()], [visit(50)], KEPT, /nobody was told: 1/],
  ['somebody is put there afterwards', [absence()], [visit(150)], KEPT, /given away although closed: 1/],
  ['it is not kept', [absence()], [], holding(), /not as its last change left it/],
  [
    'one is kept that nobody was told of',
    [absence()],
    [],
    holding({ id: 'one', starts_at: NINE, ends_at: TEN }, { id: 'two', starts_at: NINE, ends_at: TEN }),
    /never acknowledged: 1/,
  ],
])('it is a fault where %s', async (_, ran, placements, database, fault) => {
  expect(await ruleFaultsOf(ran, placements, database)).toEqual([expect.stringMatching(fault)]);
});

test('a refusal for an absence that there is not is a fault', async () => {
  const refused = {
    sentAt: 200,
    answeredAt: 210,
    wish: { doctor: DOCTOR, patient: 'somebody', startsAt: TEN, endsAt: TEN + 1 },
    answer: { status: 409, body: { code: 'doctor-absent' } },
  } as unknown as Ran;
  expect(await ruleFaultsOf([absence(), refused], [], KEPT)).toEqual([
    expect.stringMatching(/refused for a rule that did not hold: 1/),
  ]);
});
