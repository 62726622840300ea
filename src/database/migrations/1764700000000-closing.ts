import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { instant, nullable } from './columns.js';

const CLOSED = new TableColumn(instant('closed_at', nullable));

/** Accounts that their owners have closed. */
export class Closing1764700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('users', CLOSED);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('users', CLOSED);
  }
}
