import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';
import { codeOf } from '#libs/persistence/database-errors.js';
import { id, index, instant, integer, nullable, primary, text } from './columns.js';

const records = new Table({
  name: 'audit_records',
  columns: [
    id('id', primary),
    instant('recorded_at'),
    text('action', 60),
    text('outcome', 20),
    id('actor_id', nullable),
    text('actor_role', 20),
    text('entity_type', 40),
    text('entity_id', 64),
    id('patient_id', nullable),
    id('request_id', nullable),
    text('key_id', 12),
    text('mac', 64),
  ],
  indices: [
    index('audit_records_actor', ['actor_id', 'id']),
    index('audit_records_entity', ['entity_id', 'id']),
    index('audit_records_patient', ['patient_id', 'id']),
  ],
});

const unsealed = new Table({ name: 'audit_unsealed', columns: [id('id', primary)] });

const batches = new Table({
  name: 'audit_batches',
  columns: [
    integer('number', primary),
    text('previous', 64),
    integer('count'),
    instant('sealed_at'),
    text('key_id', 12),
    text('mac', 64),
  ],
});

const members = new Table({
  name: 'audit_members',
  columns: [id('record_id', primary), integer('batch')],
  indices: [index('audit_members_batch', ['batch', 'record_id'])],
});

/** What is only ever added to. */
const KEPT = [records, batches, members] as const;

const REFUSAL = 'the audit trail is only ever added to';

/** What a server says that lets no ordinary account make triggers: while it keeps a binary log, or without the right. */
const NO_TRIGGERS = ['ER_BINLOG_CREATE_ROUTINE_NEED_SUPER', 'ER_TABLEACCESS_DENIED_ERROR'];

/** Who did what. The database itself refuses to change or remove a line of it. */
export class Audit1764600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of [records, unsealed, batches, members]) await runner.createTable(table);
    try {
      for (const statement of triggersOf(runner)) await runner.query(statement);
    } catch (error) {
      // The start says so, each time.
      if (!NO_TRIGGERS.includes(codeOf(error))) throw error;
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    // Triggers go with their tables.
    for (const table of [members, batches, unsealed, records]) await runner.dropTable(table);
    if (runner.dataSource.options.type === 'postgres') await runner.query('DROP FUNCTION audit_refuse()');
  }
}

function triggersOf({ dataSource }: QueryRunner): string[] {
  switch (dataSource.options.type) {
    case 'better-sqlite3':
      return KEPT.flatMap(({ name, columns }) => onSqlite(name, columns[0]!.name));
    case 'postgres':
      return [
        `CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '${REFUSAL}'; END $$`,
        ...KEPT.flatMap(({ name }) => onPostgres(name)),
      ];
    default:
      return KEPT.flatMap(({ name }) => onMySql(name));
  }
}

function onSqlite(table: string, key: string): string[] {
  const refuse = `BEGIN SELECT RAISE(ABORT, '${REFUSAL}'); END`;
  return [
    `CREATE TRIGGER ${table}_no_update BEFORE UPDATE ON ${table} ${refuse}`,
    `CREATE TRIGGER ${table}_no_delete BEFORE DELETE ON ${table} ${refuse}`,
    // INSERT OR REPLACE deletes without asking the trigger above.
    `CREATE TRIGGER ${table}_no_replace BEFORE INSERT ON ${table} WHEN EXISTS (SELECT 1 FROM ${table} WHERE ${key} = NEW.${key}) ${refuse}`,
  ];
}

function onPostgres(table: string): string[] {
  return [
    `CREATE TRIGGER ${table}_no_change BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW EXECUTE FUNCTION audit_refuse()`,
    `CREATE TRIGGER ${table}_no_truncate BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()`,
  ];
}

function onMySql(table: string): string[] {
  return ['UPDATE', 'DELETE'].map(
    (change) =>
      `CREATE TRIGGER ${table}_no_${change.toLowerCase()} BEFORE ${change} ON ${table} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '${REFUSAL}'`,
  );
}
