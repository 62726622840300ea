import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FifoQueue } from '#libs/persistence/fifo-queue.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { targetOf } from '../../src/config.js';
import { openReader, openWriter, writerOptions } from '../../src/database/data-source.js';
import { newDatabase, onEachServer, type ServerKind } from '../support/databases.js';
import { endOtherSessions, openSession } from '../support/server-sessions.js';

const POOL = 4;

interface Opened {
  url: string;
  writer: DataSource;
  reader: DataSource;
  transactions: TypeOrmTransactions;
}

/** As the application opens it, but for what a test changes; with two rows to work on. */
async function open(kind: ServerKind, change: Partial<DataSourceOptions> = {}): Promise<Opened> {
  const database = await newDatabase(kind, 'nothing');
  const target = targetOf(database.url);
  const options = { ...(await writerOptions(target, POOL)), ...change } as DataSourceOptions;
  const writer = await openWriter(options);
  const reader = await openReader(target, POOL);
  onTestFinished(async () => {
    await reader.destroy();
    await writer.destroy();
    await database.drop();
  });
  await writer.query('CREATE TABLE counters (name varchar(10) PRIMARY KEY, n integer NOT NULL)');
  await writer.query(`INSERT INTO counters VALUES ('a', 0), ('b', 0)`);
  const transactions = new TypeOrmTransactions(writer, reader, new FifoQueue(100, POOL));
  return { url: database.url, writer, reader, transactions };
}

async function count({ manager }: TypeOrmTransactions, name: string): Promise<number> {
  const [row] = await manager.query<{ n: number }[]>(`SELECT n FROM counters WHERE name = '${name}'`);
  return row!.n;
}

/** Reads first, as a use case does, and writes what it has made of it. */
async function increment(transactions: TypeOrmTransactions, name: string): Promise<void> {
  const n = await count(transactions, name);
  await transactions.manager.query(`UPDATE counters SET n = ${n + 1} WHERE name = '${name}'`);
}

/** Lets pass when so many have come. */
function meeting(size: number): () => Promise<void> {
  let open = (): void => {};
  const all = new Promise<void>((resolve) => (open = resolve));
  let here = 0;
  return () => {
    if (++here === size) open();
    return all;
  };
}

/** What holds in one session, by the names that its server has for it. */
const LIMITS: Readonly<Record<ServerKind, { ask: string; wanted: Record<string, unknown> }>> = {
  postgres: {
    ask: `SELECT current_setting('transaction_isolation') AS isolation, current_setting('lock_timeout') AS locks,
      current_setting('statement_timeout') AS statements, current_setting('idle_in_transaction_session_timeout') AS idle`,
    wanted: { isolation: 'read committed', locks: '5s', statements: '15s', idle: '15s' },
  },
  mysql: {
    ask: 'SELECT @@innodb_lock_wait_timeout AS locks, @@max_statement_time AS statements',
    wanted: { locks: 5, statements: 15 },
  },
};

onEachServer('units of work at a server', (kind) => {
  describe('every session of the pool', () => {
    const HELD = 100;

    /** Asked in as many units at once as there are sessions, each of which holds one. */
    async function limitsOf({ transactions }: Opened): Promise<unknown[]> {
      return Promise.all(
        Array.from({ length: POOL }, () =>
          transactions.run(async () => {
            await sleep(HELD);
            const [row] = await transactions.manager.query<Record<string, unknown>[]>(LIMITS[kind].ask);
            return Object.fromEntries(
              Object.entries(row!).map(([name, value]) => [name, kind === 'mysql' ? Number(value) : value]),
            );
          }),
        ),
      );
    }

    test('has its limits, also one that replaces another', async () => {
      const opened = await open(kind);
      const wanted = Array.from({ length: POOL }, () => LIMITS[kind].wanted);
      expect(await limitsOf(opened)).toEqual(wanted);
      const session = await openSession(kind, opened.url);
      onTestFinished(() => session.end());
      expect(await endOtherSessions(kind, session)).toBeGreaterThanOrEqual(POOL);
      await expect.poll(() => limitsOf(opened).catch(() => 'the news is under way')).toEqual(wanted);
    });

    /** What each unit reads before and after another has committed. */
    async function twoReads({ transactions }: Opened): Promise<number[][]> {
      const [begun, changed] = [meeting(POOL), meeting(POOL)];
      return Promise.all(
        Array.from({ length: POOL }, (_, unit) =>
          transactions.run(async () => {
            if (unit === 0) {
              await begun();
              await increment(transactions, 'a');
              setTimeout(() => void changed(), 200);
              return [0, 1];
            }
            const first = await count(transactions, 'a');
            await begun();
            await changed();
            return [first, await count(transactions, 'a')];
          }),
        ),
      );
    }

    test('reads what is committed when it reads', async () => {
      const reads = await twoReads(await open(kind));
      expect(reads).toEqual(Array.from({ length: POOL }, () => [0, 1]));
    });

    test('would read what was committed when it began, if the level were another (control)', async () => {
      const reads = await twoReads(await open(kind, { isolationLevel: 'REPEATABLE READ' }));
      expect(reads.slice(1)).toEqual(Array.from({ length: POOL - 1 }, () => [0, 0]));
    });

    test('that is for reads refuses to write', async () => {
      const { reader } = await open(kind);
      const together = meeting(POOL);
      const refusals = await Promise.all(
        Array.from({ length: POOL }, async () => {
          const runner = reader.createQueryRunner();
          await runner.connect();
          await together();
          const outcome = await runner.query(`UPDATE counters SET n = 9`).then(
            () => 'written',
            (error: { driverError: { code: string } }) => error.driverError.code,
          );
          await runner.release();
          return outcome;
        }),
      );
      const refused = { postgres: '25006', mysql: 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION' }[kind];
      expect(refusals).toEqual(Array.from({ length: POOL }, () => refused));
    });
  });

  test('of two units that lock in opposite order one begins anew, and each has its effect once', async () => {
    const { transactions } = await open(kind);
    const both = meeting(2);
    let tries = 0;
    const unit = (first: string, second: string) =>
      transactions.run(async () => {
        tries++;
        await increment(transactions, first);
        await both();
        await increment(transactions, second);
      });
    await Promise.all([unit('a', 'b'), unit('b', 'a')]);
    expect(tries).toBe(3);
    expect([await count(transactions, 'a'), await count(transactions, 'b')]).toEqual([2, 2]);
  });

  describe('20 units that read a row and then write it, where the server serializes', () => {
    const UNITS = 20;

    test('all succeed on fresh reads, and each has its effect once', async () => {
      const { transactions } = await open(kind, { isolationLevel: 'SERIALIZABLE' });
      let tries = 0;
      await Promise.all(
        Array.from({ length: UNITS }, () =>
          transactions.run(() => {
            tries++;
            return increment(transactions, 'a');
          }),
        ),
      );
      expect(await count(transactions, 'a')).toBe(UNITS);
      expect(tries).toBeGreaterThan(UNITS);
    });

    test('some fail if nobody begins anew (control)', async () => {
      const { writer } = await open(kind, { isolationLevel: 'SERIALIZABLE' });
      const both = meeting(2);
      const outcomes = await Promise.allSettled(
        [1, 2].map(() =>
          writer.transaction(async (manager) => {
            const [row] = await manager.query<{ n: number }[]>(`SELECT n FROM counters WHERE name = 'a'`);
            await both();
            await manager.query(`UPDATE counters SET n = ${row!.n + 1} WHERE name = 'a'`);
          }),
        ),
      );
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    });
  });
});
