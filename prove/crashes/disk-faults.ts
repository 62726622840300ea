import { setTimeout as sleep } from 'node:timers/promises';
import { faultsIn } from '../support/checks.js';
import { Client } from '../support/client.js';
import { Clinic } from '../support/clinic.js';
import { freshDatabase, type ProofDatabase } from '../support/databases.js';
import { AppNode } from '../support/nodes.js';
import { corruptionIn } from './corruption.js';
import { ALL, FailingDisk } from './failing-disk.js';
import { Ledger } from './ledger.js';
import { Load } from './load.js';

const program = (name: string) => new URL(`${name}.js`, import.meta.url).pathname;
const STOPS_WITHIN = 5_000;

/** SQLite alone: what is acknowledged was synced, and an error of the disk ends the process. */
export async function proveDisk(): Promise<void> {
  if (FailingDisk.make() === undefined) {
    console.log('sqlite: syncs and errors of the disk are left out: gcc on Linux makes them.');
    return;
  }
  const synced = await syncsOf();
  if (synced.syncs < synced.acknowledged)
    throw new Error(`sqlite: ${synced.acknowledged} acknowledged, but ${synced.syncs} syncs`);
  const unsynced = await syncsOf(program('unsynced'));
  if (unsynced.syncs >= unsynced.acknowledged)
    throw new Error('sqlite: missing syncs are not found (control)');
  console.log(
    `sqlite: ${synced.syncs} syncs for ${synced.acknowledged} acknowledged; with synchronous=OFF ${unsynced.syncs} for ${unsynced.acknowledged} (control)`,
  );

  await proveStop('a sync that fails once', (disk) => disk.fail('failingSyncs', 1), /failed.*SQLITE_IOERR/);
  await proveStop('a write that fails once', (disk) => disk.fail('failingWrites', 1), /failed.*SQLITE_IOERR/);
  // SQLite takes a page that it cannot read for a damaged one.
  await proveStop(
    'a read that fails once',
    (disk) => disk.fail('failingReads', 1),
    /failed.*SQLITE_IOERR|cannot be read.*SQLITE_CORRUPT/,
  );
  await proveStop('a disk that is full', (disk) => disk.fail('fullWrites', ALL), /full.*SQLITE_FULL/);
  const unguarded = await breakDisk((disk) => disk.fail('failingSyncs', 1), program('unguarded'));
  if (!unguarded.faults.some((fault) => fault.includes('after the error')))
    throw new Error('sqlite: a success after an error of the disk is not found (control)');
  console.log('sqlite: without its guard it acknowledges after a sync that failed (control)');
}

async function proveStop(what: string, fault: (disk: FailingDisk) => void, line: RegExp): Promise<void> {
  const { faults, stderr, milliseconds } = await breakDisk(fault);
  const lines = stderr.trim().split('\n');
  if (lines.length !== 1 || !line.test(lines[0]!)) faults.push(`it said: ${stderr}`);
  if (faults.length > 0) throw new Error(`sqlite, ${what}: ${faults.join('\n')}`);
  console.log(
    `sqlite, ${what}: stopped after ${milliseconds} ms with one line, nothing acknowledged after it, clean at restart`,
  );
}

interface Scene {
  database: ProofDatabase;
  disk: FailingDisk;
  app: AppNode;
  client: Client;
  ledger: Ledger;
  load: Load;
}

/** A node under load on a disk that works so far. */
async function stage(entry?: string): Promise<Scene> {
  const disk = FailingDisk.make()!;
  const database = (await freshDatabase('sqlite'))!;
  const app = await AppNode.start({
    database: database.url,
    env: disk.env,
    ...(entry !== undefined && { entry }),
  });
  const client = new Client(app.url);
  const clinic = new Clinic(client);
  const [doctors, patients] = [await clinic.doctors(4), await clinic.patients(20)];
  const ledger = new Ledger();
  return { database, disk, app, client, ledger, load: new Load(client, doctors, patients, ledger) };
}

async function syncsOf(entry?: string): Promise<{ syncs: number; acknowledged: number }> {
  const { database, disk, app, client, ledger, load } = await stage(entry);
  const before = disk.syncs;
  while (ledger.answers < 200) await sleep(10);
  await load.end();
  const counted = { syncs: disk.syncs - before, acknowledged: ledger.answers };
  await app.stop();
  client.close();
  await database.drop();
  return counted;
}

async function breakDisk(fault: (disk: FailingDisk) => void, entry?: string) {
  const { database, disk, app, client, ledger, load } = await stage(entry);
  while (ledger.answers < 50) await sleep(10);
  fault(disk);
  while (disk.failed === 0) await sleep(1);
  const began = performance.now();
  // What was committed before may still be on its way to a client.
  await sleep(50);
  const before = ledger.answers;
  const exit = await Promise.race([app.exited, sleep(STOPS_WITHIN)]);
  const milliseconds = Math.round(performance.now() - began);
  const faults: string[] = [];
  if (ledger.answers > before) faults.push(`${ledger.answers - before} successes after the error`);
  if (exit?.code !== 1) faults.push(`it went on, or ended as ${JSON.stringify(exit)}`);
  await app.kill();
  disk.mend();
  const again = await AppNode.start({ database: database.url, port: app.port });
  await load.end();
  const lost = await ledger.lostIn(database);
  faults.push(...lost.map((id) => `acknowledged and lost: appointment ${id}`));
  faults.push(...(await faultsIn(database)), ...(await corruptionIn(database)), ...load.faults);
  await again.stop();
  client.close();
  await database.drop();
  return { faults, stderr: app.stderr, milliseconds };
}
