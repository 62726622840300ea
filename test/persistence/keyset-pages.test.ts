import { AbstractLogger, DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCursor } from '#libs/kernel/page.js';
import { Reader } from '../../src/database/database.module.js';
import { startApp, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';
import { Clinic, type Member } from '../support/clinic.js';
import { isThere } from '../support/databases.js';
import { withQuickPasswords } from '../support/quick-passwords.js';

const ROWS = 20_000;
const FIRST = Date.parse('2030-01-07T08:00:00Z');
const STEP = 300_000;
const PAGE = 20;

/** Remembers the statements that a connection was given. */
class Statements extends AbstractLogger {
  readonly all: { query: string; parameters: unknown[] }[] = [];

  override logQuery(query: string, parameters: unknown[] = []): void {
    this.all.push({ query, parameters });
  }

  protected override writeLog(): void {}
}

interface Plan {
  'Actual Rows': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

const rowsRead = (plan: Plan): number =>
  Math.max(plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0), ...(plan.Plans ?? []).map(rowsRead));

const cursorAt = (row: number, ...order: string[]): string =>
  encodeCursor([FIRST + row * STEP, `01900000-0000-7000-8000-${String(row).padStart(12, '0')}`, ...order]);

describe.skipIf(!isThere('postgres'))('A page of a long list (PostgreSQL)', () => {
  let running: TestApp;
  let data: DataSource;
  let admin: Client;
  let doctor: Member;
  let patient: Member;

  beforeAll(async () => {
    running = await startApp({ database: 'postgres', wire: withQuickPasswords });
    data = running.app.get(Reader).dataSource;
    const writer = running.app.get(DataSource);
    const clinic = new Clinic(running.app);
    [admin, doctor, patient] = [(await clinic.admin()).client, await clinic.doctor(), await clinic.patient()];
    const id = `'01900000-0000-7000-8000-' || lpad(i::text, 12, '0')`;
    const times = `${FIRST} + i::bigint * ${STEP}, ${FIRST} + (i::bigint + 1) * ${STEP}`;
    const series = `FROM generate_series(0, ${ROWS - 1}) AS i`;
    await writer.query(
      `INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, time_zone, local_date, visit_type,
         reason_for_visit, status, booked_by, time_chosen_by, time_chosen_at, cancelled_late, created_at, updated_at, version)
       SELECT ${id}, '${doctor.id}', '${patient.id}', ${times}, 'UTC', '2030-01-07', 'x', 'x', 'confirmed', 'admin', 'admin',
         0, false, 0, 0, 1 ${series}`,
    );
    await writer.query(
      `INSERT INTO absences (id, doctor_id, starts_at, ends_at, time_zone, whole_days)
       SELECT ${id}, '${doctor.id}', ${times}, 'UTC', false ${series}`,
    );
    for (const table of ['appointments', 'absences']) await writer.query(`ANALYZE ${table}`);
  });
  afterAll(() => running.close());

  /** How many rows of the table the answer had PostgreSQL look at. */
  async function rowsReadFor(client: Client, url: string, table: string): Promise<number> {
    const { logger } = data;
    const statements = new Statements();
    data.logger = statements;
    const { status, body } = await client.get(url);
    data.logger = logger;
    expect([status, body.results.length]).toEqual([200, PAGE]);
    const listing = statements.all.find(({ query }) => query.includes(`FROM "${table}"`));
    const { query, parameters } = listing!;
    const [{ 'QUERY PLAN': explained }] = await data.query<[{ 'QUERY PLAN': [{ Plan: Plan }] }]>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${query}`,
      parameters,
    );
    return rowsRead(explained[0].Plan);
  }

  test.each<[string, () => Client, 'asc' | 'desc']>([
    ['an admin’s', () => admin, 'asc'],
    ['an admin’s, backwards,', () => admin, 'desc'],
    ['a doctor’s', () => doctor.client, 'asc'],
    ['a doctor’s, backwards,', () => doctor.client, 'desc'],
    ['a patient’s', () => patient.client, 'asc'],
  ])('of %s appointments reads what it answers, however deep it lies', async (_, client, order) => {
    const deep = order === 'asc' ? ROWS - 2 * PAGE : 2 * PAGE;
    for (const row of [ROWS / 2, deep]) {
      const url = `/api/appointments/?limit=${PAGE}&order=${order}&cursor=${cursorAt(row, order)}`;
      expect(await rowsReadFor(client(), url, 'appointments')).toBeLessThan(3 * PAGE);
    }
  });

  test('of absences reads what it answers, however deep it lies', async () => {
    for (const row of [ROWS / 2, ROWS - 2 * PAGE]) {
      const url = `/api/doctors/${doctor.id}/absences/?limit=${PAGE}&cursor=${cursorAt(row)}`;
      expect(await rowsReadFor(admin, url, 'absences')).toBeLessThan(3 * PAGE);
    }
  });
});
