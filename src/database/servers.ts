import type { EventEmitter } from 'node:events';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import type { DataSource, DataSourceOptions } from 'typeorm';

/** Milliseconds: a unit of work waits so long for a lock, and a statement runs no longer. */
const LOCK_TIMEOUT = 5_000;
const STATEMENT_TIMEOUT = 15_000;
const CONNECT_TIMEOUT = 5_000;

/** What both servers are told: each unit decides on what is committed when it has the locks. */
const common = { isolationLevel: 'READ COMMITTED' } as const;

export type Access = 'read-only' | 'read-write';

export function postgresOptions(url: string, pool: number, access: Access): DataSourceOptions {
  return {
    ...common,
    type: 'postgres',
    url,
    applicationName: 'cybermed',
    // A broken idle connection is replaced; without a handler it would end the process.
    poolErrorHandler: () => {},
    extra: {
      max: pool,
      // So would one that breaks while the pool hands it over, when neither pool nor TypeORM listens.
      onConnect: (client: EventEmitter) => void client.on('error', () => {}),
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      lock_timeout: LOCK_TIMEOUT,
      statement_timeout: STATEMENT_TIMEOUT,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT,
      ...(access === 'read-only' && { options: '-c default_transaction_read_only=on' }),
    },
  };
}

/** Both speak one protocol, but describe their columns differently. */
export async function mysqlOptions(url: string, pool: number): Promise<DataSourceOptions> {
  const connection = await createConnection({ uri: url, connectTimeout: CONNECT_TIMEOUT });
  const [[row]] = await connection.query<({ version: string } & RowDataPacket)[]>(
    'SELECT VERSION() AS version',
  );
  await connection.end();
  return {
    ...common,
    type: /mariadb/i.test(row!.version) ? 'mariadb' : 'mysql',
    url,
    // Without it dates would be written in the zone of this process.
    timezone: 'Z',
    charset: 'utf8mb4_bin',
    connectTimeout: CONNECT_TIMEOUT,
    // Its stack for each query costs a third of the query; the error of TypeORM has one.
    trace: false,
    extra: { connectionLimit: pool },
  };
}

interface MySqlPool {
  on(event: 'connection', listener: (connection: { query(sql: string): void }) => void): void;
}

/** MySQL takes these per session only: each connection of the pool is told when it opens. */
export async function limitMySqlSessions(dataSource: DataSource, access: Access): Promise<void> {
  const limits = [
    `innodb_lock_wait_timeout = ${LOCK_TIMEOUT / 1000}`,
    dataSource.options.type === 'mariadb'
      ? `max_statement_time = ${STATEMENT_TIMEOUT / 1000}`
      : `max_execution_time = ${STATEMENT_TIMEOUT}`,
  ];
  const statements = [
    `SET SESSION ${limits.join(', ')}`,
    ...(access === 'read-only' ? ['SET SESSION TRANSACTION READ ONLY'] : []),
  ];
  (dataSource.driver as unknown as { pool: MySqlPool }).pool.on('connection', (connection) => {
    for (const sql of statements) connection.query(sql);
  });
  // The one that opened the pool came before the listener.
  for (const sql of statements) await dataSource.query(sql);
}

/** Settings under which an acknowledged write could be lost; empty when all is well. */
export async function unsafeDurability(dataSource: DataSource): Promise<string[]> {
  return dataSource.options.type === 'postgres' ? unsafePostgres(dataSource) : unsafeMySql(dataSource);
}

async function unsafePostgres(dataSource: DataSource): Promise<string[]> {
  const wanted: Record<string, readonly string[]> = {
    fsync: ['on'],
    full_page_writes: ['on'],
    synchronous_commit: ['on', 'remote_apply', 'remote_write', 'local'],
  };
  const rows = await dataSource.query<{ name: string; setting: string }[]>(
    `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')`,
  );
  return rows
    .filter(({ name, setting }) => !wanted[name]!.includes(setting))
    .map(({ name, setting }) => `${name}=${setting}`);
}

async function unsafeMySql(dataSource: DataSource): Promise<string[]> {
  const [row] = await dataSource.query<Record<string, number | string>[]>(
    'SELECT @@innodb_flush_log_at_trx_commit AS flush, @@innodb_doublewrite AS doublewrite, @@log_bin AS log_bin, @@sync_binlog AS sync_binlog',
  );
  return [
    ...(Number(row!['flush']) === 1 ? [] : [`innodb_flush_log_at_trx_commit=${row!['flush']}`]),
    ...(['0', 'OFF'].includes(String(row!['doublewrite']))
      ? [`innodb_doublewrite=${row!['doublewrite']}`]
      : []),
    ...(Number(row!['log_bin']) === 1 && Number(row!['sync_binlog']) !== 1
      ? [`sync_binlog=${row!['sync_binlog']}`]
      : []),
  ];
}

interface PostgresPool {
  totalCount: number;
  idleCount: number;
}

/** Only mysql2's inner pool counts, and says so to nobody. */
interface MySqlCounts {
  pool?: { _allConnections?: { length: number }; _freeConnections?: { length: number } };
  _allConnections?: { length: number };
  _freeConnections?: { length: number };
}

/** Of one pool, at this moment; none where there is no pool. */
export function connectionsInUse({ driver, options }: DataSource): number {
  if (options.type === 'postgres') {
    const { totalCount, idleCount } = (driver as unknown as { master: PostgresPool }).master;
    return totalCount - idleCount;
  }
  if (options.type === 'better-sqlite3') return 0;
  const { pool } = driver as unknown as { pool: MySqlCounts };
  const counts = pool.pool ?? pool;
  return (counts['_allConnections']?.length ?? 0) - (counts['_freeConnections']?.length ?? 0);
}
