import 'reflect-metadata';
import { rmSync } from 'node:fs';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { scratchFolder } from './folders.js';
import { mysqlServer, postgresServer, redisServer, type Server } from './servers.js';
import { TEMPLATES, writeTemplate } from './templates.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the databases that tests copy: `empty.db`, migrated, and `demo.db`, with the demo clinic of now. */
    templates: string;
    /** The servers of this run: URLs of databases on which others can be made; null where there is no such server. */
    postgresServer: string | null;
    mysqlServer: string | null;
    redisServer: string | null;
    /** Databases of this run, one a worker and a server: the URL without the worker's number. */
    postgres: string | null;
    mysql: string | null;
  }
}

/** Once before all test files: what every test would otherwise migrate and fill for itself. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const templates = scratchFolder('test');
  const starting = Promise.all([postgresServer(), mysqlServer(), redisServer()]);
  for (const content of TEMPLATES)
    await writeTemplate(content, `sqlite:${templates}/${content}.db`, templates);
  project.provide('templates', templates);

  const [postgres, mysql, redis] = await starting;
  for (const [name, server] of Object.entries({ PostgreSQL: postgres, MariaDB: mysql, Redis: redis })) {
    if (server !== undefined) continue;
    if (process.env['REQUIRE_ALL_STORES']) throw new Error(`${name} is required, and there is none`);
    console.log(`${name} is left out: there is no server of its own to start, and none is named.`);
  }
  const prefix = `cybermed_test_${process.pid}_`;
  const workers = Array.from(
    { length: project.globalConfig.maxWorkers },
    (_, index) => `${prefix}${index + 1}`,
  );
  const own = [...workers, ...TEMPLATES.map((content) => prefix + content)];
  const create = own.map((name) => `CREATE DATABASE ${name}`);
  await Promise.all([postgres && onPostgres(postgres.url, create), mysql && onMySql(mysql.url, create)]);
  const fill = async (server: Server | undefined): Promise<void> => {
    for (const content of server ? TEMPLATES : [])
      await writeTemplate(content, withDatabase(server!.url, prefix + content), templates);
  };
  await Promise.all([fill(postgres), fill(mysql)]);
  project.provide('postgresServer', postgres?.url ?? null);
  project.provide('mysqlServer', mysql?.url ?? null);
  project.provide('redisServer', redis?.url ?? null);
  project.provide('postgres', postgres ? withDatabase(postgres.url, prefix) : null);
  project.provide('mysql', mysql ? withDatabase(mysql.url, prefix) : null);

  return async () => {
    rmSync(templates, { recursive: true, force: true });
    // Those that tests made for themselves too, if a test was broken off.
    if (postgres) await dropOnPostgres(postgres.url, prefix);
    if (mysql) await dropOnMySql(mysql.url, prefix);
    postgres?.stop();
    mysql?.stop();
    redis?.stop();
  };
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = name;
  return changed.toString();
}

async function onPostgres(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const sql of statements) await client.query(sql);
  await client.end();
}

async function dropOnPostgres(url: string, prefix: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    'SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)',
    [prefix],
  );
  for (const { name } of rows) await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await client.end();
}

async function onMySql(url: string, statements: readonly string[]): Promise<void> {
  const connection = await createConnection(url);
  for (const sql of statements) await connection.query(sql);
  await connection.end();
}

async function dropOnMySql(url: string, prefix: string): Promise<void> {
  const connection = await createConnection(url);
  const [rows] = await connection.query<({ name: string } & RowDataPacket)[]>(
    'SELECT schema_name AS name FROM information_schema.schemata WHERE LEFT(schema_name, ?) = ?',
    [prefix.length, prefix],
  );
  for (const { name } of rows) await connection.query(`DROP DATABASE ${name}`);
  await connection.end();
}
