import { EntitySchema, In, LessThan } from 'typeorm';
import type { Instant } from '#libs/kernel/clock.js';
import { instant, text } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { TryBudgets, type Draw } from '../ports.js';

/** A budget of which nothing is used may have no row. */
export interface TryBudgetRow {
  key: string;
  allBackAt: Instant;
}

export const tryBudgetSchema = new EntitySchema<TryBudgetRow>({
  name: 'TryBudget',
  tableName: 'try_budgets',
  columns: {
    key: text(64, { name: 'budget_key', primary: true }),
    allBackAt: instant({ name: 'all_back_at' }),
  },
  indices: [{ name: 'try_budgets_all_back_at', columns: ['allBackAt'] }],
});

export class TypeOrmTryBudgets extends TryBudgets {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async wait(draws: readonly Draw[], now: Instant): Promise<number> {
    const keys = draws.map(({ key }) => key);
    const rows = await this.transactions.manager.findBy(tryBudgetSchema, { key: In(keys) });
    const kept = new Map(rows.map(({ key, allBackAt }) => [key, allBackAt]));
    return Math.max(...draws.map(({ key, budget }) => budget.wait(kept.get(key) ?? 0, now)));
  }

  async draw(draws: readonly Draw[], now: Instant): Promise<number> {
    for (const [i, draw] of draws.entries()) {
      if (await this.#drawOne(draw, now)) continue;
      const wait = await this.#wait(draw, now);
      await this.giveBack(draws.slice(0, i));
      return wait;
    }
    return 0;
  }

  async giveBack(draws: readonly Draw[]): Promise<void> {
    for (const { key, budget } of draws) {
      await this.transactions.manager.decrement(tryBudgetSchema, { key }, 'allBackAt', budget.every);
    }
  }

  async forget(now: Instant, atMost: number): Promise<number> {
    const { manager } = this.transactions;
    const idle = await manager.find(tryBudgetSchema, {
      select: { key: true },
      where: { allBackAt: LessThan(now) },
      order: { allBackAt: 'ASC' },
      take: atMost,
    });
    // The instant again: a try may have been taken since.
    const keys = idle.map(({ key }) => key);
    if (keys.length > 0) await manager.delete(tryBudgetSchema, { key: In(keys), allBackAt: LessThan(now) });
    return keys.length;
  }

  async #drawOne(draw: Draw, now: Instant): Promise<boolean> {
    const { manager } = this.transactions;
    if (await this.#tookOne(draw, now)) return true;
    const { key } = draw;
    // Looked for first: MySQL's insert would share-lock a row that is there, and two who then want it alone would deadlock.
    if (!(await manager.existsBy(tryBudgetSchema, { key }))) {
      const unused = { key, allBackAt: 0 };
      await manager.createQueryBuilder().insert().into(tryBudgetSchema).values(unused).orIgnore().execute();
    }
    // Once more in any case: it may be there only since another made it.
    return this.#tookOne(draw, now);
  }

  /** Compare and change in one statement: what it finds under the row's lock is what it changes. */
  async #tookOne({ key, budget }: Draw, now: Instant): Promise<boolean> {
    const allBackAt = () =>
      'CASE WHEN all_back_at > :now AND all_back_at <= :latestPossible THEN all_back_at ELSE :now END + :every';
    const { affected } = await this.transactions.manager
      .createQueryBuilder()
      .update(tryBudgetSchema)
      .set({ allBackAt })
      .where('budget_key = :key AND (all_back_at <= :latest OR all_back_at > :latestPossible)')
      .setParameters({
        key,
        now,
        every: budget.every,
        latest: budget.latest(now),
        latestPossible: budget.latestPossible(now),
      })
      .execute();
    return affected === 1;
  }

  async #wait({ key, budget }: Draw, now: Instant): Promise<number> {
    const row = await this.transactions.manager.findOneBy(tryBudgetSchema, { key });
    // At least a moment, though another's try was given back meanwhile.
    return Math.max(1, budget.wait(row?.allBackAt ?? 0, now));
  }
}
