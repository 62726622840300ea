import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, createPool } from 'mysql2/promise';
import pg from 'pg';
import { SqliteDatabase } from '#libs/persistence/sqlite-driver.js';
import { mysqlServer, postgresServer, type Server } from '../../test/support/servers.js';
import { atEnd } from './endings.js';

export const DATABASE_KINDS = ['sqlite', 'postgres', 'mysql'] as const;
export type DatabaseKind = (typeof DATABASE_KINDS)[number];

export type Value = string | number | null;

/** A database of one proof, empty at first, and a way to its rows that is not the product's. */
export interface ProofDatabase {
  kind: DatabaseKind;
  /** For `DATABASE_URL`. */
  url: string;
  /** Runs one statement, whose parameters are `?`. Integers come as numbers. */
  query<Row = Record<string, Value>>(sql: string, parameters?: readonly Value[]): Promise<Row[]>;
  /** Of the server, where statements about databases and connections go; undefined for a file. */
  server: string | undefined;
  drop(): Promise<void>;
}

/** `sqlite,postgres` as kinds; throws for what is none. */
export function databaseKinds(list: string): DatabaseKind[] {
  return list.split(',').map((name) => {
    const kind = DATABASE_KINDS.find((one) => one === name);
    if (kind === undefined) throw new Error(`${name} is no database: ${DATABASE_KINDS.join(', ')}`);
    return kind;
  });
}

let made = 0;

/** On the server of this process unless another is given. Undefined where no server is named and none can be started. */
export async function freshDatabase(kind: DatabaseKind, on?: Server): Promise<ProofDatabase | undefined> {
  if (kind === 'sqlite') return freshFile();
  const server = on ?? (await theServer(kind));
  if (server === undefined) return undefined;
  const name = `cybermed_prove_${process.pid}_${++made}`;
  return kind === 'postgres' ? freshOnPostgres(server.url, name) : freshOnMySql(server.url, name);
}

function freshFile(): ProofDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'cybermed-prove-'));
  const file = join(folder, 'cybermed.db');
  const run = (sql: string, parameters: readonly Value[]): unknown[] => {
    const connection = new SqliteDatabase(file, { timeout: 10_000 });
    try {
      const statement = connection.prepare(sql);
      if (statement.reader) return statement.all(...parameters);
      statement.run(...parameters);
      return [];
    } finally {
      connection.close();
    }
  };
  const forget = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return {
    kind: 'sqlite',
    url: `sqlite:${file}`,
    server: undefined,
    query: async <Row>(sql: string, parameters: readonly Value[] = []) => run(sql, parameters) as Row[],
    drop: async () => forget(),
  };
}

async function freshOnPostgres(server: string, name: string): Promise<ProofDatabase> {
  await onPostgres(server, `CREATE DATABASE ${name}`);
  const url = withDatabase(server, name);
  const pool = new pg.Pool({ connectionString: url, max: 2, types: { getTypeParser: integersAsNumbers } });
  // A proof may break every connection of the server.
  pool.on('error', () => {});
  return {
    kind: 'postgres',
    url,
    server,
    async query<Row>(sql: string, parameters: readonly Value[] = []) {
      let count = 0;
      return (
        await pool.query(
          sql.replaceAll('?', () => `$${++count}`),
          [...parameters],
        )
      ).rows as Row[];
    },
    async drop() {
      await pool.end();
      await onPostgres(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

async function freshOnMySql(server: string, name: string): Promise<ProofDatabase> {
  await onMySql(server, `CREATE DATABASE ${name}`);
  const url = withDatabase(server, name);
  const pool = createPool({ uri: url, connectionLimit: 2, decimalNumbers: true });
  return {
    kind: 'mysql',
    url,
    server,
    async query<Row>(sql: string, parameters: readonly Value[] = []) {
      return (await pool.query(sql, [...parameters]))[0] as Row[];
    },
    async drop() {
      await pool.end();
      await onMySql(server, `DROP DATABASE IF EXISTS ${name}`);
    },
  };
}

const servers = new Map<DatabaseKind, Promise<Server | undefined>>();

/** One for all proofs of this process. */
function theServer(kind: 'postgres' | 'mysql'): Promise<Server | undefined> {
  const open = async () => {
    const server = await (kind === 'postgres' ? postgresServer() : mysqlServer());
    if (server !== undefined) atEnd(() => server.stop());
    return server;
  };
  const opening = servers.get(kind) ?? open();
  servers.set(kind, opening);
  return opening;
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = name;
  return changed.toString();
}

/** Types whose values the driver gives as text: 64-bit integers, and the exact decimals that quotients of them are. */
const NUMBERS: readonly number[] = [pg.types.builtins.INT8, pg.types.builtins.NUMERIC];

const integersAsNumbers = ((type: number, format: 'text' | undefined) =>
  NUMBERS.includes(type) ? Number : pg.types.getTypeParser(type, format)) as typeof pg.types.getTypeParser;

/** One statement beside every pool, such as one that ends connections. */
export async function onServer(
  { kind, server }: ProofDatabase,
  sql: string,
): Promise<Record<string, Value>[]> {
  if (server === undefined) throw new Error('a file has no server');
  return kind === 'postgres' ? onPostgres(server, sql) : onMySql(server, sql);
}

/** Breaks one of the product's connections in the midst of whatever it does; answers how many were broken. */
export async function breakConnectionOf(database: ProofDatabase): Promise<number> {
  if (database.kind === 'postgres') {
    const rows = await database.query(`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE pid = (
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'cybermed' AND state <> 'idle'
        ORDER BY xact_start LIMIT 1)`);
    return rows.length;
  }
  const [row] = await database.query<{ id: number }>(`
    SELECT id FROM information_schema.processlist
    WHERE db = DATABASE() AND id <> CONNECTION_ID() AND command <> 'Sleep' ORDER BY time_ms DESC LIMIT 1`);
  if (row === undefined) return 0;
  try {
    await database.query(`KILL ${row.id}`);
    return 1;
  } catch {
    return 0; // It ended by itself before.
  }
}

/** Deadlocks that the server has broken so far: each is a unit of work that began anew. Zero for a file. */
export async function deadlocksOn(database: ProofDatabase): Promise<number> {
  switch (database.kind) {
    case 'sqlite':
      return 0;
    case 'postgres': {
      const sql = 'SELECT deadlocks AS count FROM pg_stat_database WHERE datname = current_database()';
      return (await database.query<{ count: number }>(sql))[0]!.count;
    }
    case 'mysql': {
      const [row] = await database.query<{ Value: string }>(`SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'`);
      return Number(row?.Value ?? 0);
    }
  }
}

async function onPostgres(url: string, sql: string): Promise<Record<string, Value>[]> {
  const client = new pg.Client({ connectionString: url, types: { getTypeParser: integersAsNumbers } });
  await client.connect();
  try {
    return (await client.query<Record<string, Value>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function onMySql(url: string, sql: string): Promise<Record<string, Value>[]> {
  const connection = await createConnection(url);
  try {
    return (await connection.query(sql))[0] as Record<string, Value>[];
  } finally {
    await connection.end();
  }
}
