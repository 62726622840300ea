import type { DataSource } from 'typeorm';
import type { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';

/** Whether the database serves in both directions. Each asks it once; a failure throws. */
export class DatabaseHealth {
  #writing: Promise<void> | undefined;

  constructor(
    private readonly transactions: TypeOrmTransactions,
    private readonly reader: DataSource,
  ) {}

  /** A unit of work begins and ends. It waits in the queue like any other, and no second one behind it. */
  write(): Promise<undefined> {
    this.#writing ??= this.transactions
      .run(async () => {
        await this.transactions.manager.query('SELECT 1');
      })
      .finally(() => (this.#writing = undefined));
    return this.#writing.then(() => undefined);
  }

  async read(): Promise<undefined> {
    await this.reader.query('SELECT 1');
  }

  /** More than we know of are well: a newer version runs beside this one. */
  async missingMigrations(): Promise<string | undefined> {
    const rows = await this.reader.query<{ name: string }[]>('SELECT name FROM migrations');
    const done = new Set(rows.map(({ name }) => name));
    const isMissing = this.reader.migrations.some(
      ({ name, constructor }) => !done.has(name ?? constructor.name),
    );
    return isMissing ? 'the tables are older than this program' : undefined;
  }
}
