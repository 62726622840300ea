import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { index, instant, nullable } from './columns.js';

const LAPSED = index('appointments_confirm_by', ['confirm_by']);
const MOVED_FROM = new TableColumn(instant('moved_from', nullable));

/** Appointments are moved, which their history tells, and lapse unless they are confirmed in time. */
export class Actions1764150000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('appointment_history', MOVED_FROM);
    await runner.createIndex('appointments', LAPSED);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('appointments', LAPSED);
    await runner.dropColumn('appointment_history', MOVED_FROM);
  }
}
