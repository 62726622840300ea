import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { DatabaseHealth } from '../../src/database/database-health.js';
import { Readiness, type Check } from '../../src/operation/readiness.js';
import { startApp, type TestApp, type TestAppOptions } from '../support/app.js';
import { Client } from '../support/client.js';

let running: TestApp | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function readinessOf(options: TestAppOptions = {}) {
  running = await startApp(options);
  return new Client(running.app).get('/health/ready/');
}

test('a node whose checks all pass is ready', async () => {
  const { status, body } = await readinessOf();
  expect([status, body]).toEqual([200, { status: 'ok' }]);
});

test.each([
  [
    'the disk is nearly full',
    { env: { MIN_FREE_DISK_MB: '1000000000' } },
    'disk: less than 1000000000 MB are free',
  ],
  ['the database does not begin a transaction', broken({ write: fails }), 'database-write: failed'],
  ['the database does not read', broken({ read: fails }), 'database-read: failed'],
] as [string, TestAppOptions, string][])(
  'it is not ready, and says why, when %s',
  async (_, options, fault) => {
    const { status, body, headers } = await readinessOf(options);
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'not-ready', '1']);
    expect(body.detail).toBe(`Not ready: ${fault}.`);
  },
);

test('it is not ready when its tables are older than the program, and is when they are newer', async () => {
  running = await startApp();
  const client = new Client(running.app);
  const writer = running.app.get(DatabaseHealth);
  await change(running, `INSERT INTO migrations (timestamp, name) VALUES (9, 'FromTheFuture9')`);
  expect(await writer.missingMigrations()).toBeUndefined();
  await change(running, `DELETE FROM migrations WHERE name LIKE 'Leases%'`);
  const { body } = await client.get('/health/ready/');
  expect(body.detail).toBe('Not ready: migrations: the tables are older than this program.');
});

test('a node that stops is not ready, and still lives', async () => {
  running = await startApp();
  running.app.get(Readiness, { strict: false }).drain();
  const client = new Client(running.app);
  const { status, body, headers } = await client.get('/health/ready/');
  expect([status, body.detail]).toEqual([503, 'Not ready: the node is stopping.']);
  expect(headers['connection']).toBe('close');
  expect((await client.get('/health/live/')).status).toBe(200);
});

describe('the checks', () => {
  const passing = (name: string, fault: Check['fault'] = () => undefined): Check => ({ name, fault });

  test('are made at most once a second, however often and by however many they are asked for', async () => {
    let looks = 0;
    const readiness = new Readiness([passing('count', () => void looks++)]);
    await Promise.all(Array.from({ length: 1000 }, () => readiness.faults()));
    await readiness.faults();
    expect(looks).toBe(1);
    await sleep(1050);
    await readiness.faults();
    expect(looks).toBe(2);
  });

  test('have two seconds to answer, or what they are told', async () => {
    const readiness = new Readiness([passing('mute', () => new Promise(() => {})), passing('well')], 20);
    expect(await readiness.faults()).toEqual(['mute: no answer in time']);
  });

  test('tell all that is wrong, but never in the words of an error', async () => {
    const secret = () => {
      throw new Error('password authentication failed for user "clinic"');
    };
    const readiness = new Readiness([
      passing('one', secret),
      passing('two', () => 'is low'),
      passing('three'),
    ]);
    expect(await readiness.faults()).toEqual(['one: failed', 'two: is low']);
  });
});

test('no second write waits in the queue behind one that hangs', async () => {
  running = await startApp();
  const health = running.app.get(DatabaseHealth);
  expect(await Promise.all([health.write(), health.write()])).toEqual([undefined, undefined]);
});

function fails(): Promise<never> {
  return Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7:5432'));
}

function broken(part: Partial<DatabaseHealth>): TestAppOptions {
  return {
    wire: (builder) =>
      builder.overrideProvider(DatabaseHealth).useValue({
        write: async () => undefined,
        read: async () => undefined,
        missingMigrations: async () => undefined,
        ...part,
      }),
  };
}

async function change({ app }: TestApp, sql: string): Promise<void> {
  const transactions = app.get(TypeOrmTransactions);
  await transactions.run(async () => {
    await transactions.manager.query(sql);
  });
}
