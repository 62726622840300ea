import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { id, index, instant, primary, text } from './columns.js';

const leases = new Table({
  name: 'leases',
  columns: [text('name', 100, primary), id('holder'), instant('held_until')],
});

/** Jobs under a lease, the first of which looks for the oldest keys. */
const oldestKeys = index('idempotency_keys_taken_at', ['taken_at']);

export class Leases1764100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(leases);
    await runner.createIndex('idempotency_keys', oldestKeys);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('idempotency_keys', oldestKeys);
    await runner.dropTable(leases);
  }
}
