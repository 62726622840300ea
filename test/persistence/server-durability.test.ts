import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { faultsOfServer } from '../../src/database/database.module.js';
import { explainFailure } from '../../src/start-failures.js';
import { startApp, type TestApp } from '../support/app.js';
import { Clinic } from '../support/clinic.js';
import { isThere, type ServerKind } from '../support/databases.js';
import { openSession } from '../support/server-sessions.js';
import { canStart, ownServer, type OwnServer } from '../support/servers.js';

const UNSAFE: Readonly<Record<ServerKind, { make: string[]; mend: string[]; told: string }>> = {
  postgres: {
    make: ['ALTER SYSTEM SET synchronous_commit = off', 'SELECT pg_reload_conf()'],
    mend: ['ALTER SYSTEM RESET synchronous_commit', 'SELECT pg_reload_conf()'],
    told: 'synchronous_commit=off',
  },
  mysql: {
    make: ['SET GLOBAL innodb_flush_log_at_trx_commit = 2'],
    mend: ['SET GLOBAL innodb_flush_log_at_trx_commit = 1'],
    told: 'innodb_flush_log_at_trx_commit=2',
  },
};

interface Started {
  running: TestApp;
  /** What was warned of while it started. */
  warnings: string[];
}

async function start(url: string, env: NodeJS.ProcessEnv = {}): Promise<Started> {
  const warnings: string[] = [];
  const notes = { log() {}, error() {}, warn: (line: string) => warnings.push(line) };
  const running = await startApp({
    env: { DATABASE_URL: url, ...env },
    wire: (builder) => builder.setLogger(notes),
  });
  return { running, warnings };
}

describe.each(['postgres', 'mysql'] as const)('a server of its own (%s)', (kind) => {
  describe.skipIf(!isThere(kind) || !canStart(kind))('that can be broken', () => {
    let server: OwnServer;
    let url: string;
    beforeAll(async () => {
      server = (await ownServer(kind))!;
      url = server.url;
      if (kind === 'postgres') return;
      // On the one that it begins with, which is its own, nobody makes triggers.
      await say(['CREATE DATABASE clinic']);
      url = url.replace(/mysql$/, 'clinic');
    });
    afterAll(() => server.stop());

    async function say(statements: readonly string[]): Promise<void> {
      const session = await openSession(kind, url);
      for (const sql of statements) await session.query(sql);
      await session.end();
      // PostgreSQL's processes read their settings when they come to it.
      await sleep(100);
    }

    test('is taken in production without a word when it keeps what it acknowledges', async () => {
      // Without these the start has a word to say about mail.
      const mail = { SMTP_URL: 'smtp://127.0.0.1:2525', MAIL_FROM: 'clinic@example.org' };
      const { running, warnings } = await start(url, { NODE_ENV: 'production', ...mail });
      await running.close();
      expect(warnings).toEqual([]);
    });

    describe('and may lose what it acknowledged', () => {
      const { make, mend, told } = UNSAFE[kind];
      beforeAll(() => say(make));
      afterAll(() => say(mend));

      test('is refused in production', async () => {
        const refused = start(url, { NODE_ENV: 'production' }).then(
          () => 'started',
          (error: unknown) => explainFailure(error),
        );
        expect(await refused).toBe(
          `CyberMed cannot start. Mend these settings:\nDATABASE_URL: the database server may lose acknowledged writes: ${told}; make it durable`,
        );
      });

      test('is named beside whatever else is wrong in production, and nowhere else', async () => {
        const asked = { NODE_ENV: 'production', DATABASE_URL: url };
        expect(await faultsOfServer(asked)).toEqual([
          `DATABASE_URL: the database server may lose acknowledged writes: ${told}; make it durable`,
        ]);
        expect(await faultsOfServer({ ...asked, NODE_ENV: 'development' })).toEqual([]);
        const nobody = `${kind}://someone@127.0.0.1:1/clinic`;
        expect(await faultsOfServer({ ...asked, DATABASE_URL: nobody })).toEqual([]);
      });

      test('is one line of warning elsewhere', async () => {
        const { running, warnings } = await start(url);
        await running.close();
        expect(warnings).toEqual([`the database server may lose acknowledged writes: ${told}`]);
      });
    });

    test('that dies and comes back is served from again, by the same process, with what it had acknowledged', async () => {
      const { running } = await start(url);
      onTestFinished(() => running.close());
      const clinic = new Clinic(running.app);
      const doctor = await clinic.doctor();
      const busy = () =>
        Promise.all(Array.from({ length: 15 }, () => doctor.client.get('/api/doctor-profile/')));
      await busy();
      const under = busy();
      await server.kill();
      expect((await under).filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
      expect(new Set((await busy()).map(({ status }) => status))).toEqual(new Set([503]));
      expect((await clinic.anyone.get('/health/ready/')).status).toBe(503);
      await server.start();
      await expect.poll(async () => (await clinic.anyone.get('/health/ready/')).status).toBe(200);
      expect(new Set((await busy()).map(({ body }) => body.id))).toEqual(new Set([doctor.id]));
      expect((await clinic.doctor()).id).toBeTruthy();
    });
  });
});
