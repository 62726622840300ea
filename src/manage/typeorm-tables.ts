import { createHash } from 'node:crypto';
import type { SqliteConnection } from '#libs/persistence/sqlite-driver.js';
import { DataSource, type DataSourceOptions, type EntityManager, type EntityMetadata } from 'typeorm';
import { describeTarget, type DatabaseTarget } from '../config.js';
import { openWriter, writerOptions } from '../database/data-source.js';
import { Refused, toldBySystem } from './refused.js';
import { assertWhole, claim } from './sqlite-file.js';

/** A stored value as text, whatever its database's driver makes of it; true and false for flags. */
type Value = string | boolean | null;
type Row = readonly Value[];
/** As a driver answers it. */
type StoredRow = Record<string, string | number | bigint | boolean | Buffer | null>;
type Kind = 'text' | 'integer' | 'flag';

/** Every type of `libs/persistence/columns.ts`. */
const KINDS: Partial<Record<string, Kind>> = {
  varchar: 'text',
  text: 'text',
  integer: 'integer',
  bigint: 'integer',
  boolean: 'flag',
};

interface Column {
  name: string;
  kind: Kind;
}

export interface Table {
  name: string;
  columns: readonly Column[];
  key: readonly Column[];
}

export interface Digest {
  rows: number;
  hash: string;
}

/** Small enough for the packet that a MySQL server takes, also where every text is long. */
const BATCH = 100;

/** The tables of one database, as the schemas describe them. Rows are read as they are stored, past all transformers. */
export class Tables {
  readonly #dataSource: DataSource;

  constructor(private readonly manager: EntityManager) {
    this.#dataSource = manager.dataSource;
  }

  /** Those that others refer to come first. */
  get all(): readonly Table[] {
    return inDependencyOrder(this.#dataSource.entityMetadatas).map(describe);
  }

  async count({ name }: Table): Promise<number> {
    const [row] = await this.manager.query<{ n: string | number }[]>(
      `SELECT COUNT(*) AS n FROM ${this.#escape(name)}`,
    );
    return Number(row!.n);
  }

  /** Lines for the operator. */
  async report(): Promise<string[]> {
    const lines: string[] = [];
    for (const table of this.all) lines.push(line(table, await this.count(table)));
    return lines;
  }

  async *batches(table: Table): AsyncGenerator<Row[]> {
    const columns = table.columns.map(({ name }) => this.#escape(name)).join(', ');
    const order = table.key.map(({ name }) => this.#escape(name)).join(', ');
    for (let last: Record<string, unknown> | undefined; ;) {
      const parameters: unknown[] = [];
      const where = last === undefined ? '' : `WHERE ${this.#after(table.key, last, parameters)}`;
      const found: StoredRow[] = await this.manager.query(
        `SELECT ${columns} FROM ${this.#escape(table.name)} ${where} ORDER BY ${order} LIMIT ${BATCH}`,
        parameters,
      );
      if (found.length > 0) yield found.map((row) => normalise(table, row));
      if (found.length < BATCH) return;
      last = found.at(-1);
    }
  }

  async insert(table: Table, rows: readonly Row[]): Promise<void> {
    const parameters: unknown[] = [];
    const places = rows.map((row) => `(${row.map((value) => this.#place(value, parameters)).join(', ')})`);
    const columns = table.columns.map(({ name }) => this.#escape(name)).join(', ');
    await this.manager.query(
      `INSERT INTO ${this.#escape(table.name)} (${columns}) VALUES ${places.join(', ')}`,
      parameters,
    );
  }

  /** Of all rows together: the sum of their hashes, because databases sort the same texts differently. */
  async digest(table: Table): Promise<Digest> {
    let rows = 0;
    let sum = 0n;
    for await (const batch of this.batches(table)) {
      for (const row of batch) {
        rows++;
        sum += BigInt(`0x${createHash('sha256').update(JSON.stringify(row)).digest('hex')}`);
      }
    }
    return { rows, hash: BigInt.asUintN(256, sum).toString(16).padStart(64, '0') };
  }

  /** Not `(a, b) > (x, y)`, for which MySQL would read the whole table each time. */
  #after([column, ...more]: readonly Column[], last: Record<string, unknown>, parameters: unknown[]): string {
    const { name, kind } = column!;
    const value = kind === 'integer' ? Number(last[name]) : last[name];
    const compare = (sign: string) => `${this.#escape(name)} ${sign} ${this.#place(value, parameters)}`;
    if (more.length === 0) return compare('>');
    return `${compare('>=')} AND (${compare('>')} OR ${this.#after(more, last, parameters)})`;
  }

  #place(value: unknown, parameters: unknown[]): string {
    const { type } = this.#dataSource.options;
    // SQLite's driver takes no booleans.
    parameters.push(type === 'better-sqlite3' && typeof value === 'boolean' ? Number(value) : value);
    return type === 'postgres' ? `$${parameters.length}` : '?';
  }

  #escape(name: string): string {
    return this.#dataSource.driver.escape(name);
  }
}

export function line({ name }: Table, rows: number): string {
  return `  ${name.padEnd(24)} ${String(rows).padStart(10)} ${rows === 1 ? 'row' : 'rows'}`;
}

function inDependencyOrder(all: readonly EntityMetadata[]): EntityMetadata[] {
  const taken: EntityMetadata[] = [];
  while (taken.length < all.length) {
    const ready = all.filter(
      (one) =>
        !taken.includes(one) &&
        one.foreignKeys.every(({ referencedEntityMetadata: other }) => taken.includes(other)),
    );
    if (ready.length === 0) throw new Error('tables refer to each other in a circle: copy-to knows no order');
    taken.push(...ready);
  }
  return taken;
}

function describe({ tableName, columns, primaryColumns }: EntityMetadata): Table {
  const of = ({ databaseName, type }: EntityMetadata['columns'][number]): Column => {
    const kind = KINDS[String(type)];
    if (kind === undefined) throw new Error(`${tableName}.${databaseName}: copy-to knows no ${String(type)}`);
    return { name: databaseName, kind };
  };
  return { name: tableName, columns: columns.map(of), key: primaryColumns.map(of) };
}

function normalise(table: Table, row: StoredRow): Row {
  return table.columns.map(({ name, kind }) => {
    const value = row[name] ?? null;
    if (value === null) return null;
    const told = Buffer.isBuffer(value) ? '' : String(value);
    if (kind === 'text' && typeof value === 'string') return told;
    if (kind === 'integer' && /^-?\d+$/.test(told)) return told;
    if (kind === 'flag' && /^(0|1|true|false)$/.test(told)) return /^(1|true)$/.test(told);
    // SQLite keeps in any column what it was given.
    throw new Refused(`${table.name}.${name} holds a ${typeof value} that is no ${kind}: mend it first.`);
  });
}

/** To read a file that nobody changes. */
export async function openFile(file: string): Promise<DataSource> {
  return openSqlite(file, { readonly: true });
}

/** Throws Refused while a server uses the file; until it is closed none can start. */
export async function openAlone(file: string): Promise<DataSource> {
  return openSqlite(file, {
    prepareDatabase: (connection: SqliteConnection) => {
      claim(connection);
      assertWhole(connection, file);
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

const TABLE_NAMES: Partial<Record<string, string>> = {
  'better-sqlite3': `SELECT name FROM sqlite_master WHERE type = 'table'`,
  postgres: `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`,
};

const MYSQL_TABLE_NAMES = `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'`;

async function tableNames(dataSource: DataSource): Promise<string[]> {
  const sql = TABLE_NAMES[dataSource.options.type] ?? MYSQL_TABLE_NAMES;
  return (await dataSource.query<{ name: string }[]>(sql)).map(({ name }) => name);
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
  if (done.length === 0) throw new Refused(`${name} holds tables that are not CyberMed's. ${remedy}`);
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
