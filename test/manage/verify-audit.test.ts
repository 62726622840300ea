import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { SealAudit } from '../../src/audit/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { AUDIT_KEY } from '../support/audit-key.js';
import { Clinic, PASSWORD } from '../support/clinic.js';
import { manage, type Told } from './terminal.js';

let running: TestApp;
let clinic: Clinic;

beforeAll(async () => {
  running = await startApp();
  clinic = new Clinic(running.app);
  await clinic.patient();
  await running.app.get(SealAudit, { strict: false }).execute();
});
afterAll(() => running.close());

function asked(args: readonly string[], password?: string, key = AUDIT_KEY): Promise<Told> {
  const { url, config } = running;
  const settings = { NODE_ENV: 'test', DATA_DIR: config.dataDir, DATABASE_URL: url, AUDIT_KEY: key };
  return manage(args, settings, password);
}

test('verify-audit tells that all is as it was recorded, beside a server', async () => {
  const { code, said } = await asked(['verify-audit']);
  expect(said).toMatch(
    /^The audit trail is as it was recorded: 2 records, 1 batches, 0 waiting .* 1 checkpoints of /,
  );
  expect(code).toBe(0);
});

test('what an operator does is recorded as theirs', async () => {
  await asked(['create-admin', 'ines@example.org'], PASSWORD);
  await asked(['reset-password', 'ines@example.org'], 'nine clouds over the lake');
  await asked(['deactivate', 'patient-1@example.org']);
  const { manager } = running.app.get(TypeOrmTransactions, { strict: false });
  const rows = await manager.query<{ action: string; actor_id: null }[]>(
    `SELECT action, actor_id FROM audit_records WHERE actor_role = 'operator' ORDER BY id`,
  );
  expect(rows).toEqual(
    ['account.open', 'password.reset', 'account.deactivate'].map((action) => ({ action, actor_id: null })),
  );
});

test('verify-audit tells each thing that it finds, and ends with 1', async () => {
  const file = join(running.config.dataDir, 'audit-checkpoints.log');
  const moved = `${file}.moved`;
  renameSync(file, moved);
  const without = await asked(['verify-audit']);
  expect([without.code, without.said]).toEqual([1, '']);
  expect(without.complaint).toMatch(
    /^there are no checkpoints: .*\nThe audit trail is not what was recorded: /,
  );
  expect((await asked(['verify-audit', '--checkpoints', moved])).code).toBe(0);
  renameSync(moved, file);
  expect(await asked(['verify-audit', '--checkpoints', moved])).toEqual({
    code: 1,
    said: '',
    complaint: `There is no file ${moved}.`,
  });
  const otherKey = await asked(['verify-audit'], undefined, 'another key, of some other clinic');
  expect(otherKey.complaint).toMatch(/^batch 1 was sealed with an unknown key$/m);
});

test('verify-audit says of how many batches no checkpoint tells, and of an empty database that there is nothing', async () => {
  await clinic.patient();
  const file = join(running.config.dataDir, 'audit-checkpoints.log');
  const kept = readFileSync(file);
  await running.app.get(SealAudit, { strict: false }).execute();
  writeFileSync(file, kept);
  const cut = await asked(['verify-audit']);
  expect([cut.code, cut.said]).toEqual([
    0,
    expect.stringMatching(/\nOf 1 of the batches no checkpoint tells: /),
  ]);
  const empty = await startApp();
  onTestFinished(() => empty.close());
  const settings = { NODE_ENV: 'test', DATA_DIR: empty.config.dataDir, DATABASE_URL: empty.url, AUDIT_KEY };
  const { code, said } = await manage(['verify-audit'], settings);
  expect([code, said]).toEqual([
    0,
    expect.stringMatching(/^Nothing is recorded yet, and there is nothing to verify: 0 /),
  ]);
});

test('verify-audit that is not understood changes nothing', async () => {
  for (const args of [
    ['verify-audit', 'now'],
    ['verify-audit', '--checkpoints'],
  ]) {
    expect((await asked(args)).code).toBe(2);
  }
});
