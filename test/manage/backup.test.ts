import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SqliteDatabase } from '#libs/persistence/sqlite-driver.js';
import type { Acknowledged } from '../../prove/backups/busy-clinic.js';
import { faultsOfBackup } from '../../prove/backups/prefix.js';
import { openDatabase } from '../persistence/database-file.js';
import { Crowd } from '../support/crowd.js';
import { FixedClock, startApp } from '../support/app.js';
import { aUser } from '../support/memory/people.js';
import {
  backupOf,
  change,
  contentsOf,
  environmentOf,
  installation,
  newFolder,
  olderInstallation,
  overwrite,
  rowsOf,
} from './files.js';
import { manage } from './terminal.js';

test('a backup holds every row of the database', async () => {
  const database = installation();
  expect(rowsOf(await backupOf(database))).toEqual(rowsOf(database));
});

test('it says where the backup is and how many rows each table has', async () => {
  const backup = join(newFolder(), 'monday.db');
  const database = installation();
  const { code, said, complaint } = await manage(['backup', backup], environmentOf(database));
  expect([code, complaint]).toEqual([0, '']);
  expect(said).toMatch(`Backed up ${database} to ${backup}:`);
  expect(said).toMatch(/^ {2}appointments +[1-9]\d* rows$/m);
});

test('a backup is one file, which only its owner may read', async () => {
  const folder = newFolder();
  const before = process.umask(0o022);
  await manage(['backup', join(folder, 'monday.db')], environmentOf(installation()));
  process.umask(before);
  expect(readdirSync(folder)).toEqual(['monday.db']);
  expect(statSync(join(folder, 'monday.db')).mode & 0o777).toBe(0o600);
});

test('a backup can be read where nothing can be written', async () => {
  const backup = await backupOf(installation());
  chmodSync(backup, 0o400);
  expect(rowsOf(backup)['users']).not.toHaveLength(0);
});

test('the database is left as it was, and nothing beside it', async () => {
  const database = installation();
  const before = contentsOf(dirname(database));
  await backupOf(database);
  expect(contentsOf(dirname(database))).toEqual(before);
});

test('what a server has committed is in it, also while only its log holds it', async () => {
  const { file, transactions, users } = await openDatabase();
  const ada = aUser();
  await transactions.run(() => users.add(ada));
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
  expect(rowsOf(await backupOf(file))['users']).toMatchObject([{ id: ada.id }]);
});

test('what a server has not committed is not in it', async () => {
  const { file, transactions, users } = await openDatabase();
  let backup = '';
  await transactions.run(async () => {
    await users.add(aUser());
    backup = await backupOf(file);
  });
  expect(rowsOf(backup)['users']).toEqual([]);
});

test('what an older version wrote can be backed up: before an upgrade that is the whole point', async () => {
  const database = olderInstallation();
  const { leases, ...older } = rowsOf(database);
  expect(leases).toBeUndefined();
  expect(rowsOf(await backupOf(database))).toEqual(older);
});

describe('taken while the application serves bookings', () => {
  /** Bookings of 30 patients, many at once, and when each was acknowledged. */
  async function busyClinic() {
    const running = await startApp({ clock: new FixedClock(Date.parse('2030-01-06T12:00:00Z')) });
    onTestFinished(() => running.close());
    const crowd = new Crowd([running.app]);
    const doctors = await crowd.doctors(4, ['Europe/Berlin']);
    const patients = await crowd.patients(30);
    const acknowledged: Acknowledged[] = [];
    let next = 0;
    const book = async (): Promise<void> => {
      while (next < 120) {
        const [turn, half] = [next, Math.floor(next / 4)];
        next++;
        const sent = performance.now();
        const { status, body } = await patients[turn % 30]!.client.post('/api/appointments/', {
          doctor: doctors[turn % 4]!.id,
          date: `2030-01-${String(7 + Math.floor(half / 16)).padStart(2, '0')}`,
          time: `${String(9 + Math.floor((half % 16) / 2)).padStart(2, '0')}:${half % 2 === 0 ? '00' : '30'}`,
        });
        expect(status).toBe(201);
        acknowledged.push({
          appointment: body.id as string,
          version: body.version as number,
          sent,
          answered: performance.now(),
        });
      }
    };
    const hands = Promise.all(Array.from({ length: 8 }, book));
    while (acknowledged.length < 30) await sleep(1);
    return { file: running.url.slice('sqlite:'.length), acknowledged, hands };
  }

  function faultsOf(file: string, acknowledged: readonly Acknowledged[], since: number): Promise<string[]> {
    const connection = new SqliteDatabase(file);
    onTestFinished(() => void connection.close());
    const query = async <Row>(sql: string) => connection.prepare(sql).all() as Row[];
    const restored = {
      kind: 'sqlite',
      url: `sqlite:${file}`,
      server: undefined,
      query,
      drop: async () => {},
    } as const;
    return faultsOfBackup(restored, acknowledged, since);
  }

  test('it restores to a moment of the clinic: nothing acknowledged before is missing, nothing is there in half', async () => {
    const { file, acknowledged, hands } = await busyClinic();
    const since = performance.now();
    const backup = await backupOf(file);
    const during = acknowledged.length;
    await hands;
    expect([during >= 30, acknowledged.length]).toEqual([true, 120]);
    const restored = join(newFolder(), 'cybermed.db');
    expect((await manage(['restore', backup], environmentOf(restored))).code).toBe(0);
    expect(await faultsOf(restored, acknowledged, since)).toEqual([]);
  });

  test('a plain copy of the file is not one (control)', async () => {
    const { file, acknowledged, hands } = await busyClinic();
    const since = performance.now();
    const copy = join(newFolder(), 'copy.db');
    // By another process: closing the file here would take SQLite's locks away.
    execFileSync('cp', [file, copy]);
    await hands;
    await expect(faultsOf(copy, acknowledged, since)).resolves.not.toEqual([]);
  });
});

describe('refused, with one line and without a trace', () => {
  interface Case {
    database?: string;
    place: string;
    complaint: string;
  }

  async function expectRefused({ database = installation(), place, complaint }: Case): Promise<void> {
    const folders = [dirname(database), dirname(place)].filter((folder) => existsSync(folder));
    const before = folders.map(contentsOf);
    const told = await manage(['backup', place], environmentOf(database));
    expect(told).toEqual({ code: 1, said: '', complaint });
    expect(folders.map(contentsOf)).toEqual(before);
  }

  test('where there is no database', async () => {
    const database = join(newFolder(), 'clinic.db');
    const complaint = `There is no database at ${database}: nothing to back up.`;
    await expectRefused({ database, place: join(newFolder(), 'monday.db'), complaint });
  });

  test('when something of that name is there, which is never overwritten', async () => {
    const place = join(newFolder(), 'monday.db');
    writeFileSync(place, 'an earlier backup');
    await expectRefused({ place, complaint: `${place} exists already. Name a file that does not.` });
  });

  test('when the name is that of a folder', async () => {
    const place = join(newFolder(), 'backups');
    mkdirSync(place);
    const before = readdirSync(place);
    const told = await manage(['backup', place], environmentOf(installation()));
    expect(told.complaint).toBe(`${place} exists already. Name a file that does not.`);
    expect(readdirSync(place)).toEqual(before);
  });

  test('when there is no such folder', async () => {
    const folder = join(newFolder(), 'backups');
    const complaint = `There is no folder ${folder}. Make it first.`;
    await expectRefused({ place: join(folder, 'monday.db'), complaint });
  });

  test('when the database is of a newer version', async () => {
    const database = installation();
    change(database, `INSERT INTO migrations (timestamp, name) VALUES (9, 'Later9')`);
    const complaint = 'The database was written by a newer version of CyberMed: use that version.';
    await expectRefused({ database, place: join(newFolder(), 'monday.db'), complaint });
  });

  test('when the database is somebody else’s', async () => {
    const database = join(newFolder(), 'music.db');
    change(database, 'CREATE TABLE songs (title varchar)');
    const complaint = 'The database holds no data of CyberMed.';
    await expectRefused({ database, place: join(newFolder(), 'monday.db'), complaint });
  });

  test('when a page of the database was overwritten', async () => {
    const database = installation();
    overwrite(database);
    const { code, complaint } = await manage(
      ['backup', join(newFolder(), 'monday.db')],
      environmentOf(database),
    );
    expect(code).toBe(1);
    expect(complaint).toMatch(/^The database is damaged.*Restore the last good backup\.$/);
  });

  test('when the database is no database', async () => {
    const database = join(newFolder(), 'notes.txt');
    writeFileSync(database, 'not a database at all, but long enough to be looked at. '.repeat(100));
    const told = await manage(['backup', join(newFolder(), 'monday.db')], environmentOf(database));
    expect(told).toEqual({
      code: 1,
      said: '',
      complaint: `${database} is damaged, or no database: file is not a database. Restore the last good backup.`,
    });
  });

  test('when a row of the database lacks what it refers to', async () => {
    const database = installation();
    change(database, 'PRAGMA foreign_keys = OFF', 'DELETE FROM doctors');
    const complaint =
      'The database is damaged, or no database: a row of appointments lacks its doctors. Restore the last good backup.';
    await expectRefused({ database, place: join(newFolder(), 'monday.db'), complaint });
  });
});

test.each([
  [
    'postgres://clinic:secret@db.example.org/clinic',
    'The data is in postgres://db.example.org/clinic. Back it up with pg_dump',
  ],
  [
    'mysql://clinic:secret@db.example.org/clinic',
    'The data is in mysql://db.example.org/clinic. Back it up with mariadb-dump --single-transaction',
  ],
])('for %s it names the command of that server, and no password', async (url, beginning) => {
  const { code, complaint } = await manage(['backup', 'monday.db'], { DATABASE_URL: url });
  expect(code).toBe(1);
  expect(complaint.startsWith(beginning)).toBe(true);
  expect(complaint).not.toContain('secret');
});
