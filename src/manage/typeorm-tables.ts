import { createHash } from 'node:crypto';
import type { DataSource, EntityManager, EntityMetadata } from 'typeorm';
import { Refused } from './refused.js';

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

  /** Those that others refer to come first. Leases are no data: they say what running processes do. */
  get all(): readonly Table[] {
    return inDependencyOrder(this.#dataSource.entityMetadatas)
      .map(describe)
      .filter(({ name }) => name !== 'leases');
  }

  async count({ name }: Table): Promise<number> {
    const [row] = await this.manager.query<{ n: string | number }[]>(
      `SELECT COUNT(*) AS n FROM ${this.#escape(name)}`,
    );
    return Number(row!.n);
  }

  /** Lines for the operator, of the tables that are there: an older version had fewer. */
  async report(): Promise<string[]> {
    const present = await tableNames(this.#dataSource);
    const lines: string[] = [];
    for (const table of this.all) {
      if (present.includes(table.name)) lines.push(line(table, await this.count(table)));
    }
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

const TABLE_NAMES: Partial<Record<string, string>> = {
  'better-sqlite3': `SELECT name FROM sqlite_master WHERE type = 'table'`,
  postgres: `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`,
};

const MYSQL_TABLE_NAMES = `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'`;

export async function tableNames(dataSource: DataSource): Promise<string[]> {
  const sql = TABLE_NAMES[dataSource.options.type] ?? MYSQL_TABLE_NAMES;
  return (await dataSource.query<{ name: string }[]>(sql)).map(({ name }) => name);
}
