import { Table, TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { id, index, instant, nullable, primary, text } from './columns.js';

/** No reference to users: a request for an email that nobody has looks the same. */
const RESETS = new Table({
  name: 'password_resets',
  columns: [
    text('email_key', 254, primary),
    instant('requested_at'),
    instant('tried_at'),
    instant('settled_at', nullable),
    id('user_id', nullable),
    text('token_hash', 43, nullable),
  ],
  indices: [index('password_resets_token', ['token_hash'], true)],
});

const VERIFY_BY = new TableColumn(instant('verify_by', nullable));

export class PasswordResets1764450000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(RESETS);
    await runner.addColumn('users', VERIFY_BY);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('users', VERIFY_BY);
    await runner.dropTable(RESETS);
  }
}
