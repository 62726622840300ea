import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { workOf } from '#libs/ambient.js';
import { AuditTrail, type AuditEvent } from '#libs/kernel/audit-trail.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { refusesChanges } from '../../src/audit/adapters/typeorm-audit-trail.js';
import { startApp, type TestApp } from '../support/app.js';
import { AUDIT_KEY } from '../support/audit-key.js';
import { onEachDatabase } from '../support/databases.js';

const LENA = '01900000-0000-7000-8000-0000000000c1';
const ACTOR = { userId: '01900000-0000-7000-8000-0000000000d1', role: 'doctor' };
const EVENT: AuditEvent = { action: 'patient.read', entity: { type: 'patient', id: LENA }, patient: LENA };

onEachDatabase('the audit trail', (kind) => {
  let running: TestApp;
  let trail: AuditTrail;
  let transactions: TypeOrmTransactions;

  beforeAll(async () => {
    running = await startApp({ database: kind });
    trail = running.app.get(AuditTrail, { strict: false });
    transactions = running.app.get(TypeOrmTransactions, { strict: false });
  });
  afterAll(() => running?.close());

  const rows = (table: string) =>
    transactions.manager.query<Record<string, unknown>[]>(`SELECT * FROM ${table}`);
  const record = (event = EVENT) => transactions.run(() => trail.record(event));

  test('keeps who did what to which thing, for whom, when, and at which request', async () => {
    const before = Date.now();
    const requestId = '01900000-0000-7000-8000-00000000abcd';
    await workOf({ requestId, actor: () => ACTOR }, () => record());
    const [row] = await rows('audit_records');
    expect(row).toMatchObject({
      action: 'patient.read',
      outcome: 'success',
      actor_id: ACTOR.userId,
      actor_role: 'doctor',
      entity_type: 'patient',
      entity_id: LENA,
      patient_id: LENA,
      request_id: requestId,
    });
    expect(Number(row!['recorded_at'])).toBeGreaterThanOrEqual(before);
    expect(await rows('audit_unsealed')).toContainEqual({ id: row!['id'] });
  });

  test('a change that is rolled back leaves no row, nor one that waits to be sealed', async () => {
    const [known, waiting] = [await rows('audit_records'), await rows('audit_unsealed')];
    const failing = transactions.run(async () => {
      await trail.record(EVENT);
      throw new Error('the effect failed');
    });
    await expect(failing).rejects.toThrow('the effect failed');
    expect(await rows('audit_records')).toEqual(known);
    expect(await rows('audit_unsealed')).toEqual(waiting);
  });

  test('outside a unit of work nothing is recorded', async () => {
    await expect(trail.record(EVENT)).rejects.toThrow();
  });

  test('the database lets nobody change or remove what was recorded', async () => {
    await record();
    const known = await rows('audit_records');
    const attempts = [
      `UPDATE audit_records SET action = 'nothing.at-all'`,
      'DELETE FROM audit_records',
      'UPDATE audit_batches SET count = 0',
      ...(kind === 'postgres' ? ['TRUNCATE audit_records', 'TRUNCATE audit_members CASCADE'] : []),
      ...(kind === 'postgres'
        ? []
        : [`REPLACE INTO audit_records SELECT * FROM (SELECT * FROM audit_records) AS again`]),
    ];
    await transactions.run(async () => {
      const values =
        kind === 'mysql'
          ? '(`number`, previous, `count`, sealed_at, key_id, mac)'
          : '(number, previous, count, sealed_at, key_id, mac)';
      await transactions.manager.query(`INSERT INTO audit_batches ${values} VALUES (7, '', 0, 0, '', '')`);
    });
    for (const sql of attempts) {
      const attempt = transactions.run(() => transactions.manager.query(sql));
      await expect(attempt, sql).rejects.toThrow(/only ever added to/);
    }
    expect(await rows('audit_records')).toEqual(known);
  });

  test('a database that lets its users change the trail is known by it, so that the start can say so', async () => {
    expect(await refusesChanges(transactions)).toBe(true);
    const without =
      kind === 'postgres'
        ? 'ALTER TABLE audit_records DISABLE TRIGGER ALL'
        : 'DROP TRIGGER audit_records_no_update';
    await transactions.run(() => transactions.manager.query(without));
    if (kind === 'sqlite')
      await transactions.run(() => transactions.manager.query('DROP TRIGGER audit_records_no_delete'));
    expect(await refusesChanges(transactions)).toBe(false);
  });
});

test('a start with one secret for tokens and trail is warned of where it is not refused', async () => {
  const warnings: string[] = [];
  const notes = { log() {}, error() {}, warn: (line: string) => warnings.push(line) };
  const running = await startApp({
    env: { JWT_SECRET: AUDIT_KEY },
    wire: (builder) => builder.setLogger(notes),
  });
  onTestFinished(() => running.close());
  expect(warnings).toEqual([expect.stringMatching(/^AUDIT_KEY is JWT_SECRET: /)]);
});
