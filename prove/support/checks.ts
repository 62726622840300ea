import type { ProofDatabase } from './databases.js';

const ACTIVE = `('pending', 'confirmed', 'checked_in')`;
const TICK = 300_000;

const isActive = (alias: string) => `${alias}.status IN ${ACTIVE}`;

const overlapsOf = (person: string) => `
  SELECT a.id, b.id AS other FROM appointments a
  JOIN appointments b ON b.${person} = a.${person} AND b.id <> a.id
    AND b.starts_at >= a.starts_at AND b.starts_at < a.ends_at
  WHERE ${isActive('a')} AND ${isActive('b')}`;

const ticksOf = (person: string) => `
  SELECT a.id FROM appointments a
  WHERE ${isActive('a')} AND (a.ends_at - a.starts_at) / ${TICK} <> (
    SELECT COUNT(*) FROM occupied_time o
    WHERE o.person = a.${person} AND o.appointment_id = a.id
      AND o.tick >= a.starts_at / ${TICK} AND o.tick < a.ends_at / ${TICK})`;

/** Each finds rows that must not exist, in SQL that every database speaks and that shares nothing with the product. */
const FAULTS: Readonly<Record<string, string>> = {
  'active appointments of one doctor overlap': overlapsOf('doctor_id'),
  'active appointments of one patient overlap': overlapsOf('patient_id'),
  'an active appointment does not occupy exactly its time of the doctor': ticksOf('doctor_id'),
  'an active appointment does not occupy exactly its time of the patient': ticksOf('patient_id'),
  'time is occupied by no active appointment of that person and time': `
    SELECT o.person, o.tick, o.appointment_id FROM occupied_time o
    LEFT JOIN appointments a ON a.id = o.appointment_id AND ${isActive('a')}
      AND (a.doctor_id = o.person OR a.patient_id = o.person)
      AND o.tick >= a.starts_at / ${TICK} AND o.tick < a.ends_at / ${TICK}
    WHERE a.id IS NULL`,
  'an appointment has not exactly one line of history for each version': `
    SELECT a.id, a.version, h.kept, h.first_kept, h.last_kept FROM appointments a
    LEFT JOIN (
      SELECT appointment_id, COUNT(*) AS kept, MIN(version) AS first_kept, MAX(version) AS last_kept
      FROM appointment_history GROUP BY appointment_id
    ) h ON h.appointment_id = a.id
    WHERE h.kept IS NULL OR h.kept <> a.version OR h.first_kept <> 1 OR h.last_kept <> a.version`,
  'the last line of a history does not say the status': `
    SELECT a.id, a.status, h.to_status FROM appointments a
    JOIN appointment_history h ON h.appointment_id = a.id AND h.version = a.version
    WHERE h.to_status <> a.status`,
  'a line of a history does not begin where the one before it ended': `
    SELECT h.appointment_id, h.version FROM appointment_history h
    JOIN appointment_history earlier ON earlier.appointment_id = h.appointment_id AND earlier.version = h.version - 1
    WHERE h.from_status IS NULL OR h.from_status <> earlier.to_status`,
  'a history has no appointment': `
    SELECT h.appointment_id FROM appointment_history h
    LEFT JOIN appointments a ON a.id = h.appointment_id WHERE a.id IS NULL`,
  'an idempotency key is kept without its effect': `
    SELECT k.idempotency_key FROM idempotency_keys k
    LEFT JOIN appointments a ON a.id = k.appointment_id WHERE k.status IS NULL OR a.id IS NULL`,
};

/** What is wrong with what the database holds, with the number of rows and the first; empty when all is well. */
export async function faultsIn(database: ProofDatabase): Promise<string[]> {
  const found: string[] = [];
  for (const [fault, sql] of Object.entries(FAULTS)) {
    const rows = await database.query(sql);
    if (rows.length > 0) found.push(`${fault}: ${rows.length}, such as ${JSON.stringify(rows[0])}`);
  }
  return found;
}

/** Pairs of active appointments of one person that overlap. */
export async function overlapsIn(database: ProofDatabase): Promise<number> {
  const found = [
    await database.query(overlapsOf('doctor_id')),
    await database.query(overlapsOf('patient_id')),
  ];
  return found.flat().length;
}
