import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../persistence/database-file.js';
import { startApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { aUser } from '../support/memory/people.js';
import {
  backupOf,
  change,
  contentsOf,
  environmentOf,
  installation,
  newFolder,
  overwrite,
  rowsOf,
} from './files.js';
import { manage } from './terminal.js';

/** The only other file of a database's folder: what was there before. */
function keptBeside(database: string): string {
  const [kept, ...more] = readdirSync(dirname(database)).filter((name) => /\.before-\w+\.\w+Z$/.test(name));
  expect([kept, more]).toEqual([expect.any(String), []]);
  return join(dirname(database), kept!);
}

async function restore(database: string, backup: string): Promise<string> {
  const { code, said, complaint } = await manage(['restore', backup], environmentOf(database));
  expect([code, complaint]).toEqual([0, '']);
  return said;
}

test('a restored database holds every row of the backup, and none besides', async () => {
  const database = installation();
  const backup = await backupOf(database);
  const wanted = rowsOf(database);
  change(database, `UPDATE users SET first_name = 'Later'`, 'DELETE FROM appointment_history');
  await restore(database, backup);
  expect(rowsOf(database)).toEqual(wanted);
});

test('the database before is kept beside it, whole', async () => {
  const database = installation();
  const backup = await backupOf(database);
  change(database, `UPDATE users SET first_name = 'Later'`);
  const before = rowsOf(database);
  const said = await restore(database, backup);
  const kept = keptBeside(database);
  expect(said).toMatch(`The database before is kept as ${kept}\nRestored ${backup} to ${database}:`);
  expect(rowsOf(kept)).toEqual(before);
  expect(readdirSync(dirname(database))).toHaveLength(2);
});

test('the backup stays as it is', async () => {
  const backup = await backupOf(installation());
  const before = contentsOf(dirname(backup));
  await restore(installation('empty'), backup);
  expect(contentsOf(dirname(backup))).toEqual(before);
});

test('where there is no database yet, one is made that only its owner may read', async () => {
  const source = installation();
  const database = join(newFolder(), 'data', 'cybermed.db');
  const said = await restore(database, await backupOf(source));
  expect(said).not.toContain('kept');
  expect(rowsOf(database)).toEqual(rowsOf(source));
  expect(statSync(database).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(database))).toEqual(['cybermed.db']);
});

test('the application starts on it and shows the appointments of the time of the backup', async () => {
  const database = installation();
  const backup = await backupOf(database);
  change(
    database,
    'DELETE FROM occupied_time',
    'DELETE FROM appointment_history',
    'DELETE FROM appointments',
  );
  await restore(database, backup);
  const running = await startApp({ env: environmentOf(database) });
  onTestFinished(() => running.close());
  const lena = await new Client(running.app).as('lena.fischer');
  const { body } = await lena.get('/api/appointments/');
  expect(body.results).toHaveLength(3);
});

test('what a killed server left in its log is kept too', async () => {
  const { file, transactions, users } = await openDatabase();
  const ada = aUser();
  await transactions.run(() => users.add(ada));
  const database = join(newFolder(), 'cybermed.db');
  for (const end of ['', '-wal']) copyFileSync(file + end, database + end);
  await restore(database, await backupOf(installation()));
  expect(rowsOf(keptBeside(database))['users']).toMatchObject([{ id: ada.id }]);
  expect(rowsOf(database)['users']).not.toMatchObject([{ id: ada.id }]);
});

test.each([
  ['with a page overwritten', overwrite],
  ['that is no database any more', (file: string) => writeFileSync(file, 'lost. '.repeat(10_000))],
])('a database %s is replaced, and kept as it is', async (_, damage) => {
  const database = installation();
  const backup = await backupOf(database);
  damage(database);
  const damaged = contentsOf(dirname(database))['cybermed.db'];
  await restore(database, backup);
  expect(contentsOf(dirname(database))[basename(keptBeside(database))]).toBe(damaged);
  expect(rowsOf(database)).toEqual(rowsOf(backup));
});

test('the log that a killed server left beside a damaged database is not taken for the restored one’s', async () => {
  const { file, transactions, users } = await openDatabase();
  await transactions.run(() => users.add(aUser()));
  const database = join(newFolder(), 'cybermed.db');
  writeFileSync(database, 'lost. '.repeat(10_000));
  copyFileSync(`${file}-wal`, `${database}-wal`);
  const backup = await backupOf(installation());
  await restore(database, backup);
  expect(existsSync(`${database}-wal`)).toBe(false);
  expect(rowsOf(database)).toEqual(rowsOf(backup));
});

test('a link to the database stays one', async () => {
  const database = installation();
  const link = join(newFolder(), 'current.db');
  symlinkSync(database, link);
  await restore(link, await backupOf(installation('empty')));
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(rowsOf(database)['users']).toEqual([]);
  expect(rowsOf(keptBeside(database))['users']).not.toEqual([]);
});

describe('refused, with one line, and nothing is changed', () => {
  async function expectRefused(backup: string, complaint: string, database = installation()): Promise<void> {
    const folders = [dirname(database), dirname(backup)];
    const before = folders.map(contentsOf);
    const told = await manage(['restore', backup], environmentOf(database));
    expect(told).toEqual({ code: 1, said: '', complaint });
    expect(folders.map(contentsOf)).toEqual(before);
  }

  test('beside a running server, which goes on serving', async () => {
    const database = installation();
    const backup = await backupOf(database);
    const running = await startApp({ env: environmentOf(database) });
    onTestFinished(() => running.close());
    const files = readdirSync(dirname(database));
    const told = await manage(['restore', backup], environmentOf(database));
    expect(told.code).toBe(1);
    expect(told.complaint).toBe(
      `A server or another command uses ${database}. Stop it (Ctrl+C, or systemctl stop cybermed), then try again.`,
    );
    expect(readdirSync(dirname(database))).toEqual(files);
    const lena = await new Client(running.app).as('lena.fischer');
    expect((await lena.patch('/api/auth/me/', { first_name: 'Lene' })).status).toBe(200);
  });

  test('when there is no such file', async () => {
    const backup = join(newFolder(), 'monday.db');
    await expectRefused(backup, `There is no file ${backup}.`);
  });

  test('when it is a folder', async () => {
    const backup = join(newFolder(), 'backups');
    mkdirSync(backup);
    const told = await manage(['restore', backup], environmentOf(installation()));
    expect(told.complaint).toBe(`There is no file ${backup}.`);
  });

  test('when it is the database itself, also by another name', async () => {
    const database = installation();
    const link = join(newFolder(), 'link.db');
    symlinkSync(database, link);
    for (const name of [database, link])
      await expectRefused(name, `${name} is the database itself. Name a backup.`, database);
  });

  test('when a log lies beside it: it is a copy of a database in use', async () => {
    const backup = await backupOf(installation());
    writeFileSync(`${backup}-wal`, 'what was committed last');
    await expectRefused(
      backup,
      `${backup} has a log beside it (-wal): it is a database in use, no finished backup.`,
    );
  });

  test('when a page of it was overwritten', async () => {
    const backup = await backupOf(installation());
    overwrite(backup);
    const database = installation();
    const before = contentsOf(dirname(database));
    const { code, complaint } = await manage(['restore', backup], environmentOf(database));
    expect(code).toBe(1);
    expect(complaint).toMatch(/^[^\n]*backup\.db is damaged[^\n]*Name another backup\.$/);
    expect(contentsOf(dirname(database))).toEqual(before);
  });

  test('when it is cut short', async () => {
    const backup = await backupOf(installation());
    const cut = join(newFolder(), 'cut.db');
    copyFileSync(backup, cut);
    truncateSync(cut, statSync(backup).size - 4096 * 3);
    const { code, complaint } = await manage(['restore', cut], environmentOf(installation()));
    expect(code).toBe(1);
    expect(complaint).toMatch(/^[^\n]*cut\.db is damaged/);
  });

  test('when it is no database', async () => {
    const backup = join(newFolder(), 'notes.txt');
    writeFileSync(backup, 'not a database at all, but long enough to be looked at. '.repeat(100));
    const complaint = `${backup} is damaged, or no database: file is not a database. Name another backup.`;
    await expectRefused(backup, complaint);
  });

  test('when it is empty', async () => {
    const backup = join(newFolder(), 'empty.db');
    writeFileSync(backup, '');
    await expectRefused(backup, `${backup} holds no data of CyberMed.`);
  });

  test('when it is somebody else’s', async () => {
    const backup = join(newFolder(), 'music.db');
    change(backup, 'CREATE TABLE songs (title varchar)');
    await expectRefused(backup, `${backup} holds no data of CyberMed.`);
  });

  test('when a newer version wrote it', async () => {
    const backup = await backupOf(installation());
    change(backup, `INSERT INTO migrations (timestamp, name) VALUES (9, 'Later9')`);
    await expectRefused(backup, `${backup} was written by a newer version of CyberMed: use that version.`);
  });
});

test.each([
  ['postgres://clinic:secret@db.example.org/clinic', 'pg_restore'],
  ['mysql://clinic:secret@db.example.org/clinic', 'the mariadb client'],
])('for %s it names the command of that server, and no password', async (url, command) => {
  const { code, complaint } = await manage(['restore', 'monday.db'], { DATABASE_URL: url });
  expect(code).toBe(1);
  expect(complaint).toContain(`Restore into a new database with ${command}`);
  expect(complaint).not.toContain('secret');
});
