import { rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource } from 'typeorm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describeTarget, targetOf } from '../../src/config.js';
import { writerOptions } from '../../src/database/data-source.js';
import { copyTo, differences } from '../../src/manage/copy-to.js';
import { openFile } from '../../src/manage/typeorm-databases.js';
import { Tables } from '../../src/manage/typeorm-tables.js';
import { startApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { isThere, newDatabase } from '../support/databases.js';
import {
  change,
  contentsOf,
  environmentOf,
  installation,
  olderInstallation,
  overwrite,
  rowsOf,
} from './files.js';
import { manage } from './terminal.js';

async function opened(url: string): Promise<DataSource> {
  const dataSource = await new DataSource(await writerOptions(targetOf(url), 2)).initialize();
  onTestFinished(() => dataSource.destroy());
  return dataSource;
}

/** A number that the database itself counts. */
async function count(dataSource: DataSource, rows: string): Promise<number> {
  const [row] = await dataSource.query<{ n: string | number }[]>(`SELECT COUNT(*) AS n FROM ${rows}`);
  return Number(row!.n);
}

async function copy(file: string, url: string): Promise<string> {
  const { code, said, complaint } = await manage(['copy-to', url], environmentOf(file));
  expect([code, complaint]).toEqual([0, '']);
  return said;
}

/** Refused in these words, and the file is as before, byte for byte. */
async function expectRefused(file: string, url: string, complaint: string | RegExp): Promise<void> {
  const before = contentsOf(dirname(file));
  const told = await manage(['copy-to', url], environmentOf(file));
  expect(told.code).toBe(1);
  expect(told.complaint).toMatch(complaint);
  expect(contentsOf(dirname(file))).toEqual(before);
}

test('every table of the database is copied, but for the lists of migrations and of leases', async () => {
  const file = await openFile(installation('empty'));
  onTestFinished(() => file.destroy());
  const present = await file.query<{ name: string }[]>(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('migrations', 'leases', 'sqlite_sequence')`,
  );
  const copied = new Tables(file.manager).all.map(({ name }) => name);
  expect(copied.toSorted()).toEqual(present.map(({ name }) => name).toSorted());
});

test('what an older version wrote is refused: it would be copied half', async () => {
  const file = olderInstallation();
  await expectRefused(
    file,
    'postgres://db.example.org/clinic',
    `${file} was written by an older version of CyberMed: start this version on it once, stop it, then try again.`,
  );
});

test.each(['sqlite:other.db', 'https://db.example.org/', 'db.example.org', 'postgres://[/clinic'])(
  '%s is no database to copy to',
  async (url) => {
    await expectRefused(
      installation('empty'),
      url,
      /^copy-to needs the URL of a database: postgres:\/\/… or mysql:\/\/…$/,
    );
  },
);

test('what is on a server already is not copied', async () => {
  const told = await manage(['copy-to', 'postgres://db.example.org/new'], {
    DATABASE_URL: 'mysql://clinic:secret@db.example.org/clinic',
  });
  expect(told.complaint).toBe(
    'The data is in mysql://db.example.org/clinic. copy-to starts from a SQLite database: set DATABASE_URL to sqlite:<file>, or leave it out.',
  );
});

describe.each([
  ['PostgreSQL', 'postgres'],
  ['MariaDB', 'mysql'],
] as const)('to %s', (_, kind) => {
  const there = test.skipIf(!isThere(kind));

  /** With nothing in it, or, as a server leaves it that started and stopped, with its tables. */
  async function target(content: 'nothing' | 'empty' = 'empty'): Promise<string> {
    const database = await newDatabase(kind, content);
    onTestFinished(() => database.drop());
    return database.url;
  }

  /** Rows that are visible to others, of all tables but the list of migrations. */
  async function rowsAt(url: string): Promise<number> {
    const server = await opened(url);
    const tables = await server.query<{ name: string }[]>(
      `SELECT table_name AS name FROM information_schema.tables
       WHERE table_schema IN ('public', '${new URL(url).pathname.slice(1)}') AND table_name <> 'migrations'`,
    );
    let rows = 0;
    for (const { name } of tables) rows += await count(server, name);
    return rows;
  }

  there('every row of the demo clinic arrives, and the application shows the same appointments', async () => {
    const file = installation();
    const url = await target('nothing');
    const said = await copy(file, url);
    expect(said).toMatch(/^ {2}appointments +[1-9]\d* rows {2}[0-9a-f]{16}$/m);
    expect(said.split('\n').at(-1)).toBe(
      'Every row is equal on both sides. Set DATABASE_URL to the new database and start the server.',
    );
    const rows = Object.entries(rowsOf(file)).filter(
      ([name]) => !['migrations', 'sqlite_sequence'].includes(name),
    );
    expect(await rowsAt(url)).toBe(rows.flatMap(([, all]) => all).length);

    const shown: unknown[] = [];
    for (const env of [environmentOf(file), { DATABASE_URL: url }]) {
      const running = await startApp({ env });
      const lena = await new Client(running.app).as('lena.fischer');
      shown.push((await lena.get('/api/appointments/')).body);
      await running.close();
    }
    expect(shown[0]).toMatchObject({ results: [{}, {}, {}] });
    expect(shown[1]).toEqual(shown[0]);
  });

  there('the file stays as it was', async () => {
    const file = installation();
    const before = contentsOf(dirname(file));
    await copy(file, await target());
    expect(contentsOf(dirname(file))).toEqual(before);
  });

  there('strange texts arrive as they are', async () => {
    const file = installation();
    const strange = [`O'Brien`, ' spaces ', 'ẞ ß ss', 'É e\u0301', '🩺', '\\', '%_"`', '日本語', ''];
    strange.forEach((text, i) =>
      change(file, `UPDATE users SET last_name = '${text.replaceAll("'", "''")}' WHERE rowid = ${i + 1}`),
    );
    const url = await target();
    await copy(file, url);
    const names = await (await opened(url)).query<{ last_name: string }[]>('SELECT last_name FROM users');
    expect(names.map(({ last_name }) => last_name).toSorted()).toEqual(strange.toSorted());
  });

  there('a database that a server made, and nobody used yet, will do', async () => {
    const url = await target();
    await copy(installation(), url);
    expect(await rowsAt(url)).toBeGreaterThan(0);
  });

  describe('the comparison', () => {
    const CHANGES: Readonly<Record<string, string>> = {
      'a number': `UPDATE appointments SET version = version + 1 WHERE status = 'pending'`,
      'an instant by a millisecond': 'UPDATE appointments SET ends_at = ends_at + 1',
      'a letter’s case': `UPDATE users SET first_name = 'LENA' WHERE first_name = 'Lena'`,
      'a space at the end': `UPDATE users SET first_name = 'Lena ' WHERE first_name = 'Lena'`,
      'null for an empty text': `UPDATE appointments SET cancellation_reason = '' WHERE cancellation_reason IS NULL`,
      'a flag': 'UPDATE users SET active = (1 = 0)',
      'a row less': 'DELETE FROM appointment_history WHERE version = 2',
      'a row more': `INSERT INTO agendas (person) VALUES ('somebody')`,
    };

    /** What the comparison says of the two sides, of which one has one more change. */
    async function seen(original: DataSource, copied: DataSource, changed: DataSource, sql: string) {
      const runner = changed.createQueryRunner();
      await runner.startTransaction();
      try {
        await runner.query(sql);
        const tables = (side: DataSource) => new Tables(side === changed ? runner.manager : side.manager);
        return await differences(tables(original), tables(copied));
      } finally {
        await runner.rollbackTransaction();
        await runner.release();
      }
    }

    there('finds whatever is changed on one of the two sides, and nothing where nothing is', async () => {
      const file = installation();
      const url = await target();
      await copy(file, url);
      const [original, copied] = [await opened(`sqlite:${file}`), await opened(url)];
      expect(await differences(new Tables(original.manager), new Tables(copied.manager))).toEqual([]);
      for (const side of [original, copied]) {
        for (const [change, sql] of Object.entries(CHANGES)) {
          const lines = await seen(original, copied, side, sql);
          expect([change, lines]).toEqual([change, [expect.stringMatching(/^\w+ differs: /)]]);
        }
      }
    });

    there('in which the server changed a value on its way ends with nothing copied', async () => {
      const url = await target();
      const server = await opened(url);
      for (const sql of SHOUTING[kind]) await server.query(sql);
      await expectRefused(
        installation(),
        url,
        'users differs: some values are not equal.\nNothing was copied.',
      );
      expect(await rowsAt(url)).toBe(0);
    });
  });

  describe('refused, and nothing is changed on either side', () => {
    there('when the database has rows', async () => {
      const file = installation();
      const url = await target();
      await copy(file, url);
      const rows = await rowsAt(url);
      await expectRefused(
        file,
        url,
        `${describeTarget(targetOf(url))} is not empty: users has rows. Nothing was changed. Name an empty database.`,
      );
      expect(await rowsAt(url)).toBe(rows);
    });

    there('when the database is somebody else’s', async () => {
      const url = await target('nothing');
      const server = await opened(url);
      await server.query('CREATE TABLE songs (title varchar(10))');
      await expectRefused(installation(), url, 'holds tables that are not CyberMed’s. Nothing was changed.');
      await expect(count(server, 'users')).rejects.toThrow();
    });

    there('when a newer version made the database', async () => {
      const url = await target();
      const insert = `INSERT INTO migrations (timestamp, name) VALUES (9, 'Later9')`;
      await (await opened(url)).query(insert);
      await expectRefused(
        installation(),
        url,
        'was written by a newer version of CyberMed: use that version.',
      );
      expect(await rowsAt(url)).toBe(0);
    });

    there('when there is no such database', async () => {
      const url = `${await target()}_not`;
      await expectRefused(installation(), url, / cannot be used: .*cybermed_test_.*_not/);
    });

    test('when nobody answers', async () => {
      const url = `${kind}://clinic:secret@127.0.0.1:1/clinic`;
      await expectRefused(
        installation(),
        url,
        /^(postgres|mysql):\/\/127\.0\.0\.1:1\/clinic cannot be used: [^\n]*ECONNREFUSED[^\n]*$/,
      );
    });

    there('beside a running server, which goes on serving', async () => {
      const url = await target();
      const file = installation();
      const running = await startApp({ env: environmentOf(file) });
      onTestFinished(() => running.close());
      const told = await manage(['copy-to', url], environmentOf(file));
      expect(told.complaint).toMatch(/^A server or another command uses .*, then try again\.$/);
      const lena = await new Client(running.app).as('lena.fischer');
      expect((await lena.patch('/api/auth/me/', { first_name: 'Lene' })).status).toBe(200);
      expect(await rowsAt(url)).toBe(0);
    });

    there.each([
      ['is not there', (file: string) => rmSync(file), /^There is no database at .*: nothing to copy\.$/],
      ['is damaged', overwrite, /is damaged, or no database: [^\n]*Restore a backup first\.$/],
      [
        'is no database',
        (file: string) => writeFileSync(file, 'lost. '.repeat(1000)),
        /is damaged, or no database: [^\n]*Restore a backup first\.$/,
      ],
      [
        'holds a value of another kind than its column',
        (file: string) => change(file, `UPDATE appointments SET version = 'two'`),
        /^appointments\.version holds a string that is no integer: mend it first\.$/,
      ],
      [
        'holds a text that the server does not take',
        (file: string) => change(file, `UPDATE users SET first_name = '${'x'.repeat(300)}'`),
        /^users cannot be copied: .*\nNothing was copied\.$/,
      ],
    ])('when the file %s', async (_what, spoil, complaint) => {
      const url = await target();
      const file = installation();
      spoil(file);
      await expectRefused(file, url, complaint);
      expect(await rowsAt(url)).toBe(0);
    });

    there('when the connection breaks in the middle', async () => {
      const url = await target();
      const file = installation();
      const killer = await opened(url);
      let isCopying = true;
      const breaking = (async () => {
        while (isCopying) await breakOthers(killer);
      })();
      const copying = copyTo(file, targetOf(url), () => {});
      await expect(copying).rejects.toThrow(
        /Nothing was copied\.|it refuses and changes nothing\.|cannot be used: /,
      );
      isCopying = false;
      await breaking;
      expect(await rowsAt(url)).toBe(0);
      await copy(file, url);
    });
  });
});

/** A server that changes what it is given. */
const SHOUTING = {
  postgres: [
    `CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql
     AS 'BEGIN NEW.first_name := upper(NEW.first_name); RETURN NEW; END'`,
    'CREATE TRIGGER shouting BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION shout()',
  ],
  mysql: [
    'CREATE TRIGGER shouting BEFORE INSERT ON users FOR EACH ROW SET NEW.first_name = UPPER(NEW.first_name)',
  ],
} as const;

/** Ends every other connection to the same database. */
async function breakOthers(killer: DataSource): Promise<void> {
  if (killer.options.type === 'postgres') {
    await killer.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    return;
  }
  const others = await killer.query<{ id: string | number }[]>(
    'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()',
  );
  // One that has gone meanwhile is no fault.
  for (const { id } of others) await killer.query(`KILL ${id}`).catch(() => {});
}
