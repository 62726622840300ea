import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { SLOT_POLICY } from '../support/clinic.js';
import { onEachDatabase, onEachServer, type DatabaseKind } from '../support/databases.js';
import type { Member } from '../support/clinic.js';
import { Crowd } from '../support/crowd.js';
import { Hold } from './hold.js';
import { POLICY_LOCK_AND_KEY, rulesReadBefore, rulesWithoutLock, type Protection } from './protections.js';

const SUNDAY = Date.parse('2030-01-06T12:00:00Z');
const MONDAY = '2030-01-07';
const ROUNDS = 8;

/** A crowd at an application of its own; the tests beside it share it. */
function crowdOn(database: DatabaseKind, { wire }: Protection): () => Crowd {
  let running: TestApp;
  beforeAll(async () => {
    running = await startApp({ database, clock: new FixedClock(SUNDAY), wire });
  });
  afterAll(() => running.close());
  return () => new Crowd([running.app]);
}

const CLOSED_ON_MONDAYS = {
  ...SLOT_POLICY,
  weekly_hours: SLOT_POLICY.weekly_hours.filter(({ weekday }) => weekday !== 'monday'),
};

interface Change {
  name: string;
  make: (doctor: Member) => Promise<Answer>;
  /** What a patient is refused with who comes after it; nobody is where the doctor only moves to another zone. */
  refusal?: string;
}

/** Changes of a doctor's rules, each of which leaves nine o'clock of Monday in Berlin outside. */
const CHANGES: readonly Change[] = [
  {
    name: 'an absence',
    make: ({ client, id }) =>
      client.post(`/api/doctors/${id}/absences/`, { date_from: MONDAY, date_to: MONDAY }),
    refusal: 'doctor-absent',
  },
  {
    name: 'a slot policy',
    make: ({ client, id }) => put(client, `/api/doctors/${id}/slot-policy/`, CLOSED_ON_MONDAYS),
    refusal: 'outside-hours',
  },
  {
    name: 'an override',
    make: ({ client, id }) => put(client, `/api/doctors/${id}/overrides/${MONDAY}/`, { hours: [] }),
    refusal: 'outside-hours',
  },
  {
    name: 'another zone',
    make: ({ client }) => client.patch('/api/doctor-profile/', { time_zone: 'America/New_York' }),
  },
];

const put = (client: Client, url: string, payload: object) => client.send({ method: 'PUT', url, payload });

interface Outcome {
  booking: Answer;
  /** What the change was answered. */
  told: readonly string[];
  /** The doctor's conflicts when both are over. */
  left: readonly string[];
}

const idsOf = (conflicts: { appointment: string }[]) => conflicts.map(({ appointment }) => appointment);

/** In every round a patient books nine o'clock while the doctor's rules change; in every second one with some start. */
async function race(crowd: Crowd, { make }: Change): Promise<Outcome[]> {
  const doctors = await crowd.doctors(ROUNDS, ['Europe/Berlin']);
  const patients = await crowd.patients(ROUNDS);
  return Promise.all(
    doctors.map(async (doctor, i) => {
      const book = () => {
        const visit = { doctor: doctor.id, date: MONDAY, time: '09:00' };
        return patients[i]!.client.post('/api/appointments/', visit);
      };
      const early = i % 2 ? book() : undefined;
      if (early) await sleep(8 * i);
      const [change, booking] = await Promise.all([make(doctor), early ?? book()]);
      expect([200, 201]).toContain(change.status);
      const kept = await doctor.client.get(`/api/doctors/${doctor.id}/conflicts/`);
      return { booking, told: idsOf(change.body.conflicts), left: idsOf(kept.body.results) };
    }),
  );
}

/** Booked, outside the rules, and nobody was told. */
function untold(outcomes: readonly Outcome[]): string[] {
  return outcomes.flatMap(({ told, left }) => left.filter((id) => !told.includes(id)));
}

/** A patient books nine o'clock, and the rules change once the patient's request has read them. */
async function assertUntold(crowd: Crowd, hold: Hold, { make }: Change): Promise<void> {
  const [doctor] = await crowd.doctors(1, ['Europe/Berlin']);
  const [patient] = await crowd.patients(1);
  const visit = { doctor: doctor!.id, date: MONDAY, time: '09:00' };
  const [booking, change] = await hold.during(
    () => patient!.client.post('/api/appointments/', visit),
    () => make(doctor!),
  );
  const kept = await doctor!.client.get(`/api/doctors/${doctor!.id}/conflicts/`);
  const told = idsOf(change.body.conflicts);
  expect(untold([{ booking, told, left: idsOf(kept.body.results) }])).toEqual([booking.body.id]);
}

onEachDatabase('A change of rules and a booking', (database) => {
  describe('with the lock', () => {
    const crowd = crowdOn(database, POLICY_LOCK_AND_KEY);

    test.each(CHANGES)('$name: the booking is refused, or told to who changed the rules', async (change) => {
      const outcomes = await race(crowd(), change);
      expect(untold(outcomes)).toEqual([]);
      for (const { booking, told, left } of outcomes) {
        expect(left).toEqual(told);
        if (booking.status !== 201) expect([booking.body.code, told]).toEqual([change.refusal, []]);
        else if (change.refusal !== undefined) expect(told).toEqual([booking.body.id]);
      }
    });
  });

  describe('with the rules read before the unit of work begins, and no lock (control)', () => {
    const hold = new Hold();
    const crowd = crowdOn(database, rulesReadBefore(hold));

    test.each(CHANGES)('$name: a booking is outside the rules, and nobody was told', (change) =>
      assertUntold(crowd(), hold, change),
    );
  });
});

// On a file one unit of work follows another, lock or not.
onEachServer('A change of rules and a booking without the lock (control)', (database) => {
  const hold = new Hold();
  const crowd = crowdOn(database, rulesWithoutLock(hold));

  test.each(CHANGES)('$name: a booking is outside the rules, and nobody was told', (change) =>
    assertUntold(crowd(), hold, change),
  );
});
