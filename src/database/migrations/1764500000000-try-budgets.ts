import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { index, instant, primary, text } from './columns.js';

const tryBudgets = new Table({
  name: 'try_budgets',
  columns: [text('budget_key', 64, primary), instant('all_back_at')],
  indices: [index('try_budgets_all_back_at', ['all_back_at'])],
});

/** The guessing of passwords is bounded. */
export class TryBudgets1764500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(tryBudgets);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(tryBudgets);
  }
}
