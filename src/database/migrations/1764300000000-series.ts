import { Table, TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { id, index, instant, integer, nullable, primary, reference, text } from './columns.js';

const SERIES = new Table({
  name: 'series',
  columns: [
    id('id', primary),
    id('doctor_id'),
    id('patient_id'),
    integer('every_weeks'),
    text('scheduled_by', 10),
    instant('created_at'),
  ],
  foreignKeys: [reference('series', 'doctor_id', 'doctors'), reference('series', 'patient_id', 'patients')],
});
const BELONGS_TO = new TableColumn(id('series_id', nullable));
const BELONGS_TO_ONE = reference('appointments', 'series_id', 'series');
const OF_SERIES = index('appointments_series', ['series_id']);

/** Appointments that were scheduled together tell so. */
export class Series1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(SERIES);
    await runner.addColumn('appointments', BELONGS_TO);
    await runner.createIndex('appointments', OF_SERIES);
    await runner.createForeignKey('appointments', BELONGS_TO_ONE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropForeignKey('appointments', BELONGS_TO_ONE);
    await runner.dropIndex('appointments', OF_SERIES);
    await runner.dropColumn('appointments', BELONGS_TO);
    await runner.dropTable(SERIES);
  }
}
