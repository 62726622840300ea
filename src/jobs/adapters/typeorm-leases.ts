import { EntitySchema, type EntityManager } from 'typeorm';
import type { Instant } from '#libs/kernel/clock.js';
import { id, instant, text } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Leases } from '../ports.js';

/** A lease that nobody holds may have no row. */
export interface LeaseRow {
  name: string;
  holder: string;
  until: Instant;
}

export const leaseSchema = new EntitySchema<LeaseRow>({
  name: 'Lease',
  tableName: 'leases',
  columns: {
    name: text(100, { primary: true }),
    holder: id(),
    until: instant({ name: 'held_until' }),
  },
});

const MYSQL_NOW = 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)';

/** Epoch milliseconds by the clock of the database. */
const NOW: Partial<Record<string, string>> = {
  'better-sqlite3': `CAST(unixepoch('subsec') * 1000 AS INTEGER)`,
  postgres: 'CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)',
  mysql: MYSQL_NOW,
  mariadb: MYSQL_NOW,
};

export class TypeOrmLeases extends Leases {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async take(name: string, holder: string, duration: number): Promise<boolean> {
    const { manager } = this.transactions;
    const now = NOW[manager.dataSource.options.type]!;
    const until = () => `${now} + ${Math.trunc(duration)}`;
    // Compare and swap in one statement: what it finds under the row's lock is what it changes.
    const { affected } = await manager
      .createQueryBuilder()
      .update(leaseSchema)
      .set({ holder, until })
      .where('name = :name', { name })
      .andWhere(`(holder = :holder OR held_until <= ${now})`, { holder })
      .execute();
    if (affected === 1) return true;
    await manager
      .createQueryBuilder()
      .insert()
      .into(leaseSchema)
      .values({ name, holder, until })
      .orIgnore()
      .execute();
    return this.#isHeldBy(manager, name, holder);
  }

  async release(name: string, holder: string): Promise<void> {
    await this.transactions.manager.delete(leaseSchema, { name, holder });
  }

  #isHeldBy(manager: EntityManager, name: string, holder: string): Promise<boolean> {
    return manager.existsBy(leaseSchema, { name, holder });
  }
}
