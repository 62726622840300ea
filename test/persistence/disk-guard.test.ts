import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import { DataSource } from 'typeorm';
import { expect, onTestFinished, test } from 'vitest';
import { DiskGuard, EmergencyStop } from '../../src/database/disk-guard.js';
import { Reader } from '../../src/database/database.module.js';
import { startApp } from '../support/app.js';
import { Client, tally } from '../support/client.js';
import { Clinic, type Member } from '../support/clinic.js';
import { targetOf } from '../../src/config.js';

/** Writes down why the process would have ended. */
class NotedStop extends EmergencyStop {
  readonly reasons: string[] = [];

  because(reason: string): void {
    this.reasons.push(reason);
  }
}

/** What the product did before it watched its disk. */
class NoGuard extends DiskGuard {
  override watch(): void {}
}

interface Setting {
  file: string;
  writer: DataSource;
  reader: DataSource;
  anyone: Client;
  doctor: Member;
  reasons: readonly string[];
}

async function open(guarded = true): Promise<Setting> {
  const stop = new NotedStop();
  const running = await startApp({
    wire: (builder) => {
      builder.overrideProvider(EmergencyStop).useValue(stop);
      return guarded ? builder : builder.overrideProvider(DiskGuard).useValue(new NoGuard(stop));
    },
  });
  const { app, url } = running;
  onTestFinished(() => running.close().catch(() => {}));
  const clinic = new Clinic(app);
  const target = targetOf(url);
  return {
    file: target.kind === 'sqlite' ? target.file : '',
    writer: app.get(DataSource),
    reader: app.get(Reader).dataSource,
    anyone: clinic.anyone,
    doctor: await clinic.doctor(),
    reasons: stop.reasons,
  };
}

/** A write, a read, and what a supervisor asks. */
async function statuses({ doctor, anyone }: Setting): Promise<number[]> {
  const change = await doctor.client.patch('/api/doctor-profile/', { hospital_affiliation: 'St. Mary' });
  const read = await doctor.client.get('/api/appointments/');
  const ready = await anyone.get('/health/ready/');
  return [change, read, ready].map(({ status }) => status);
}

/** No page more than the file has. */
async function fillDisk({ writer }: Setting): Promise<void> {
  const [row] = await writer.query<{ page_count: number }[]>('PRAGMA page_count');
  await writer.query(`PRAGMA max_page_count = ${row!.page_count}`);
}

async function makeRoom({ writer }: Setting): Promise<void> {
  await writer.query('PRAGMA max_page_count = 1000000');
}

/** Registers people until one is not let in. */
async function registerUntilRefused({ anyone }: Setting): Promise<void> {
  for (let person = 0; ; person++) {
    const registration = {
      email: `person-${person}@example.org`,
      password: 'a tree in the wind',
      first_name: 'Ada'.repeat(30),
      last_name: 'Newman'.repeat(15),
      role: 'patient',
    };
    const { status } = await anyone.post('/api/auth/register/', registration).catch(() => ({ status: 500 }));
    if (status !== 201) return;
  }
}

test('a healthy disk stops nobody', async () => {
  const setting = await open();
  expect(await statuses(setting)).toEqual([200, 200, 200]);
  expect(setting.reasons).toEqual([]);
});

test('a full disk: the change is refused, nothing is answered with success after it, and the process ends with one line', async () => {
  const setting = await open();
  await fillDisk(setting);
  await registerUntilRefused(setting);
  expect(setting.reasons).toEqual([
    'The disk of the database file is full: make room on it. (SQLITE_FULL) CyberMed stops.',
  ]);
  await expect(makeRoom(setting)).rejects.toThrow('The disk failed');
  expect(await statuses(setting)).toEqual([503, 503, 503]);
  expect(setting.reasons).toHaveLength(1);
});

test('without the guard it goes on as if nothing had happened (control)', async () => {
  const setting = await open(false);
  await fillDisk(setting);
  await registerUntilRefused(setting);
  await makeRoom(setting);
  expect(await statuses(setting)).toEqual([200, 200, 200]);
  expect(setting.reasons).toEqual([]);
});

test('a log that is not there any more is an error of the disk', async () => {
  const setting = await open();
  truncateSync(`${setting.file}-wal`, 0);
  expect(new Set(await statuses(setting))).toEqual(new Set([503]));
  expect(setting.reasons).toHaveLength(1);
  expect(setting.reasons[0]).toMatch(/^The (disk of the database file failed|database file is damaged)/);
});

test('a damaged file is one', async () => {
  const setting = await open();
  await setting.writer.query('PRAGMA wal_checkpoint(TRUNCATE)');
  const file = openSync(setting.file, 'r+');
  // All but the first page, which names the tables.
  for (let page = 1; page < 60; page++) writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, page * 4096);
  closeSync(file);
  for (const connection of [setting.writer, setting.reader]) await connection.query('PRAGMA shrink_memory');
  const answers = await Promise.all([1, 2, 3].map(() => setting.anyone.get('/health/ready/')));
  expect(Object.keys(tally(answers))).not.toContain('500');
  expect(new Set((await statuses(setting)).slice(0, 2))).toEqual(new Set([503]));
  expect(setting.reasons).toHaveLength(1);
});

test('a write outside a unit of work is a fault of ours, not of the disk', async () => {
  const setting = await open();
  await expect(setting.reader.query('DELETE FROM users')).rejects.toThrow('readonly');
  expect(setting.reasons).toEqual([]);
  expect(await statuses(setting)).toEqual([200, 200, 200]);
});
