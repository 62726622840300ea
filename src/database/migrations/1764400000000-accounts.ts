import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { index, instant, nullable, text } from './columns.js';

const DEVICE_NAME = new TableColumn(text('device_name', 100, nullable));
const NETWORK = new TableColumn(text('network', 50, nullable));
const LAST_LOGIN = new TableColumn(instant('last_login_at', nullable));
const OPEN = index('sessions_open', ['user_id', 'ended_at']);
const OF_USER = index('sessions_user_id', ['user_id']);

/** Sessions can be told apart by their owner, and those that are open are found however many have ended. */
export class Accounts1764400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumns('sessions', [DEVICE_NAME, NETWORK]);
    await runner.createIndex('sessions', OPEN);
    await runner.dropIndex('sessions', OF_USER);
    await runner.addColumn('users', LAST_LOGIN);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('users', LAST_LOGIN);
    await runner.createIndex('sessions', OF_USER);
    await runner.dropIndex('sessions', OPEN);
    await runner.dropColumns('sessions', [DEVICE_NAME, NETWORK]);
  }
}
