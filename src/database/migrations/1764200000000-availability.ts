import { Table, TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import {
  flag,
  id,
  index,
  instant,
  integer,
  longText,
  nullable,
  primary,
  reference,
  text,
} from './columns.js';

const TABLES = [
  new Table({
    name: 'slot_policies',
    columns: [id('doctor_id', primary), integer('version'), longText('rules')],
    foreignKeys: [reference('slot_policies', 'doctor_id', 'doctors')],
  }),
  new Table({
    name: 'slot_overrides',
    columns: [id('doctor_id', primary), text('local_date', 10, primary), longText('hours')],
    foreignKeys: [reference('slot_overrides', 'doctor_id', 'doctors')],
  }),
  new Table({
    name: 'absences',
    columns: [
      id('id', primary),
      id('doctor_id'),
      instant('starts_at'),
      instant('ends_at'),
      text('time_zone', 64),
      flag('whole_days'),
      longText('reason', nullable),
    ],
    indices: [
      index('absences_doctor_ends', ['doctor_id', 'ends_at']),
      index('absences_doctor_starts', ['doctor_id', 'starts_at', 'id']),
    ],
    foreignKeys: [reference('absences', 'doctor_id', 'doctors')],
  }),
];

/** Doctors set their rules. Until now all had the same hours, so nobody has to be asked which were meant. */
export class Availability1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.createTable(table);
    const no = runner.dataSource.options.type === 'postgres' ? 'false' : '0';
    await runner.addColumn('appointments', new TableColumn({ ...flag('outside_hours'), default: no }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('appointments', 'outside_hours');
    for (const table of TABLES.toReversed()) await runner.dropTable(table);
  }
}
