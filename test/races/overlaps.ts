import type { DataSource } from 'typeorm';

/** The overlaps that the database itself finds among the active appointments of one person. */
export function overlapsIn(data: DataSource): Promise<number> {
  const active = `a.status IN ('pending', 'confirmed', 'checked_in') AND b.status IN ('pending', 'confirmed', 'checked_in')`;
  const overlap = 'a.starts_at < b.ends_at AND b.starts_at < a.ends_at';
  return countIn(
    data,
    `appointments a JOIN appointments b
     ON a.id < b.id AND (a.doctor_id = b.doctor_id OR a.patient_id = b.patient_id) AND ${overlap}
     WHERE ${active}`,
  );
}

/** Five minutes that are occupied without an active appointment there, or an active one's that are not. */
export async function strayTicksIn(data: DataSource): Promise<number> {
  const rows = await data.query<{ person: string; tick: number | string; appointment_id: string }[]>(
    'SELECT person, tick, appointment_id FROM occupied_time',
  );
  const active = await data.query<
    Record<'id' | 'doctor_id' | 'patient_id' | 'starts_at' | 'ends_at', string>[]
  >(
    `SELECT id, doctor_id, patient_id, starts_at, ends_at FROM appointments
     WHERE status IN ('pending', 'confirmed', 'checked_in')`,
  );
  const kept = new Set(rows.map(({ person, tick, appointment_id }) => `${person} ${tick} ${appointment_id}`));
  const due = new Set<string>();
  for (const { id, doctor_id, patient_id, starts_at, ends_at } of active) {
    for (let tick = Number(starts_at) / 300_000; tick < Number(ends_at) / 300_000; tick++) {
      for (const person of [doctor_id, patient_id]) due.add(`${person} ${tick} ${id}`);
    }
  }
  return (
    [...kept].filter((tick) => !due.has(tick)).length + [...due].filter((tick) => !kept.has(tick)).length
  );
}

export async function countIn(data: DataSource, rows: string): Promise<number> {
  const [row] = await data.query<{ count: number | string }[]>(`SELECT COUNT(*) AS count FROM ${rows}`);
  return Number(row!.count);
}
