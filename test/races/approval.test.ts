import { setTimeout as sleep } from 'node:timers/promises';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { TypeOrmUsers } from '../../src/identity/adapters/typeorm-users.js';
import { Users } from '../../src/identity/ports.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { onEachDatabase, type DatabaseKind } from '../support/databases.js';
import { Crowd } from './crowd.js';
import { PEOPLE_READ_BEFORE } from './early-people.js';
import { POLICY_LOCK_AND_KEY } from './protections.js';

const SUNDAY = Date.parse('2030-01-06T12:00:00Z');
const MONDAY = '2030-01-07';
const WEDNESDAY = '2030-01-09';
const ROUNDS = 10;

/** What an admin does about a person while somebody books. */
const CHANGES = [
  { action: 'withdraw-approval', about: 'doctor', reason: 'doctor-not-approved' },
  { action: 'deactivate', about: 'doctor', reason: 'doctor-deactivated' },
  { action: 'deactivate', about: 'patient', reason: 'patient-deactivated' },
] as const;
type Change = (typeof CHANGES)[number];

type Wire = (builder: TestingModuleBuilder) => TestingModuleBuilder;

function crowdOn(database: DatabaseKind, wire: Wire): () => Crowd {
  let running: TestApp;
  beforeAll(async () => {
    running = await startApp({ database, clock: new FixedClock(SUNDAY), wire });
  });
  afterAll(() => running.close());
  return () => new Crowd([running.app]);
}

interface Outcome {
  booking: Answer;
  /** Conflicts that the admin was told of. */
  told: readonly { appointment: string; reasons: readonly string[] }[];
}

/** In every round a patient books nine o'clock while an admin shuts one of the two out; in every second one with some start. */
async function race(crowd: Crowd, { action, about }: Change): Promise<Outcome[]> {
  const doctors = await crowd.doctors(ROUNDS, ['Europe/Berlin']);
  const patients = await crowd.patients(ROUNDS);
  const admin = await crowd.admin();
  return Promise.all(
    doctors.map(async (doctor, i) => {
      const patient = patients[i]!;
      await patient.client.get(`/api/doctors/${doctor.id}/slots/`);
      const book = () => {
        const visit = { doctor: doctor.id, date: MONDAY, time: '09:00' };
        return patient.client.post('/api/appointments/', visit);
      };
      const early = i % 2 ? book() : undefined;
      if (early) await sleep(4 * i);
      const { userId } = about === 'doctor' ? doctor : patient;
      const url = `/api/admin/users/${userId}/${action}/`;
      const [change, booking] = await Promise.all([admin.post(url), early ?? book()]);
      expect(change.status).toBe(200);
      return { booking, told: change.body.conflicts as Outcome['told'] };
    }),
  );
}

/** Booked with somebody who was shut out, and the admin was not told. */
function slipped(outcomes: readonly Outcome[]): string[] {
  return outcomes
    .filter(({ booking }) => booking.status === 201)
    .filter(({ booking, told }) => !told.some(({ appointment }) => appointment === booking.body.id))
    .map(({ booking }) => booking.body.id as string);
}

onEachDatabase('Withdrawn approval, or deactivation, and a booking', (database) => {
  describe('read inside the unit of work', () => {
    const crowd = crowdOn(database, POLICY_LOCK_AND_KEY.wire);

    test.each(CHANGES)(
      '$action of a $about: the booking is refused, or told to the admin',
      async (change) => {
        const outcomes = await race(crowd(), change);
        expect(slipped(outcomes)).toEqual([]);
        for (const { booking, told } of outcomes) {
          if (booking.status === 201)
            expect(told).toMatchObject([{ appointment: booking.body.id, reasons: [change.reason] }]);
          else expect([told, [401, 404]]).toEqual([[], expect.arrayContaining([booking.status])]);
        }
      },
    );
  });

  describe('read before it (control)', () => {
    const crowd = crowdOn(database, PEOPLE_READ_BEFORE);

    test.each(CHANGES)('$action of a $about: a booking slips in, and nobody was told', async (change) => {
      const found: string[] = [];
      for (let round = 0; round < 10 && found.length === 0; round++)
        found.push(...slipped(await race(crowd(), change)));
      expect(found).not.toEqual([]);
    });
  });
});

/**
 * In every round an admin deactivates a patient who has booked, while the patient moves the visit; answers the moves that were
 * made although the admin was told of the old time.
 */
async function movedUnseen(crowd: Crowd): Promise<unknown[]> {
  const doctors = await crowd.doctors(ROUNDS, ['Europe/Berlin']);
  const patients = await crowd.patients(ROUNDS);
  const admin = await crowd.admin();
  const rounds = doctors.map(async (doctor, i) => {
    const { client, userId } = patients[i]!;
    const visit = { doctor: doctor.id, date: WEDNESDAY, time: '09:00' };
    const booked = await client.post('/api/appointments/', visit);
    expect(booked.status).toBe(201);
    return { client, userId, url: `/api/appointments/${booked.body.id as string}/reschedule/` };
  });
  const outcomes = (await Promise.all(rounds)).map(async ({ client, userId, url }, i) => {
    const move = () => client.post(url, { date: WEDNESDAY, time: '11:00' });
    const early = i % 2 ? move() : undefined;
    if (early) await sleep(4 * i);
    const [change, moved] = await Promise.all([
      admin.post(`/api/admin/users/${userId}/deactivate/`),
      early ?? move(),
    ]);
    expect([200, 401, 404]).toContain(moved.status);
    const [told] = change.body.conflicts as { time: string }[];
    expect(told).toBeDefined();
    return moved.status === 200 && told!.time !== '11:00' ? [moved.body] : [];
  });
  return (await Promise.all(outcomes)).flat();
}

onEachDatabase('Deactivation of a patient who moves a visit', (database) => {
  describe('read inside the unit of work', () => {
    const crowd = crowdOn(database, POLICY_LOCK_AND_KEY.wire);

    test('the visit is moved before, and told so, or not at all', async () => {
      expect(await movedUnseen(crowd())).toEqual([]);
    });
  });

  describe('read before it (control)', () => {
    const crowd = crowdOn(database, PEOPLE_READ_BEFORE);

    test('a visit is moved, and nobody was told', async () => {
      const found: unknown[] = [];
      for (let round = 0; round < 10 && found.length === 0; round++)
        found.push(...(await movedUnseen(crowd())));
      expect(found).not.toEqual([]);
    });
  });
});

interface Admin {
  client: Client;
  userId: string;
}

/** In every round the two admins that there are deactivate each other; answers how many were left after each. */
async function duels(crowd: Crowd, rounds: number): Promise<number[]> {
  const left: number[] = [];
  let survivors: Admin[] = [];
  for (let round = 0; round < rounds; round++) {
    const admins = [...survivors];
    while (admins.length < 2) {
      const client = await crowd.admin();
      admins.push({ client, userId: (await client.get('/api/auth/me/')).body.id as string });
    }
    const [one, other] = admins as [Admin, Admin];
    const shutOut = ({ client }: Admin, { userId }: Admin) =>
      client.post(`/api/admin/users/${userId}/deactivate/`);
    await Promise.all([shutOut(one, other), shutOut(other, one)]);
    const seen = await Promise.all(
      admins.map(async (admin) => ({ admin, ...(await admin.client.get('/api/auth/me/')) })),
    );
    survivors = seen.filter(({ status }) => status === 200).map(({ admin }) => admin);
    left.push(survivors.length);
    if (survivors.length === 0) break;
  }
  return left;
}

/** Counts once, and goes by that. */
class EarlyUsers extends TypeOrmUsers {
  #counted: Promise<readonly string[]> | undefined;

  override async lockActiveAdmins(): Promise<readonly string[]> {
    this.#counted ??= super.lockActiveAdmins();
    await sleep(50);
    return this.#counted;
  }
}

onEachDatabase('Two admins who deactivate each other', (database) => {
  describe('counted under a lock, in the unit of work', () => {
    const crowd = crowdOn(database, (builder) => builder);

    test('one of them stays', async () => {
      expect(await duels(crowd(), 15)).toEqual(Array(15).fill(1));
    });
  });

  describe('counted before (control)', () => {
    const crowd = crowdOn(database, (builder) =>
      builder.overrideProvider(Users).useFactory({
        inject: [TypeOrmTransactions],
        factory: (transactions: TypeOrmTransactions) => new EarlyUsers(transactions),
      }),
    );

    test('nobody is left', async () => {
      expect((await duels(crowd(), 15)).at(-1)).toBe(0);
    });
  });
});
