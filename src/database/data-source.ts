import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { auditBatchSchema, auditMemberSchema } from '../audit/adapters/typeorm-audit-chain.js';
import { auditRecordSchema, auditUnsealedSchema } from '../audit/adapters/typeorm-audit-trail.js';
import { doctorSchema } from '../doctors/adapters/typeorm-doctors.js';
import { discardedPhotoSchema } from '../identity/adapters/typeorm-discarded-photos.js';
import { passwordResetSchema } from '../identity/adapters/typeorm-password-resets.js';
import { sessionSchema } from '../identity/adapters/typeorm-sessions.js';
import { tryBudgetSchema } from '../identity/adapters/typeorm-try-budgets.js';
import { userSchema } from '../identity/adapters/typeorm-users.js';
import { leaseSchema } from '../jobs/adapters/typeorm-leases.js';
import { patientSchema } from '../patients/adapters/typeorm-patients.js';
import { absenceSchema } from '../scheduling/adapters/typeorm-absences.js';
import { agendaSchema } from '../scheduling/adapters/typeorm-agendas.js';
import { appointmentSchema, historySchema } from '../scheduling/adapters/typeorm-appointments.js';
import { occupiedTimeSchema } from '../scheduling/adapters/typeorm-occupied-time.js';
import { seriesSchema } from '../scheduling/adapters/typeorm-series-register.js';
import { idempotencyKeySchema } from '../scheduling/adapters/typeorm-idempotency-keys.js';
import { overrideSchema } from '../scheduling/adapters/typeorm-overrides.js';
import { slotPolicySchema } from '../scheduling/adapters/typeorm-slot-policies.js';
import type { DatabaseTarget } from '../config.js';
import { Foundation1764000000000 } from './migrations/1764000000000-foundation.js';
import { Availability1764200000000 } from './migrations/1764200000000-availability.js';
import { Leases1764100000000 } from './migrations/1764100000000-leases.js';
import { Actions1764150000000 } from './migrations/1764150000000-actions.js';
import { Series1764300000000 } from './migrations/1764300000000-series.js';
import { Accounts1764400000000 } from './migrations/1764400000000-accounts.js';
import { PasswordResets1764450000000 } from './migrations/1764450000000-password-resets.js';
import { TryBudgets1764500000000 } from './migrations/1764500000000-try-budgets.js';
import { Approval1764550000000 } from './migrations/1764550000000-approval.js';
import { Audit1764600000000 } from './migrations/1764600000000-audit.js';
import { Photos1764650000000 } from './migrations/1764650000000-photos.js';
import { Closing1764700000000 } from './migrations/1764700000000-closing.js';
import { ReplacedVisits1764750000000 } from './migrations/1764750000000-replaced-visits.js';
import { limitMySqlSessions, mysqlOptions, postgresOptions, type Access } from './servers.js';
import {
  assertDurable,
  emptyLog,
  noticeWhatIsRolledBack,
  sqliteReader,
  sqliteWriter,
  takeWriteLockAtBegin,
} from './sqlite.js';

const schemas = {
  entities: [
    userSchema,
    sessionSchema,
    passwordResetSchema,
    discardedPhotoSchema,
    doctorSchema,
    patientSchema,
    agendaSchema,
    seriesSchema,
    appointmentSchema,
    historySchema,
    occupiedTimeSchema,
    idempotencyKeySchema,
    slotPolicySchema,
    overrideSchema,
    absenceSchema,
    leaseSchema,
    tryBudgetSchema,
    auditRecordSchema,
    auditUnsealedSchema,
    auditBatchSchema,
    auditMemberSchema,
  ],
  migrations: [
    Foundation1764000000000,
    Leases1764100000000,
    Actions1764150000000,
    Availability1764200000000,
    Series1764300000000,
    Accounts1764400000000,
    PasswordResets1764450000000,
    TryBudgets1764500000000,
    Approval1764550000000,
    Audit1764600000000,
    Photos1764650000000,
    Closing1764700000000,
    ReplacedVisits1764750000000,
  ],
  migrationsTableName: 'migrations',
  synchronize: false,
};

export async function writerOptions(target: DatabaseTarget, pool = 10): Promise<DataSourceOptions> {
  const options =
    target.kind === 'sqlite' ? sqliteWriter(target.file) : await serverOptions(target, pool, 'read-write');
  return { ...options, ...schemas };
}

function serverOptions(
  { kind, url }: Exclude<DatabaseTarget, { kind: 'sqlite' }>,
  pool: number,
  access: Access,
) {
  return kind === 'postgres' ? postgresOptions(url, pool, access) : mysqlOptions(url, pool);
}

/** The writing connection, or the pool of a server: durable settings asserted, migrations run. */
export async function openWriter(options: DataSourceOptions): Promise<DataSource> {
  const writer = new DataSource(options);
  await writer.initialize();
  if (options.type === 'better-sqlite3') {
    takeWriteLockAtBegin(writer);
    noticeWhatIsRolledBack(writer);
    await assertDurable(writer);
    await emptyLog(writer);
  }
  if (options.type === 'mysql' || options.type === 'mariadb') await limitMySqlSessions(writer, 'read-write');
  await migrate(writer);
  // A migration switches foreign keys off and on again.
  if (options.type === 'better-sqlite3') await assertDurable(writer);
  return writer;
}

/**
 * Where reads outside a unit of work go: connections that cannot write. SQLite's is opened after the writer and closed
 * before it, else the log would stay beside the file.
 */
export async function openReader(target: DatabaseTarget, pool = 10): Promise<DataSource> {
  const options =
    target.kind === 'sqlite' ? sqliteReader(target.file) : await serverOptions(target, pool, 'read-only');
  const reader = new DataSource({ ...options, ...schemas });
  await reader.initialize();
  if (target.kind === 'mysql') await limitMySqlSessions(reader, 'read-only');
  return reader;
}

/** Any fixed number: the name under which nodes that start together take turns at migrating. */
const MIGRATION_LOCK = 764_210_233;

const GET_LOCK: [string, string] = [
  `SELECT GET_LOCK('${MIGRATION_LOCK}', 60)`,
  `SELECT RELEASE_LOCK('${MIGRATION_LOCK}')`,
];

async function migrate(writer: DataSource): Promise<void> {
  const locks: Partial<Record<string, [string, string]>> = {
    postgres: [`SELECT pg_advisory_lock(${MIGRATION_LOCK})`, `SELECT pg_advisory_unlock(${MIGRATION_LOCK})`],
    mysql: GET_LOCK,
    mariadb: GET_LOCK,
  };
  const [lock, unlock] = locks[writer.options.type] ?? [];
  if (lock === undefined || unlock === undefined) return migrateFile(writer);
  const runner = writer.createQueryRunner();
  try {
    await runner.query(lock);
    if (lock === GET_LOCK[0]) await compareByCodePoint(runner);
    await writer.runMigrations({ transaction: 'each' });
  } finally {
    await runner.query(unlock);
    await runner.release();
  }
}

/**
 * MySQL's usual collations take `ß` for `ss` and `É` for `e`: emails that differ would be one account. New tables get the
 * database's, and one that was restored into a new database has the server's again.
 */
async function compareByCodePoint(runner: QueryRunner): Promise<void> {
  const [row] = (await runner.query('SELECT @@collation_database AS collation')) as { collation: string }[];
  if (row?.collation !== COLLATION)
    await runner.query(`ALTER DATABASE CHARACTER SET utf8mb4 COLLATE ${COLLATION}`);
}

const COLLATION = 'utf8mb4_bin';

const ATTEMPTS = 8;

/** SQLite knows no lock beyond a transaction: a process that loses the race finds the work done when it looks again. */
async function migrateFile(writer: DataSource, attempt = 1): Promise<void> {
  try {
    await writer.runMigrations({ transaction: 'each' });
  } catch (error) {
    if (attempt === ATTEMPTS) throw error;
    // A migration that fails leaves them off, and the next attempt may find nothing left to migrate.
    await writer.query('PRAGMA foreign_keys = ON');
    await sleep(50 * attempt);
    await migrateFile(writer, attempt + 1);
  }
}
