import { SqliteDatabase as Database } from '#libs/persistence/sqlite-driver.js';
import { existsSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataSource } from 'typeorm';
import { expect, test } from 'vitest';
import { openReader } from '../../src/database/data-source.js';
import { sqliteReader } from '../../src/database/sqlite.js';
import { startApp } from '../support/app.js';
import { aUser } from '../support/memory/people.js';
import { migratedFile, newFile, openDatabase, openFile } from './database-file.js';

const FULL = 2;
const NORMAL = 1;

async function pragma(connection: DataSource, name: string): Promise<unknown> {
  const [row] = await connection.query<Record<string, unknown>[]>(`PRAGMA ${name}`);
  return row![name];
}

async function safetyOf(writer: DataSource): Promise<unknown> {
  return {
    journal: await pragma(writer, 'journal_mode'),
    synchronous: await pragma(writer, 'synchronous'),
    foreignKeys: await pragma(writer, 'foreign_keys'),
  };
}

const SAFE = { journal: 'wal', synchronous: FULL, foreignKeys: 1 };

test('a new file is in WAL mode, synced in full, with foreign keys', async () => {
  const { writer } = await openDatabase(newFile());
  expect(await safetyOf(writer)).toEqual(SAFE);
});

test('so is a file that is in WAL mode already, at every open', async () => {
  const file = migratedFile();
  for (let open = 0; open < 3; open++) {
    const writer = await openFile(file);
    expect(await safetyOf(writer)).toEqual(SAFE);
    await writer.destroy();
  }
});

test('the application opens its file so', async () => {
  const running = await startApp();
  expect(await safetyOf(running.app.get(DataSource))).toEqual(SAFE);
  await running.close();
});

test('without being told, the same file opens without full sync (control)', () => {
  const file = migratedFile();
  const connection = new Database(file);
  expect(connection.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(connection.pragma('synchronous', { simple: true })).toBe(NORMAL);
  connection.close();
});

test('it refuses to start where one of the settings does not hold', async () => {
  const file = migratedFile();
  await expect(openFile(file, { prepareDatabase: () => {} })).rejects.toThrow(
    'SQLite runs with synchronous=1, not 2',
  );
  await expect(openFile(newFile(), { enableWAL: false })).rejects.toThrow(
    'SQLite runs with journal_mode=delete, not wal',
  );
});

test('foreign keys are kept to', async () => {
  const { writer, transactions } = await openDatabase();
  const insert = transactions.run(() =>
    writer.query(`
      INSERT INTO sessions (id, user_id, nonce, counter, opened_at, refreshed_at)
      VALUES ('id', 'nobody', 'nonce', 0, 0, 0)`),
  );
  await expect(insert).rejects.toThrow('FOREIGN KEY constraint failed');
});

test('the reader refuses to write', async () => {
  const { reader } = await openDatabase();
  const insert = reader.query(`INSERT INTO agendas VALUES ('somebody')`);
  await expect(insert).rejects.toThrow('attempt to write a readonly database');
});

test('the reader makes no file', async () => {
  const file = newFile();
  await expect(new DataSource(sqliteReader(file)).initialize()).rejects.toThrow();
  expect(existsSync(file)).toBe(false);
});

test('nothing is left beside the file when reader and then writer are closed', async () => {
  const { file, reader, writer, transactions, users } = await openDatabase();
  await transactions.run(() => users.add(aUser()));
  expect(existsSync(`${file}-wal`)).toBe(true);
  await reader.destroy();
  await writer.destroy();
  expect(readdirSync(dirname(file))).toEqual(['cybermed.db']);
});

test('closed the other way round the log stays (control)', async () => {
  const file = migratedFile();
  const writer = await openFile(file);
  const reader = await openReader({ kind: 'sqlite', file });
  await reader.query('SELECT 1 FROM users');
  await writer.destroy();
  await reader.destroy();
  expect(existsSync(`${file}-wal`)).toBe(true);
});

test('the application leaves nothing beside its file', async () => {
  const file = newFile();
  const running = await startApp({ env: { DATABASE_URL: `sqlite:${file}` } });
  await running.close();
  expect(readdirSync(dirname(file))).toEqual(['cybermed.db']);
});
