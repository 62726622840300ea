import { DataSource } from 'typeorm';
import { expect, onTestFinished, test } from 'vitest';
import { startApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { newDatabase, onEachServer, type ServerKind } from '../support/databases.js';
import { ServerLine } from '../support/server-line.js';
import { endOtherSessions, openSession, tellSessions, type Session } from '../support/server-sessions.js';

const CLARA = '01900000-0000-7000-8000-0000000000d1';

/** Not the `COMMITTED` of an isolation level. */
const COMMIT = /COMMIT(?!TED)/;

const LOCKS_OF_HALF_A_SECOND: Readonly<Record<ServerKind, string>> = {
  postgres: 'SET lock_timeout = 500',
  // Whole seconds are all it knows.
  mysql: 'SET SESSION innodb_lock_wait_timeout = 1',
};

const STATEMENTS_OF_HALF_A_SECOND: Readonly<Record<ServerKind, string>> = {
  postgres: 'SET statement_timeout = 500',
  mysql: 'SET SESSION max_statement_time = 0.5',
};

interface Setting {
  line: ServerLine;
  lena: Client;
  /** At the same database, on a line of its own. */
  session: Session;
  app: DataSource;
  /** A free time of Clara. */
  wish: { doctor: string; date: string; time: string };
  book(wish: object, key?: string): ReturnType<Client['send']>;
  /** How many appointments of that time are there, whatever was answered. */
  kept(): Promise<number>;
}

/** The demo clinic on a server at the end of a line that can be cut. */
async function open(kind: ServerKind): Promise<Setting> {
  const database = await newDatabase(kind, 'demo');
  const line = await ServerLine.to(database.url);
  const session = await openSession(kind, database.url);
  const running = await startApp({ env: { DATABASE_URL: line.url } });
  onTestFinished(async () => {
    await running.close();
    await line.close();
    await session.end();
    await database.drop();
  });
  const lena = await new Client(running.app).as('lena.fischer');
  const [slot] = (await lena.get(`/api/doctors/${CLARA}/slots/`)).body.results.slice(-1);
  return {
    line,
    session,
    lena,
    app: running.app.get(DataSource),
    wish: { doctor: CLARA, date: slot.date, time: slot.time },
    book: (payload, key) =>
      lena.send({
        method: 'POST',
        url: '/api/appointments/',
        payload,
        headers: key === undefined ? {} : { 'idempotency-key': key },
      }),
    async kept() {
      const rows = await session.query<{ kept: number | string }>(
        `SELECT COUNT(*) AS kept FROM appointments WHERE doctor_id = '${CLARA}' AND starts_at = ${Date.parse(slot.starts_at)}`,
      );
      return Number(rows[0]!.kept);
    },
  };
}

onEachServer('a server that does not do what it is asked', (kind) => {
  test('a lock that another holds for too long is 503 with Retry-After, and nothing is changed', async () => {
    const { app, session, book, wish, kept } = await open(kind);
    await tellSessions(app, LOCKS_OF_HALF_A_SECOND[kind]);
    await session.query('BEGIN');
    await session.query(`SELECT person FROM agendas WHERE person = '${CLARA}' FOR UPDATE`);
    const refused = await book(wish, 'a-key-that-stays-free');
    expect([refused.status, refused.body.code, refused.headers['retry-after']]).toEqual([
      503,
      'overloaded',
      '1',
    ]);
    expect(refused.body.detail).toContain('nothing was changed');
    await session.query('ROLLBACK');
    expect(await kept()).toBe(0);
    expect((await book(wish, 'a-key-that-stays-free')).status).toBe(201);
  });

  test('a key whose first request goes on for too long is 409 request-in-flight', async () => {
    const { app, session, lena, book, wish, kept } = await open(kind);
    await tellSessions(app, LOCKS_OF_HALF_A_SECOND[kind]);
    const { id } = (await lena.get('/api/auth/me/')).body;
    await session.query('BEGIN');
    await session.query(
      `INSERT INTO idempotency_keys (user_id, idempotency_key, fingerprint, taken_at) VALUES ('${id}', 'key-of-a-slow-one', 'x', ${Date.now()})`,
    );
    const refused = await book(wish, 'key-of-a-slow-one');
    expect([refused.status, refused.body.code]).toEqual([409, 'request-in-flight']);
    await session.query('ROLLBACK');
    expect(await kept()).toBe(0);
    expect((await book(wish, 'key-of-a-slow-one')).status).toBe(201);
  });

  test('a statement that runs for too long is 503', async () => {
    const { app, session, book, wish, kept } = await open(kind);
    await tellSessions(app, STATEMENTS_OF_HALF_A_SECOND[kind]);
    await session.query('BEGIN');
    await session.query(`SELECT person FROM agendas WHERE person = '${CLARA}' FOR UPDATE`);
    expect((await book(wish)).status).toBe(503);
    await session.query('ROLLBACK');
    expect(await kept()).toBe(0);
    expect((await book(wish)).status).toBe(201);
  });

  test('a connection that breaks in the middle of a unit is 503, and the next request is served', async () => {
    const { line, book, wish, kept } = await open(kind);
    const cut = line.cutAt(/INSERT INTO .?appointments/, 'after');
    expect((await book(wish)).status).toBe(503);
    await cut;
    expect(await kept()).toBe(0);
    expect((await book(wish)).status).toBe(201);
    expect(await kept()).toBe(1);
  });

  test('a COMMIT that does not reach the server is 503, and its key makes the one effect', async () => {
    const { line, book, wish, kept } = await open(kind);
    const cut = line.cutAt(COMMIT, 'before');
    expect((await book(wish, 'key-of-a-lost-commit')).status).toBe(503);
    await cut;
    expect(await kept()).toBe(0);
    const again = await book(wish, 'key-of-a-lost-commit');
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, undefined]);
    expect(await kept()).toBe(1);
  });

  test('a COMMIT whose answer is lost is 503, and its key answers the effect that it had', async () => {
    const { line, book, wish, kept } = await open(kind);
    const cut = line.cutAt(COMMIT, 'after');
    const lost = await book(wish, 'key-of-a-lost-answer');
    expect([lost.status, lost.headers['retry-after']]).toEqual([503, '1']);
    expect(lost.body.detail).toContain('whether the change was made is not known');
    await cut;
    const again = await book(wish, 'key-of-a-lost-answer');
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([201, 'true']);
    expect(await kept()).toBe(1);
  });

  test('without a key the answer stays lost: one’s own booking is in the way (control)', async () => {
    const { line, book, wish, kept } = await open(kind);
    const cut = line.cutAt(COMMIT, 'after');
    expect((await book(wish)).status).toBe(503);
    await cut;
    expect((await book(wish)).status).toBe(409);
    expect(await kept()).toBe(1);
  });

  test('when the server ends every session the next requests are served on new ones', async () => {
    const { session, lena, book, wish } = await open(kind);
    await Promise.all(Array.from({ length: 10 }, () => lena.get('/api/appointments/')));
    expect(await endOtherSessions(kind, session)).toBeGreaterThan(1);
    // The news of it is under way.
    await expect.poll(async () => (await lena.get('/api/appointments/')).status).toBe(200);
    expect((await book(wish)).status).toBe(201);
  });
});
