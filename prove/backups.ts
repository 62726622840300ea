import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BusyClinic } from './backups/busy-clinic.js';
import {
  COMMANDS,
  CONTROL_RESTORES,
  copyToPlaceOf,
  environment,
  restoring,
  shell,
} from './backups/commands.js';
import { faultsOfBackup } from './backups/prefix.js';
import { Client } from './support/client.js';
import {
  databaseKinds,
  DATABASE_KINDS,
  freshDatabase,
  onServer,
  type ProofDatabase,
} from './support/databases.js';
import { atEnd } from './support/endings.js';
import { AppNode } from './support/nodes.js';
import type { Proof } from './run.js';

/** Writes that are acknowledged between one backup and the next. */
const BETWEEN = 100;
const CONTROL_ATTEMPTS = 10;

/**
 * `backups [--backups 20] [--databases sqlite,postgres,mysql]`
 *
 * Backups taken while the clinic is busy are restored into a new database, where nothing acknowledged before the
 * backup began is missing, nothing is there in half, and nobody is booked twice. The application starts on the last.
 * It needs the clients of the servers.
 */
export const prove: Proof = async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      backups: { type: 'string', default: '20' },
      databases: { type: 'string', default: DATABASE_KINDS.join(',') },
    },
  });
  for (const kind of databaseKinds(values.databases)) {
    const database = await freshDatabase(kind);
    if (database === undefined) {
      console.log(`${kind}: left out, there is no such server`);
      continue;
    }
    await proveOn(database, Number(values.backups));
    await database.drop();
  }
};

async function proveOn(database: ProofDatabase, backups: number): Promise<void> {
  const { kind } = database;
  const folder = mkdtempSync(join(tmpdir(), 'cybermed-backups-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const node = await AppNode.start({ database: database.url });
  const clinic = await BusyClinic.open(node);
  console.log(`\n${kind}: ${COMMANDS[kind].backup}`);

  let [slowest, largest, during] = [0, 0, 0];
  for (let turn = 1; turn <= backups; turn++) {
    await clinic.work(BETWEEN);
    const restored = await empty(kind);
    const backup = join(folder, `${turn}.backup`);
    const env = environment(database, backup, restored);
    const [since, before] = [performance.now(), clinic.acknowledged.length];
    slowest = Math.max(slowest, await shell(COMMANDS[kind].backup, env));
    during += clinic.acknowledged.length - before;
    largest = Math.max(largest, statSync(backup).size);
    await shell(COMMANDS[kind].restore, restoring(env));
    const faults = await faultsOfBackup(restored, clinic.acknowledged, since);
    if (faults.length > 0) throw new Error(`backup ${turn}:\n${faults.join('\n')}`);
    if (turn === backups) await serveFrom(restored, clinic);
    await restored.drop();
    rmSync(backup);
  }
  console.log(
    `  ${backups} backups restored and whole; ${during} writes acknowledged while they were taken, ${clinic.acknowledged.length} in all;`,
    `slowest ${(slowest / 1000).toFixed(1)} s, largest ${Math.round(largest / 1024)} KiB; the application serves from the last`,
  );
  await control(database, clinic, folder);
  await clinic.close();
  const { code } = await node.stop();
  console.log(`  the application ended with ${code}; answers: ${answers(clinic)}`);
}

async function empty(kind: ProofDatabase['kind']): Promise<ProofDatabase> {
  const database = (await freshDatabase(kind))!;
  // A dump brings tables, but not how the database compares the texts of later ones.
  if (kind === 'mysql') {
    const name = new URL(database.url).pathname.slice(1);
    await onServer(database, `ALTER DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  }
  return database;
}

async function serveFrom(restored: ProofDatabase, { patient }: BusyClinic): Promise<void> {
  const node = await AppNode.start({ database: restored.url });
  const client = new Client(node.url);
  const login = { email: patient.email, password: 'a tree in the wind' };
  const { body } = await client.post('/api/auth/login/', login);
  const { status } = await client.get('/api/appointments/', body.access);
  client.close();
  await node.stop();
  if (status !== 200) throw new Error(`the application does not serve from the restored database: ${status}`);
}

/** A copy that is no backup fails the same checks, at the latest after some attempts. */
async function control(database: ProofDatabase, clinic: BusyClinic, folder: string): Promise<void> {
  const { kind } = database;
  console.log(`  control: ${COMMANDS[kind].control}`);
  for (let attempt = 1; attempt <= CONTROL_ATTEMPTS; attempt++) {
    await clinic.work(BETWEEN);
    const restored = await empty(kind);
    const copy = join(folder, `control-${attempt}`);
    const env = environment(database, copy, restored);
    const since = performance.now();
    await shell(COMMANDS[kind].control, env);
    const faults = await faultsOfCopy(restored, copy, env, clinic, since);
    await restored.drop();
    if (faults.length > 0) {
      console.log(`  … fails, as it must, at attempt ${attempt}: ${faults[0]!.slice(0, 160)}`);
      return;
    }
  }
  throw new Error(`the control passed ${CONTROL_ATTEMPTS} times: these checks find nothing`);
}

async function faultsOfCopy(
  restored: ProofDatabase,
  copy: string,
  env: Record<string, string>,
  { acknowledged }: BusyClinic,
  since: number,
): Promise<string[]> {
  try {
    if (restored.kind === 'sqlite') copyToPlaceOf(restored, copy);
    else await shell(CONTROL_RESTORES[restored.kind] ?? COMMANDS[restored.kind].restore, restoring(env));
    return await faultsOfBackup(restored, acknowledged, since);
  } catch (error) {
    return [`it cannot even be restored: ${(error as Error).message}`];
  }
}

function answers({ client }: BusyClinic): string {
  return [...client.counts].map(([what, count]) => `${what} × ${count}`).join(', ');
}
