import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm';
import { SqliteDatabase, type SqliteConnection } from '#libs/persistence/sqlite-driver.js';

/** Milliseconds that the driver may block the event loop for another process; the unit of work waits longer. */
const BUSY_TIMEOUT = 50;

/** SQLite's own LOWER knows ASCII only, so that a search for `özlem` would miss Özlem. */
function foldAllLetters(connection: SqliteConnection): void {
  const lower = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value);
  connection.function('lower', { deterministic: true }, lower);
}

export function sqliteWriter(file: string): DataSourceOptions {
  mkdirSync(dirname(file), { recursive: true });
  return {
    type: 'better-sqlite3',
    driver: SqliteDatabase,
    database: file,
    timeout: BUSY_TIMEOUT,
    enableWAL: true,
    prepareDatabase: (connection: SqliteConnection) => {
      foldAllLetters(connection);
      // A file that is already in WAL mode opens with NORMAL, which may lose the last commits in a power cut.
      connection.pragma('synchronous = FULL');
    },
  };
}

export function sqliteReader(file: string): DataSourceOptions {
  return {
    type: 'better-sqlite3',
    driver: SqliteDatabase,
    database: file,
    timeout: BUSY_TIMEOUT,
    readonly: true,
    fileMustExist: true,
    prepareDatabase: foldAllLetters,
  };
}

/**
 * A deferred BEGIN takes the write lock at its first write and fails there, beyond retry, if another process wrote
 * since its first read. IMMEDIATE takes it at once.
 */
export function takeWriteLockAtBegin(writer: DataSource): void {
  const runner = writer.createQueryRunner();
  const query = runner.query.bind(runner) as (sql: string, ...rest: unknown[]) => Promise<unknown>;
  runner.query = ((sql: string, ...rest: unknown[]) =>
    query(sql === 'BEGIN TRANSACTION' ? 'BEGIN IMMEDIATE' : sql, ...rest)) as typeof runner.query;
}

/**
 * What an earlier process left in the log may never have been synced, if it died of that. Copied into the file, which is
 * synced, it needs the log no longer; else what is acknowledged from now on would lie behind it, and be lost with it.
 */
export async function emptyLog(writer: DataSource): Promise<void> {
  await writer.query('PRAGMA wal_checkpoint(TRUNCATE)');
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Where no transaction is open a ROLLBACK fails: BEGIN has failed, or SQLite has rolled back by itself (a full disk).
 * TypeORM would count the transaction as open ever after, and what later units of work write would never be committed.
 */
export function noticeWhatIsRolledBack(writer: DataSource): void {
  const runner = writer.createQueryRunner() as Writable<QueryRunner> & { transactionDepth: number };
  const { databaseConnection } = writer.driver as unknown as { databaseConnection: SqliteConnection };
  const rollback = runner.rollbackTransaction.bind(runner);
  runner.rollbackTransaction = async () => {
    if (databaseConnection.inTransaction) return rollback();
    runner.isTransactionActive = false;
    runner.transactionDepth = 0;
  };
}

export async function assertDurable(writer: DataSource): Promise<void> {
  await assertPragma(writer, 'journal_mode', 'wal');
  await assertPragma(writer, 'synchronous', 2);
  await assertPragma(writer, 'foreign_keys', 1);
}

async function assertPragma(writer: DataSource, name: string, wanted: string | number): Promise<void> {
  const [row] = await writer.query<Record<string, unknown>[]>(`PRAGMA ${name}`);
  if (row?.[name] !== wanted)
    throw new Error(`SQLite runs with ${name}=${String(row?.[name])}, not ${wanted}`);
}
