import { TryBudgets, type Draw } from '../../../src/identity/ports.js';
import type { MemoryTransactions } from './memory-transactions.js';

export class MemoryTryBudgets extends TryBudgets {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async wait(draws: readonly Draw[], now: number): Promise<number> {
    const { budgets } = this.transactions.rows;
    return Math.max(...draws.map(({ key, budget }) => budget.wait(budgets.get(key) ?? 0, now)));
  }

  async draw(draws: readonly Draw[], now: number): Promise<number> {
    const { budgets } = this.transactions.changing;
    for (const { key, budget } of draws) {
      const wait = budget.wait(budgets.get(key) ?? 0, now);
      if (wait > 0) return wait;
    }
    for (const { key, budget } of draws) budgets.set(key, budget.afterOne(budgets.get(key) ?? 0, now));
    return 0;
  }

  async giveBack(draws: readonly Draw[]): Promise<void> {
    const { budgets } = this.transactions.changing;
    for (const { key, budget } of draws) {
      const allBackAt = budgets.get(key);
      if (allBackAt !== undefined) budgets.set(key, allBackAt - budget.every);
    }
  }

  async forget(now: number, atMost: number): Promise<number> {
    const { budgets } = this.transactions.changing;
    const idle = [...budgets]
      .filter(([, allBackAt]) => allBackAt < now)
      .toSorted(([, one], [, other]) => one - other)
      .slice(0, atMost);
    for (const [key] of idle) budgets.delete(key);
    return idle.length;
  }
}
