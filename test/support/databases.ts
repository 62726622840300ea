import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { describe, inject } from 'vitest';
import type { DatabaseTarget } from '../../src/config.js';
import { scratchFolder } from './folders.js';
import { copyOnMySql, copyOnPostgres, type Content } from './templates.js';

export type DatabaseKind = DatabaseTarget['kind'];
export type ServerKind = Exclude<DatabaseKind, 'sqlite'>;

export interface OpenDatabase {
  url: string;
  drop(): Promise<void>;
}

const NAMES: Readonly<Record<DatabaseKind, string>> = {
  sqlite: 'SQLite',
  postgres: 'PostgreSQL',
  mysql: 'MariaDB',
};

/** Whether the run has such a database; it has said so where it has none. */
export function isThere(kind: DatabaseKind): boolean {
  return kind === 'sqlite' || inject(kind) !== null;
}

/** The same tests on each database that the product serves. */
export function onEachDatabase(what: string, tests: (kind: DatabaseKind) => void): void {
  for (const kind of ['sqlite', 'postgres', 'mysql'] as const) {
    describe.skipIf(!isThere(kind))(`${what} (${NAMES[kind]})`, () => tests(kind));
  }
}

/** The same tests on each database that has a server. */
export function onEachServer(what: string, tests: (kind: ServerKind) => void): void {
  for (const kind of ['postgres', 'mysql'] as const) {
    describe.skipIf(!isThere(kind))(`${what} (${NAMES[kind]})`, () => tests(kind));
  }
}

/** A database of one test's own. */
export function newDatabase(kind: DatabaseKind, content: Content = 'empty'): Promise<OpenDatabase> {
  return kind === 'sqlite' ? newFile(content) : newOnServer(kind, content);
}

async function newFile(content: Content): Promise<OpenDatabase> {
  const folder = scratchFolder('app');
  const file = join(folder, 'cybermed.db');
  if (content !== 'nothing') copyFileSync(join(inject('templates'), `${content}.db`), file);
  return {
    url: `sqlite:${file}`,
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

let made = 0;

async function newOnServer(kind: ServerKind, content: Content): Promise<OpenDatabase> {
  const url = new URL(inject(kind)!);
  url.pathname += `own_${process.pid}_${++made}`;
  const name = url.pathname.slice(1);
  const template = content === 'nothing' ? undefined : new URL(inject(kind)!).pathname.slice(1) + content;
  const copy = kind === 'postgres' ? copyOnPostgres : copyOnMySql;
  await copy(inject(`${kind}Server`)!, template, name);
  return {
    url: url.toString(),
    drop: () => onServer(kind, `DROP DATABASE ${name}${kind === 'postgres' ? ' WITH (FORCE)' : ''}`),
  };
}

/** One statement, beside all databases of the run. */
async function onServer(kind: ServerKind, sql: string): Promise<void> {
  const url = inject(`${kind}Server`)!;
  if (kind === 'postgres') {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(sql);
    await client.end();
  } else {
    const connection = await createConnection(url);
    await connection.query(sql);
    await connection.end();
  }
}
