import { setTimeout as sleep } from 'node:timers/promises';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { TypeOrmUsers } from '../../src/identity/adapters/typeorm-users.js';
import type { User } from '../../src/identity/domain/user.js';
import { PasswordHasher, Users } from '../../src/identity/index.js';
import { idempotencyKeySchema } from '../../src/scheduling/adapters/typeorm-idempotency-keys.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import { Clinic, PASSWORD } from '../support/clinic.js';
import { onEachDatabase, onEachServer, type DatabaseKind } from '../support/databases.js';
import { PlainPasswordHasher } from '../support/memory/plain-password-hasher.js';
import { peopleReadBefore } from './early-people.js';
import { withHeldAgendas } from './held-agendas.js';
import { Hold } from './hold.js';

const SUNDAY = Date.parse('2030-01-06T12:00:00Z');
const MONDAY = '2030-01-07';
const ROUNDS = 8;
const TRIES = 8;

type Wire = (builder: TestingModuleBuilder) => TestingModuleBuilder;
const asItIs: Wire = (builder) => builder;

/** Long enough for something to happen meanwhile. */
class UnhurriedPasswordHasher extends PlainPasswordHasher {
  constructor(private readonly hold: Hold) {
    super();
  }

  override async verify(hash: string | undefined, password: string): Promise<boolean> {
    await sleep(15);
    const matches = await super.verify(hash, password);
    await this.hold.here();
    return matches;
  }
}

/** The hold is where a password was compared. */
function clinicOn(database: DatabaseKind, wire: Wire, hold = new Hold()): () => Clinic {
  let running: TestApp;
  let clinic: Clinic;
  beforeAll(async () => {
    const hasher = new UnhurriedPasswordHasher(hold);
    const unhurried: Wire = (builder) => wire(builder.overrideProvider(PasswordHasher).useValue(hasher));
    running = await startApp({ database, clock: new FixedClock(SUNDAY), wire: unhurried });
    clinic = new Clinic(running.app);
  });
  afterAll(() => running.close());
  return () => clinic;
}

/** A doctor closes the account while a patient books; answers the first visit that is booked with nobody. */
async function bookedWithNobody(clinic: Clinic): Promise<unknown[]> {
  for (let round = 0; round < ROUNDS; round++) {
    const doctor = await clinic.doctor({ time_zone: 'Europe/Berlin' });
    const patient = await clinic.patient();
    await patient.client.get(`/api/doctors/${doctor.id}/slots/`);
    const visit = { doctor: doctor.id, date: MONDAY, time: '12:00' };
    const closing = doctor.client.post('/api/auth/me/close/', { password: PASSWORD });
    // At once with it, and, for somebody who goes by what was read before, just after it.
    await (round % 2 ? closing : sleep(4 * round));
    const [booked, closed] = await Promise.all([patient.client.post('/api/appointments/', visit), closing]);
    expect([201, 404]).toContain(booked.status);
    expect([204, 409]).toContain(closed.status);
    if (booked.status === 201 && closed.status === 204) return [booked.body];
  }
  return [];
}

onEachDatabase('A doctor who closes the account while somebody books', (database) => {
  describe('read inside the unit of work', () => {
    const clinic = clinicOn(database, asItIs);
    test('one of the two is refused', async () => {
      expect(await bookedWithNobody(clinic())).toEqual([]);
    });
  });

  describe('read before it (control)', () => {
    const clinic = clinicOn(database, peopleReadBefore(new Hold()));
    test('a visit is booked with nobody', async () => {
      expect(await bookedWithNobody(clinic())).toHaveLength(1);
    });
  });
});

/** Somebody closes the account while others log in and refresh; answers how many are let in afterwards. */
async function stillIn(clinic: Clinic): Promise<number> {
  const { email, client } = await clinic.patient();
  const credentials = { email, password: PASSWORD };
  const { body: login } = await clinic.anyone.post('/api/auth/login/', credentials);
  const entering = Array.from({ length: TRIES }, async (_, i) => {
    await sleep(3 * i);
    return i % 2
      ? clinic.anyone.post('/api/auth/login/', credentials)
      : clinic.anyone.post('/api/auth/login/refresh/', { refresh: login.refresh as string });
  });
  expect((await client.post('/api/auth/me/close/', { password: PASSWORD })).status).toBe(204);
  const entered = (await Promise.all(entering)).filter(({ status }) => status === 200);
  const seen = entered.map(({ body }) => clinic.anyone.with(body.access as string).get('/api/auth/me/'));
  return (await Promise.all(seen)).filter(({ status }) => status === 200).length;
}

/** Somebody logs in, and closes the account before the login goes on; answers what the login is good for. */
async function enteredWhileClosed(clinic: Clinic, hold: Hold): Promise<number> {
  const { email, client } = await clinic.patient();
  const [login, closed] = await hold.during(
    () => clinic.anyone.post('/api/auth/login/', { email, password: PASSWORD }),
    () => client.post('/api/auth/me/close/', { password: PASSWORD }),
  );
  expect(closed.status).toBe(204);
  if (login.status !== 200) return login.status;
  return (await clinic.anyone.with(login.body.access as string).get('/api/auth/me/')).status;
}

/** Lets in whoever had the right password, whatever became of the account meanwhile. */
class HeedlessUsers extends TypeOrmUsers {
  override async recordLogin(): Promise<boolean> {
    return true;
  }

  override async find(id: string): Promise<User | undefined> {
    const user = await super.find(id);
    return user && { ...user, active: true };
  }
}

const HEEDLESS: Wire = (builder) =>
  builder.overrideProvider(Users).useFactory({
    inject: [TypeOrmTransactions],
    factory: (transactions: TypeOrmTransactions) => new HeedlessUsers(transactions),
  });

onEachDatabase('Logging in and refreshing while the account is closed', (database) => {
  describe('held against the account in the unit of work', () => {
    const hold = new Hold();
    const clinic = clinicOn(database, asItIs, hold);
    test('nobody is in after the answer', async () => {
      expect(await enteredWhileClosed(clinic(), hold)).toBe(401);
      for (let round = 0; round < 3; round++) expect(await stillIn(clinic())).toBe(0);
    });

    test('of those who close it with the right password one is answered, and the others are nobody by then', async () => {
      const { client } = await clinic().patient();
      const closes = [1, 2, 3].map(() => client.post('/api/auth/me/close/', { password: PASSWORD }));
      const answers = (await Promise.all(closes)).map(({ status, body }) => `${status} ${body.code}`);
      const nobody = '401 not-authenticated';
      expect(answers.toSorted()).toEqual(['204 undefined', nobody, nobody]);
    });
  });

  describe('held against what was read before (control)', () => {
    const hold = new Hold();
    const clinic = clinicOn(database, HEEDLESS, hold);
    test('somebody is', async () => {
      expect(await enteredWhileClosed(clinic(), hold)).toBe(200);
    });
  });
});

// On a file one unit of work follows another.
onEachServer('A patient who closes the account while they book with a key', (database) => {
  test('leaves neither the visit nor the key', async () => {
    const hold = new Hold();
    const wire = withHeldAgendas(hold);
    const running = await startApp({ database, clock: new FixedClock(SUNDAY), wire });
    onTestFinished(() => running.close());
    const clinic = new Clinic(running.app);
    const [doctor, patient, admin] = [
      await clinic.doctor({ time_zone: 'Europe/Berlin' }),
      await clinic.patient(),
      await clinic.admin(),
    ];
    const booking = {
      method: 'POST' as const,
      url: '/api/appointments/',
      payload: { doctor: doctor.id, date: MONDAY, time: '12:00' },
      headers: { 'idempotency-key': 'while-the-account-is-closed' },
    };
    const [closed, booked] = await hold.during(
      () => patient.client.post('/api/auth/me/close/', { password: PASSWORD }),
      () => patient.client.send(booking),
    );
    expect([closed.status, booked.status]).toEqual([204, 201]);
    const visit = await admin.client.get(`/api/appointments/${booked.body.id as string}/`);
    expect(visit.body.status).toBe('cancelled');
    expect(await running.app.get(DataSource).getRepository(idempotencyKeySchema).count()).toBe(0);
  });
});
