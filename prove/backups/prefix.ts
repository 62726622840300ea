import { faultsIn } from '../support/checks.js';
import type { ProofDatabase } from '../support/databases.js';
import type { Acknowledged } from './busy-clinic.js';

const REFERENCES = [
  ['sessions', 'user_id', 'users'],
  ['doctors', 'user_id', 'users'],
  ['patients', 'user_id', 'users'],
  ['appointments', 'doctor_id', 'doctors'],
  ['appointments', 'patient_id', 'patients'],
] as const;

/** What each database says of itself when its own tools look; nothing when it is whole. */
const OWN_CHECKS: Readonly<Record<ProofDatabase['kind'], (database: ProofDatabase) => Promise<string[]>>> = {
  async sqlite(database) {
    const integrity = await database.query<{ integrity_check: string }>('PRAGMA integrity_check');
    const orphans = await database.query('PRAGMA foreign_key_check');
    return [
      ...integrity.map((row) => row.integrity_check).filter((line) => line !== 'ok'),
      ...orphans.map((row) => `no parent: ${JSON.stringify(row)}`),
    ];
  },
  async postgres(database) {
    const invalid = await database.query<{ name: string }>(
      `SELECT conname AS name FROM pg_constraint WHERE NOT convalidated
       UNION ALL SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid`,
    );
    return invalid.map(({ name }) => `${name} is not valid`);
  },
  async mysql(database) {
    const tables = await database.query<{ name: string }>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const lines = await database.query<{ Msg_text: string }>(`CHECK TABLE ${name} EXTENDED`);
      found.push(
        ...lines.map(({ Msg_text: text }) => `${name}: ${text}`).filter((line) => !line.endsWith(': OK')),
      );
    }
    return found;
  },
};

/**
 * Why a restored database is no state that the clinic was in at some moment after `since`: what had been acknowledged
 * by then is there, and with each write all that was acknowledged before it was even sent; no unit of work is there in half.
 */
export async function faultsOfBackup(
  restored: ProofDatabase,
  acknowledged: readonly Acknowledged[],
  since: number,
): Promise<string[]> {
  const faults = [...(await OWN_CHECKS[restored.kind](restored)), ...(await faultsIn(restored))];
  for (const [table, column, parent] of REFERENCES) {
    const orphans = await restored.query(
      `SELECT c.${column} FROM ${table} c LEFT JOIN ${parent} p ON p.id = c.${column} WHERE p.id IS NULL AND c.${column} IS NOT NULL`,
    );
    if (orphans.length > 0) faults.push(`${orphans.length} rows of ${table} lack their ${parent}`);
  }
  const rows = await restored.query<{ id: string; version: number }>('SELECT id, version FROM appointments');
  const versions = new Map(rows.map(({ id, version }) => [id, version]));
  const isThere = ({ appointment, version }: Acknowledged) => (versions.get(appointment) ?? 0) >= version;
  const latest = Math.max(since, ...acknowledged.filter(isThere).map(({ sent }) => sent));
  const lost = acknowledged.filter((one) => one.answered < latest && !isThere(one));
  if (lost.length > 0) faults.push(`${lost.length} acknowledged writes are lost`);
  return faults;
}
