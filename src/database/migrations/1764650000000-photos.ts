import { Table, TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { index, instant, nullable, primary, text } from './columns.js';

const DISCARDED = new Table({
  name: 'discarded_photos',
  columns: [text('photo', 32, primary), instant('discarded_at')],
  indices: [index('discarded_photos_at', ['discarded_at'])],
});

const PHOTO = new TableColumn(text('photo', 32, nullable));

export class Photos1764650000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('users', PHOTO);
    await runner.createTable(DISCARDED);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable(DISCARDED);
    await runner.dropColumn('users', PHOTO);
  }
}
