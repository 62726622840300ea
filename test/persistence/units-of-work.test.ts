import { SQLITE_PACKAGE, SqliteDatabase as Database } from '#libs/persistence/sqlite-driver.js';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Overloaded } from '#libs/kernel/errors.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { FifoQueue } from '#libs/persistence/fifo-queue.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Reader } from '../../src/database/database.module.js';
import { startApp } from '../support/app.js';
import { tally } from '../support/client.js';
import { Clinic } from '../support/clinic.js';
import { aUser } from '../support/memory/people.js';
import { openDatabase, openFile, type Opened } from './database-file.js';

/** Lets all in at once: what TypeORM does on its one connection unless it is kept from it. */
const NO_QUEUE = { run: <T>(work: () => Promise<T>): Promise<T> => work() };

describe('400 units of work at once, of which a fifth fail', () => {
  interface Outcome {
    name: string;
    acknowledged: boolean;
  }

  async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) await nextTurn();
  }

  /** Each unit writes two rows of its name, some time apart. */
  async function work({ transactions, users }: Opened, unit: number): Promise<Outcome> {
    const name = `unit ${unit}`;
    await turns(unit % 50);
    try {
      await transactions.run(async () => {
        await users.add(aUser({ firstName: name }));
        await turns(unit % 7);
        await users.add(aUser({ firstName: name }));
        if (fails(name)) throw new Error('a fifth fail');
        await turns(unit % 3);
      });
      return { name, acknowledged: true };
    } catch {
      return { name, acknowledged: false };
    }
  }

  interface Seen {
    name: string;
    rows: number;
  }

  /** What must not be seen at any time: half a unit, and anything of one that fails. */
  function faultsOf(look: readonly Seen[]): string[] {
    return look
      .filter(({ name, rows }) => rows !== 2 || fails(name))
      .map(({ name, rows }) => `${rows} rows of ${name} were seen`);
  }

  const fails = (name: string): boolean => Number(name.slice('unit '.length)) % 5 === 0;
  const LOOK = 'SELECT first_name AS name, COUNT(*) AS rows FROM users GROUP BY first_name';

  /** All that is wrong with what was kept, and the first thing wrong in what a reader saw meanwhile. */
  async function run(database: Opened): Promise<{ looks: number; faults: string[]; acknowledged: number }> {
    let looking = true;
    let looks = 0;
    const seenByReader = (async () => {
      const seen: string[] = [];
      for (; looking && seen.length === 0; await nextTurn(), looks++) {
        seen.push(...faultsOf(await database.reader.query<Seen[]>(LOOK)));
      }
      return seen;
    })();
    const outcomes = await Promise.all(Array.from({ length: 400 }, (_, unit) => work(database, unit)));
    looking = false;

    const independent = new Database(database.file, { readonly: true });
    const kept = independent.prepare(LOOK).all() as Seen[];
    independent.close();
    const names = new Set(kept.map(({ name }) => name));
    const faults = [
      ...(await seenByReader),
      ...faultsOf(kept),
      ...outcomes
        .filter(({ name, acknowledged }) => acknowledged && !names.has(name))
        .map(({ name }) => `${name} was lost`),
    ];
    return { looks, faults, acknowledged: outcomes.filter(({ acknowledged }) => acknowledged).length };
  }

  test('every acknowledged write is there, no failed one is, and no reader sees an uncommitted row', async () => {
    const { looks, faults, acknowledged } = await run(await openDatabase());
    expect([faults, acknowledged]).toEqual([[], 320]);
    expect(looks).toBeGreaterThan(20);
  });

  test('without the queue acknowledged writes are lost (control)', async () => {
    const { faults } = await run(await openDatabase(undefined, NO_QUEUE));
    expect(faults.filter((fault) => fault.endsWith('was lost'))).not.toEqual([]);
  });
});

describe('the queue', () => {
  test('lets in one after the other, in the order of arrival', async () => {
    const queue = new FifoQueue(100);
    const events: string[] = [];
    await Promise.allSettled(
      [1, 2, 3].map((unit) =>
        queue.run(async () => {
          events.push(`${unit} begins`);
          await sleep(3 - unit);
          events.push(`${unit} ends`);
          if (unit === 2) throw new Error('fails');
        }),
      ),
    );
    expect(events).toEqual(['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
  });

  test('refuses more than its limit with Overloaded, and takes in again what comes later', async () => {
    const { transactions, users } = await openDatabase(undefined, new FifoQueue(3));
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const holding = transactions.run(() => released);
    await nextTurn();
    const rush = Array.from({ length: 10 }, () => aUser());
    const settling = Promise.allSettled(rush.map((user) => transactions.run(() => users.add(user))));
    await nextTurn();
    release();
    await holding;
    const refusals = (await settling).flatMap((one) =>
      one.status === 'rejected' ? [one.reason as unknown] : [],
    );
    expect(refusals).toHaveLength(7);
    for (const refusal of refusals) expect(refusal).toBeInstanceOf(Overloaded);
    const found = await Promise.all(rush.map(({ id }) => users.find(id)));
    expect(found.map((user) => user !== undefined)).toEqual([
      true,
      true,
      true,
      ...Array<boolean>(7).fill(false),
    ]);

    const later = aUser();
    await transactions.run(() => users.add(later));
    expect(await users.find(later.id)).toEqual(later);
  });

  test('keeps a place for at least 1,000 that wait', async () => {
    const { transactions, users } = await openDatabase();
    const crowd = Array.from({ length: 1001 }, () => transactions.run(() => users.isEmpty()));
    expect(await Promise.all(crowd)).toHaveLength(1001);
  });

  test('is told over HTTP as 503 with Retry-After, and the next request is served', async () => {
    const running = await startApp({
      wire: (builder) =>
        builder.overrideProvider(TypeOrmTransactions).useFactory({
          inject: [DataSource, Reader],
          factory: (writer: DataSource, reader: Reader) =>
            new TypeOrmTransactions(writer, reader.dataSource, new FifoQueue(3)),
        }),
    });
    onTestFinished(() => running.close());
    const { app } = running;
    const { client } = await new Clinic(app).user('patient');
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const holding = app.get(Transactions).run(() => released);
    let answered = 0;
    const rename = async () => {
      const answer = await client.patch('/api/auth/me/', { first_name: 'Grace' });
      answered++;
      return answer;
    };
    const rush = Promise.all(Array.from({ length: 10 }, rename));
    while (answered < 7) await nextTurn();
    release();
    await holding;
    const answers = await rush;
    expect(tally(answers)).toEqual({ 200: 3, 503: 7 });
    for (const { status, body, headers } of answers) {
      if (status === 503) expect([body.code, headers['retry-after']]).toEqual(['overloaded', '1']);
    }
    expect((await rename()).status).toBe(200);
  });
});

describe('after a unit that SQLite itself has rolled back', () => {
  /** A page more than the file has is a full disk. */
  async function fillDisk({ writer, transactions, users }: Opened): Promise<void> {
    const [row] = await writer.query<{ page_count: number }[]>('PRAGMA page_count');
    await writer.query(`PRAGMA max_page_count = ${row!.page_count}`);
    const tooMuch = transactions.run(async () => {
      for (;;) await users.add(aUser());
    });
    await expect(tooMuch).rejects.toThrow('database or disk is full');
    await writer.query('PRAGMA max_page_count = 1000000');
  }

  test('what later units write is kept, also when a unit fails in between', async () => {
    const database = await openDatabase();
    const { transactions, users } = database;
    await fillDisk(database);
    expect(await users.isEmpty()).toBe(true);
    const failing = transactions.run(() => Promise.reject(new Error('fails')));
    await expect(failing).rejects.toThrow('fails');
    const ada = aUser();
    await transactions.run(() => users.add(ada));
    expect(await users.find(ada.id)).toEqual(ada);
  });
});

describe('another process that writes', () => {
  const HELD = 400;
  const HOLD_LOCK = `
    const Database = require('${SQLITE_PACKAGE}');
    const db = new Database(process.argv[1]);
    db.exec('BEGIN IMMEDIATE');
    console.log('locked');
    setTimeout(() => { db.exec('COMMIT'); db.close(); }, ${HELD});`;

  /** Answers when the process holds the write lock; it lets go after HELD milliseconds. */
  async function lockElsewhere(file: string): Promise<void> {
    const child = spawn(process.execPath, ['-e', HOLD_LOCK, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    onTestFinished(async () => void (await ended));
    await once(child.stdout, 'data');
  }

  /** The longest that the event loop stood still while something was done, in milliseconds. */
  async function longestStall(work: () => Promise<unknown>): Promise<number> {
    let longest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }, 1);
    await work();
    clearInterval(beat);
    return Math.max(longest, performance.now() - last);
  }

  test('only delays a unit of work, and the event loop goes on', async () => {
    const { file, transactions, users } = await openDatabase();
    await lockElsewhere(file);
    const ada = aUser();
    const begun = performance.now();
    const stall = await longestStall(() => transactions.run(() => users.add(ada)));
    expect(performance.now() - begun).toBeGreaterThan(HELD / 2);
    expect(await users.find(ada.id)).toEqual(ada);
    expect(stall).toBeLessThan(150);
  });

  test('would stop the event loop if the driver did all the waiting (control)', async () => {
    const { file } = await openDatabase();
    const patient = await openFile(file, { timeout: 5000 });
    await lockElsewhere(file);
    const stall = await longestStall(() => patient.query(`INSERT INTO agendas VALUES ('somebody')`));
    await patient.destroy();
    expect(stall).toBeGreaterThan(HELD / 2);
  });

  test('is not shut out by a unit that fails: it gives the lock back', async () => {
    const { file, transactions, users } = await openDatabase();
    const failing = transactions.run(async () => {
      await users.add(aUser());
      throw new Error('fails');
    });
    await expect(failing).rejects.toThrow('fails');
    const other = new Database(file, { timeout: 0 });
    other.exec('BEGIN IMMEDIATE; COMMIT');
    other.close();
  });
});
