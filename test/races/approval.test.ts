import { setTimeout as sleep } from 'node:timers/promises';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { TypeOrmUsers } from '../../src/identity/adapters/typeorm-users.js';
import { Users } from '../../src/identity/ports.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { onEachDatabase, type DatabaseKind } from '../support/databases.js';
import type { Member } from '../support/clinic.js';
import { Crowd } from '../support/crowd.js';
import { peopleReadBefore } from './early-people.js';
import { Hold } from './hold.js';
import { POLICY_LOCK_AND_KEY } from './protections.js';

const SUNDAY = Date.parse('2030-01-06T12:00:00Z');
const MONDAY = '2030-01-07';
const WEDNESDAY = '2030-01-09';
const ROUNDS = 8;

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

interface Pair {
  doctor: Member;
  patient: Member;
}

async function pairsIn(crowd: Crowd, count: number): Promise<Pair[]> {
  const doctors = await crowd.doctors(count, ['Europe/Berlin']);
  const patients = await crowd.patients(count);
  return doctors.map((doctor, i) => ({ doctor, patient: patients[i]! }));
}

function book({ doctor, patient }: Pair, date = MONDAY): Promise<Answer> {
  return patient.client.post('/api/appointments/', { doctor: doctor.id, date, time: '09:00' });
}

function shutOut(admin: Client, pair: Pair, { action, about }: Change): Promise<Answer> {
  return admin.post(`/api/admin/users/${pair[about].user}/${action}/`);
}

/** In every round a patient books nine o'clock while an admin shuts one of the two out; in every second one with some start. */
async function race(crowd: Crowd, change: Change): Promise<Outcome[]> {
  const pairs = await pairsIn(crowd, ROUNDS);
  const admin = await crowd.admin();
  return Promise.all(
    pairs.map(async (pair, i) => {
      const early = i % 2 ? book(pair) : undefined;
      if (early) await sleep(4 * i);
      const [changed, booking] = await Promise.all([shutOut(admin, pair, change), early ?? book(pair)]);
      expect(changed.status).toBe(200);
      return { booking, told: changed.body.conflicts as Outcome['told'] };
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
    const hold = new Hold();
    const crowd = crowdOn(database, peopleReadBefore(hold));

    test.each(CHANGES)('$action of a $about: a booking slips in, and nobody was told', async (change) => {
      const [pair] = (await pairsIn(crowd(), 1)) as [Pair];
      await pair.patient.client.get(`/api/doctors/${pair.doctor.id}/slots/`);
      const admin = await crowd().admin();
      const [booking, { body }] = await hold.during(
        () => book(pair),
        () => shutOut(admin, pair, change),
      );
      expect(slipped([{ booking, told: body.conflicts }])).toEqual([booking.body.id]);
    });
  });
});

interface Booked {
  patient: Member;
  move: () => Promise<Answer>;
}

async function bookedIn(crowd: Crowd, count: number): Promise<Booked[]> {
  const pairs = await pairsIn(crowd, count);
  return Promise.all(
    pairs.map(async (pair) => {
      const { status, body } = await book(pair, WEDNESDAY);
      expect(status).toBe(201);
      const url = `/api/appointments/${body.id as string}/reschedule/`;
      const move = () => pair.patient.client.post(url, { date: WEDNESDAY, time: '11:00' });
      return { patient: pair.patient, move };
    }),
  );
}

/** Moved although the admin who deactivated the patient was told of the old time. */
function movedUnseen(moved: Answer, deactivated: Answer): boolean {
  const [told] = deactivated.body.conflicts as { time: string }[];
  expect(told).toBeDefined();
  return moved.status === 200 && told!.time !== '11:00';
}

onEachDatabase('Deactivation of a patient who moves a visit', (database) => {
  const deactivate = (admin: Client, { patient }: Booked) =>
    admin.post(`/api/admin/users/${patient.user}/deactivate/`);

  describe('read inside the unit of work', () => {
    const crowd = crowdOn(database, POLICY_LOCK_AND_KEY.wire);

    test('the visit is moved before, and told so, or not at all', async () => {
      const booked = await bookedIn(crowd(), ROUNDS);
      const admin = await crowd().admin();
      const races = booked.map(async (visit, i) => {
        const early = i % 2 ? visit.move() : undefined;
        if (early) await sleep(4 * i);
        const [deactivated, moved] = await Promise.all([deactivate(admin, visit), early ?? visit.move()]);
        expect([200, 401, 404]).toContain(moved.status);
        return movedUnseen(moved, deactivated);
      });
      expect(await Promise.all(races)).toEqual(Array(ROUNDS).fill(false));
    });
  });

  describe('read before it (control)', () => {
    const hold = new Hold();
    const crowd = crowdOn(database, peopleReadBefore(hold));

    test('the visit is moved, and nobody was told', async () => {
      const [visit] = (await bookedIn(crowd(), 1)) as [Booked];
      const admin = await crowd().admin();
      const outcome = await hold.during(visit.move, () => deactivate(admin, visit));
      expect(movedUnseen(...outcome)).toBe(true);
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
