import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { doctorSchema } from '../doctors/adapters/typeorm-doctors.js';
import { sessionSchema } from '../identity/adapters/typeorm-sessions.js';
import { userSchema } from '../identity/adapters/typeorm-users.js';
import { patientSchema } from '../patients/adapters/typeorm-patients.js';
import { agendaSchema } from '../scheduling/adapters/typeorm-agendas.js';
import {
  appointmentSchema,
  historySchema,
  occupiedTimeSchema,
} from '../scheduling/adapters/typeorm-appointments.js';
import { Foundation1764000000000 } from './migrations/1764000000000-foundation.js';

const entities = [
  userSchema,
  sessionSchema,
  doctorSchema,
  patientSchema,
  agendaSchema,
  appointmentSchema,
  historySchema,
  occupiedTimeSchema,
];
const migrations = [Foundation1764000000000];

/** Milliseconds that the driver may block the event loop for another process; the unit of work waits longer. */
const BUSY_TIMEOUT = 50;

/** SQLite's own LOWER knows ASCII only, so that a search for `özlem` would miss Özlem. */
function foldAllLetters(connection: BetterSqlite3.Database): void {
  const lower = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value);
  connection.function('lower', { deterministic: true }, lower);
}

const common = {
  type: 'better-sqlite3',
  entities,
  migrations,
  migrationsTableName: 'migrations',
  synchronize: false,
  timeout: BUSY_TIMEOUT,
} satisfies Partial<DataSourceOptions>;

export function writerOptions(file: string): DataSourceOptions {
  return {
    ...common,
    database: file,
    enableWAL: true,
    prepareDatabase: (connection: BetterSqlite3.Database) => {
      foldAllLetters(connection);
      // A file that is already in WAL mode opens with NORMAL, which may lose the last commits in a power cut.
      connection.pragma('synchronous = FULL');
    },
  };
}

export function readerOptions(file: string): DataSourceOptions {
  return { ...common, database: file, readonly: true, fileMustExist: true, prepareDatabase: foldAllLetters };
}

/** The one writing connection of this process: durable settings asserted, migrations run. */
export async function openWriter(options: DataSourceOptions): Promise<DataSource> {
  mkdirSync(dirname(options.database as string), { recursive: true });
  const writer = new DataSource(options);
  await writer.initialize();
  takeWriteLockAtBegin(writer);
  noticeWhatIsRolledBack(writer);
  await assertPragma(writer, 'journal_mode', 'wal');
  await assertPragma(writer, 'synchronous', 2);
  await assertPragma(writer, 'foreign_keys', 1);
  await writer.runMigrations({ transaction: 'each' });
  // A migration switches it off and on again.
  await assertPragma(writer, 'foreign_keys', 1);
  return writer;
}

/** Opened after the writer and closed before it, else the log would stay beside the file. */
export async function openReader(file: string): Promise<DataSource> {
  const reader = new DataSource(readerOptions(file));
  await reader.initialize();
  return reader;
}

/**
 * A deferred BEGIN takes the write lock at its first write and fails there, beyond retry, if another process wrote
 * since its first read. IMMEDIATE takes it at once.
 */
function takeWriteLockAtBegin(writer: DataSource): void {
  const runner = writer.createQueryRunner();
  const query = runner.query.bind(runner) as (sql: string, ...rest: unknown[]) => Promise<unknown>;
  runner.query = ((sql: string, ...rest: unknown[]) =>
    query(sql === 'BEGIN TRANSACTION' ? 'BEGIN IMMEDIATE' : sql, ...rest)) as typeof runner.query;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Where no transaction is open a ROLLBACK fails: BEGIN has failed, or SQLite has rolled back by itself (a full disk).
 * TypeORM would count the transaction as open ever after, and what later units of work write would never be committed.
 */
function noticeWhatIsRolledBack(writer: DataSource): void {
  const runner = writer.createQueryRunner() as Writable<QueryRunner> & { transactionDepth: number };
  const { databaseConnection } = writer.driver as unknown as { databaseConnection: BetterSqlite3.Database };
  const rollback = runner.rollbackTransaction.bind(runner);
  runner.rollbackTransaction = async () => {
    if (databaseConnection.inTransaction) return rollback();
    runner.isTransactionActive = false;
    runner.transactionDepth = 0;
  };
}

async function assertPragma(writer: DataSource, name: string, wanted: string | number): Promise<void> {
  const [row] = await writer.query<Record<string, unknown>[]>(`PRAGMA ${name}`);
  if (row?.[name] !== wanted)
    throw new Error(`SQLite runs with ${name}=${String(row?.[name])}, not ${wanted}`);
}
