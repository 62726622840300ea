import type { DatabaseKind, ProofDatabase } from '../support/databases.js';

const TABLES = [
  'users',
  'sessions',
  'agendas',
  'appointments',
  'appointment_history',
  'occupied_time',
  'idempotency_keys',
];

/** What the database itself finds wrong with its own files. */
const CHECKS: Readonly<Record<DatabaseKind, (database: ProofDatabase) => Promise<string[]>>> = {
  async sqlite(database) {
    const integrity = await database.query<{ integrity_check: string }>('PRAGMA integrity_check');
    const orphans = await database.query('PRAGMA foreign_key_check');
    return [
      ...integrity.map((row) => row.integrity_check).filter((line) => line !== 'ok'),
      ...orphans.map((row) => `a foreign key leads nowhere: ${JSON.stringify(row)}`),
    ];
  },
  async postgres(database) {
    await database.query('CREATE EXTENSION IF NOT EXISTS amcheck');
    // Throws at the first fault.
    await database.query(
      `SELECT bt_index_check(index.indexrelid, true) FROM pg_index index
       JOIN pg_class of ON of.oid = index.indrelid WHERE of.relname IN (${TABLES.map(() => '?').join(', ')})`,
      TABLES,
    );
    return [];
  },
  async mysql(database) {
    const lines = await database.query<{ Msg_type: string; Msg_text: string }>(
      `CHECK TABLE ${TABLES.join(', ')}`,
    );
    return lines.filter(({ Msg_type }) => Msg_type !== 'status').map(({ Msg_text }) => Msg_text);
  },
};

export function corruptionIn(database: ProofDatabase): Promise<string[]> {
  return CHECKS[database.kind](database);
}
