import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { Client, type Answer } from '../support/client.js';
import { newDatabase, onEachServer, type OpenDatabase, type ServerKind } from '../support/databases.js';
import { ServerLine } from '../support/server-line.js';
import { endOtherSessions, openSession, tellSessions, type Session } from '../support/server-sessions.js';

const CLARA = '01900000-0000-7000-8000-0000000000d1';

const POOL = 2;

/** Not the `COMMITTED` of an isolation level. */
const COMMIT = /COMMIT(?!TED)/;

const SHORT_LOCK_TIMEOUT: Readonly<Record<ServerKind, string>> = {
  postgres: 'SET lock_timeout = 300',
  // Whole seconds are all it knows.
  mysql: 'SET SESSION innodb_lock_wait_timeout = 1',
};

const SHORT_STATEMENT_TIMEOUT: Readonly<Record<ServerKind, string>> = {
  postgres: 'SET statement_timeout = 200',
  mysql: 'SET SESSION max_statement_time = 0.2',
};

interface Wish {
  doctor: string;
  date: string;
  time: string;
  startsAt: number;
}

onEachServer('a server that does not do what it is asked', (kind) => {
  let database: OpenDatabase;
  let line: ServerLine;
  /** At the same database, on a line of its own. */
  let session: Session;
  let running: TestApp;
  let lena: Client;
  /** Free times of Clara, each to be used by one test. */
  let free: { date: string; time: string; starts_at: string }[];

  beforeAll(async () => {
    database = await newDatabase(kind, 'demo');
    line = await ServerLine.to(database.url);
    session = await openSession(kind, database.url);
    running = await startApp({ env: { DATABASE_URL: line.url, DATABASE_POOL: String(POOL) } });
    lena = await new Client(running.app).as('lena.fischer');
    free = (await lena.get(`/api/doctors/${CLARA}/slots/`)).body.results.slice(-20);
    await tellSessions(running.app.get(DataSource), POOL, SHORT_LOCK_TIMEOUT[kind]);
  });
  afterAll(async () => {
    await running.close();
    await line.close();
    await session.end();
    await database.drop();
  });

  const wish = (): Wish => {
    const { date, time, starts_at } = free.pop()!;
    return { doctor: CLARA, date, time, startsAt: Date.parse(starts_at) };
  };

  const book = ({ startsAt: _, ...payload }: Wish, key?: string): Promise<Answer> =>
    lena.send({
      method: 'POST',
      url: '/api/appointments/',
      payload,
      ...(key !== undefined && { headers: { 'idempotency-key': key } }),
    });

  /** How many appointments of that time are there, whatever was answered. */
  const kept = async ({ startsAt }: Wish): Promise<number> => {
    const rows = await session.query<{ id: string }>(
      `SELECT id FROM appointments WHERE doctor_id = '${CLARA}' AND starts_at = ${startsAt} AND status <> 'cancelled'`,
    );
    return rows.length;
  };

  const cancel = ({ body }: Answer) => lena.post(`/api/appointments/${body.id}/cancel/`, {});

  const holdClarasAgenda = async (): Promise<void> => {
    await session.query('BEGIN');
    await session.query(`SELECT person FROM agendas WHERE person = '${CLARA}' FOR UPDATE`);
  };

  test('a lock that another holds for too long is 503 with Retry-After, and nothing is changed', async () => {
    const wanted = wish();
    await holdClarasAgenda();
    const refused = await book(wanted, 'a-key-that-stays-free');
    const { status, headers, body } = refused;
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'overloaded', '1']);
    expect(body.detail).toContain('nothing was changed');
    await session.query('ROLLBACK');
    expect(await kept(wanted)).toBe(0);
    const again = await book(wanted, 'a-key-that-stays-free');
    expect(again.status).toBe(201);
    await cancel(again);
  });

  test('a key whose first request goes on for too long is 409 request-in-flight', async () => {
    const wanted = wish();
    const { user_id } = (
      await session.query<{ user_id: string }>(
        `SELECT user_id FROM patients WHERE id = '${(await lena.get('/api/patient-profile/')).body.id}'`,
      )
    )[0]!;
    await session.query('BEGIN');
    await session.query(
      `INSERT INTO idempotency_keys (user_id, idempotency_key, fingerprint, taken_at)
       VALUES ('${user_id}', 'key-of-a-slow-one', 'x', ${Date.now()})`,
    );
    const refused = await book(wanted, 'key-of-a-slow-one');
    expect([refused.status, refused.body.code]).toEqual([409, 'request-in-flight']);
    await session.query('ROLLBACK');
    expect(await kept(wanted)).toBe(0);
    const again = await book(wanted, 'key-of-a-slow-one');
    expect(again.status).toBe(201);
    await cancel(again);
  });

  test('a connection that breaks in the middle of a unit is 503, and the next request is served', async () => {
    const wanted = wish();
    const cut = line.cutAt(/INSERT INTO .?appointments/, 'after');
    expect((await book(wanted)).status).toBe(503);
    await cut;
    expect(await kept(wanted)).toBe(0);
    const again = await book(wanted);
    expect(again.status).toBe(201);
    expect(await kept(wanted)).toBe(1);
    await cancel(again);
  });

  test('a COMMIT that does not reach the server is 503, and its key makes the one effect', async () => {
    const wanted = wish();
    const cut = line.cutAt(COMMIT, 'before');
    expect((await book(wanted, 'key-of-a-lost-commit')).status).toBe(503);
    await cut;
    expect(await kept(wanted)).toBe(0);
    const again = await book(wanted, 'key-of-a-lost-commit');
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, undefined]);
    expect(await kept(wanted)).toBe(1);
    await cancel(again);
  });

  test('a COMMIT whose answer is lost is 503, and its key answers the effect that it had', async () => {
    const wanted = wish();
    const cut = line.cutAt(COMMIT, 'after');
    const { status, headers, body } = await book(wanted, 'key-of-a-lost-answer');
    expect([status, headers['retry-after']]).toEqual([503, '1']);
    expect(body.detail).toContain('whether the change was made is not known');
    await cut;
    const again = await book(wanted, 'key-of-a-lost-answer');
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, 'true']);
    expect(await kept(wanted)).toBe(1);
    await cancel(again);
  });

  test('without a key the answer stays lost: one’s own booking is in the way (control)', async () => {
    const wanted = wish();
    const cut = line.cutAt(COMMIT, 'after');
    expect((await book(wanted)).status).toBe(503);
    await cut;
    expect((await book(wanted)).status).toBe(409);
    expect(await kept(wanted)).toBe(1);
  });

  test('when the server ends every session the next requests are served by new ones', async () => {
    expect(await endOtherSessions(kind, session)).toBeGreaterThan(1);
    // The news of it is under way.
    await expect.poll(async () => (await lena.get('/api/appointments/')).status).toBe(200);
    const booked = await book(wish());
    expect(booked.status).toBe(201);
    await cancel(booked);
  });

  test('a session that breaks while the pool hands it over does not end the process', async () => {
    const { master } = running.app.get(DataSource).driver as unknown as { master?: Pool };
    // MySQL's own pool always listens.
    if (master === undefined) return;
    const client = await master.connect();
    expect(() => client.emit('error', new Error('the server is gone'))).not.toThrow();
    client.release(true);
  });

  test('a statement that runs for too long is 503', async () => {
    const wanted = wish();
    await tellSessions(running.app.get(DataSource), POOL, SHORT_STATEMENT_TIMEOUT[kind]);
    await holdClarasAgenda();
    expect((await book(wanted)).status).toBe(503);
    await session.query('ROLLBACK');
    expect(await kept(wanted)).toBe(0);
    expect((await book(wanted)).status).toBe(201);
  });
});
