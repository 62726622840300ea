import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { integer, nullable, text } from './columns.js';

const REPLACED = [
  new TableColumn(integer('minutes_before', nullable)),
  new TableColumn(text('visit_type_before', 100, nullable)),
];

/** History tells of which length and type a visit was before it was moved. */
export class ReplacedVisits1764750000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumns('appointment_history', REPLACED);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumns('appointment_history', REPLACED);
  }
}
