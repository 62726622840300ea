import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { instant, nullable } from './columns.js';

const APPROVED = new TableColumn(instant('approved_at', nullable));

/** Doctors are approved before patients find them. Those who were there before there was a choice are. */
export class Approval1764550000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('doctors', APPROVED);
    await runner.query('UPDATE doctors SET approved_at = created_at');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('doctors', APPROVED);
  }
}
