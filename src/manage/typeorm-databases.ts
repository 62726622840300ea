import { DataSource, type DataSourceOptions } from 'typeorm';
import type { SqliteConnection } from '#libs/persistence/sqlite-driver.js';
import { describeTarget, type DatabaseTarget } from '../config.js';
import { openWriter, writerOptions } from '../database/data-source.js';
import { Refused, toldBySystem } from './refused.js';
import { assertWhole, claim, refusingDamage } from './sqlite-file.js';
import { tableNames, Tables } from './typeorm-tables.js';

/** To read a file that nobody changes. */
export async function openFile(file: string): Promise<DataSource> {
  return openSqlite(file, { readonly: true });
}

const REMEDY = 'Restore a backup first.';

/** Throws Refused while a server uses the file; until it is closed none can start. */
export async function openAlone(file: string): Promise<DataSource> {
  return openSqlite(file, {
    prepareDatabase: (connection: SqliteConnection) => {
      try {
        refusingDamage(file, REMEDY, () => claim(connection));
        assertWhole(connection, file, REMEDY);
      } catch (error) {
        connection.close();
        throw error;
      }
    },
  });
}

async function openSqlite(file: string, more: object): Promise<DataSource> {
  const options = await writerOptions({ kind: 'sqlite', file });
  const dataSource = new DataSource({
    ...options,
    enableWAL: false,
    fileMustExist: true,
    prepareDatabase: undefined,
    ...more,
  } as DataSourceOptions);
  return dataSource.initialize();
}

/** Throws Refused unless this version made the tables, or an older one whose changes this one adds to. */
export async function assertKnown(dataSource: DataSource, name: string): Promise<void> {
  const { done, known } = await migrationsOf(dataSource);
  if (done.length === 0) throw new Refused(`${name} holds no data of CyberMed.`);
  if (done.some((one) => !known.includes(one)))
    throw new Refused(`${name} was written by a newer version of CyberMed: use that version.`);
}

/** As `assertKnown`, and no change is left to be made. */
export async function assertCurrent(dataSource: DataSource, name: string): Promise<void> {
  await assertKnown(dataSource, name);
  const { done, known } = await migrationsOf(dataSource);
  if (known.some((one) => !done.includes(one)))
    throw new Refused(
      `${name} was written by an older version of CyberMed: start this version on it once, stop it, then try again.`,
    );
}

async function migrationsOf(dataSource: DataSource): Promise<{ done: string[]; known: string[] }> {
  const known = dataSource.migrations.map(({ name, constructor }) => name ?? constructor.name);
  const table = dataSource.options.migrationsTableName!;
  if (!(await tableNames(dataSource)).includes(table)) return { done: [], known };
  const rows = await dataSource.query<{ name: string }[]>(
    `SELECT name FROM ${dataSource.driver.escape(table)}`,
  );
  return { done: rows.map(({ name }) => name), known };
}

/** A server's database that nobody used yet, or without a row; with all tables afterwards. Throws Refused. */
export async function openEmpty(target: DatabaseTarget): Promise<DataSource> {
  const name = describeTarget(target);
  try {
    const options = await writerOptions(target, 2);
    const first = await new DataSource(options).initialize();
    try {
      await assertEmpty(first, name);
    } finally {
      await first.destroy();
    }
    return await openWriter(options);
  } catch (error) {
    const told = toldBySystem(error);
    if (told === undefined) throw error;
    throw new Refused(`${name} cannot be used: ${told}`);
  }
}

async function assertEmpty(dataSource: DataSource, name: string): Promise<void> {
  const present = await tableNames(dataSource);
  if (present.length === 0) return;
  const remedy = 'Nothing was changed. Name an empty database.';
  const { done } = await migrationsOf(dataSource);
  if (done.length === 0) throw new Refused(`${name} holds tables that are not CyberMed’s. ${remedy}`);
  await assertKnown(dataSource, name);
  const tables = new Tables(dataSource.manager);
  for (const table of tables.all) {
    const rows = present.includes(table.name) ? await tables.count(table) : 0;
    if (rows > 0) throw new Refused(`${name} is not empty: ${table.name} has rows. ${remedy}`);
  }
}

/** One transaction. It waits as long as it takes: the limits on a server's sessions are made for requests. */
export async function inOneTransaction(
  target: DataSource,
  work: (tables: Tables) => Promise<void>,
): Promise<void> {
  await target.transaction(async (manager) => {
    if (target.options.type === 'postgres') {
      await manager.query('SET LOCAL statement_timeout = 0');
      await manager.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    }
    await work(new Tables(manager));
  });
}
