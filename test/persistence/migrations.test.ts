import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { expect, test } from 'vitest';
import { SqliteDatabase as Database } from '#libs/persistence/sqlite-driver.js';
import { aUser } from '../support/memory/people.js';
import { migratedFile, newFile, openDatabase, openFile } from './database-file.js';

const WITHOUT_KEY =
  'CREATE TABLE without_key (person varchar(36) NOT NULL, tick bigint NOT NULL, appointment_id varchar(36) NOT NULL);';

async function differences(database: DataSource): Promise<string[]> {
  const { upQueries } = await database.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}

async function tables(database: DataSource): Promise<string[]> {
  const rows = await database.query<{ name: string }[]>(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
  );
  return rows.map(({ name }) => name);
}

test('a migrated empty database is what the schemas say', async () => {
  const { writer } = await openDatabase(newFile());
  expect(await differences(writer)).toEqual([]);
});

test.each([
  ['an index is missing', 'DROP INDEX appointments_starts'],
  ['a column is missing', 'ALTER TABLE users DROP COLUMN gender'],
  ['a column is nobody’s', 'ALTER TABLE users ADD COLUMN nickname varchar(10)'],
  ['a table is missing', 'DROP TABLE occupied_time'],
  [
    'a table lost its key',
    `${WITHOUT_KEY} DROP TABLE occupied_time; ALTER TABLE without_key RENAME TO occupied_time`,
  ],
])('a difference is found where %s (control)', async (_, change) => {
  const { writer } = await openDatabase(newFile());
  for (const statement of change.split(';')) await writer.query(statement);
  expect(await differences(writer)).not.toEqual([]);
});

test('going back leaves no table, and coming again makes the same ones', async () => {
  const { writer, transactions, users } = await openDatabase(newFile());
  const all = await tables(writer);
  expect(all).toContain('appointments');
  for (const _ of writer.migrations) await writer.undoLastMigration({ transaction: 'each' });
  expect(await tables(writer)).toEqual(['migrations']);
  await writer.runMigrations({ transaction: 'each' });
  expect(await tables(writer)).toEqual(all);
  expect(await differences(writer)).toEqual([]);
  const ada = aUser();
  await transactions.run(() => users.add(ada));
  expect(await users.find(ada.id)).toEqual(ada);
});

test('a process whose migration fails because another migrates opens the file as safely as any', async () => {
  const file = newFile();
  const other = new Database(file);
  const template = new Database(migratedFile(), { readonly: true });
  const made = template
    .prepare<[], { sql: string }>(
      `SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'`,
    )
    .all();
  const done = template.prepare<[], { timestamp: number; name: string }>('SELECT * FROM migrations').all();
  template.close();
  for (const { sql } of made) other.exec(sql);
  const opening = openFile(file);
  await sleep(300);
  const note = other.prepare('INSERT INTO migrations (timestamp, name) VALUES (?, ?)');
  for (const { timestamp, name } of done) note.run(timestamp, name);
  other.close();
  const writer = await opening;
  expect(await writer.query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
  await writer.destroy();
});

test('a database that is migrated already is opened as it is', async () => {
  const file = newFile();
  const { transactions, users, reader, writer } = await openDatabase(file);
  const ada = aUser();
  await transactions.run(() => users.add(ada));
  await reader.destroy();
  await writer.destroy();
  const again = await openFile(file);
  expect(await again.runMigrations()).toEqual([]);
  expect(await again.query('SELECT id FROM users')).toEqual([{ id: ada.id }]);
  await again.destroy();
});
