import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LeanClient } from './overload/lean-client.js';
import { closedLoop, openLoop, type Ask, type Measured } from './overload/load.js';
import { Client } from './support/client.js';
import { Clinic } from './support/clinic.js';
import { databaseKinds, freshDatabase, type DatabaseKind } from './support/databases.js';
import { AppNode, PRODUCT } from './support/nodes.js';
import { quantile, table, tally, type Figures } from './support/table.js';

const WITHOUT_SHEDDING = fileURLToPath(new URL('overload/without-shedding.js', import.meta.url));

const TIMES = 5;
/** Many more than the server takes in at once. */
const CONNECTIONS = 1000;
const LEAST_GOODPUT = 0.8;
const RECOVERS_WITHIN = 10;
/** The control must be this much worse. */
const OF_CONTROL = 0.5;

/**
 * `overload [--seconds 20] [--databases sqlite]`
 *
 * Overload is refused, not collapsed into: a server on one core gets five times what it can do from a generator on
 * another. Its control is the same without load shedding, and must serve far less.
 */
export async function prove(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { seconds: { type: 'string', default: '20' }, databases: { type: 'string', default: 'sqlite' } },
  });
  if (availableParallelism() < 2) throw new Error('server and generator need a core each');
  pin(process.pid, 1);
  const seconds = Number(values.seconds);
  const faults: string[] = [];
  for (const kind of databaseKinds(values.databases)) {
    const product = await overload(kind, PRODUCT, seconds);
    const control = await overload(kind, WITHOUT_SHEDDING, seconds);
    if (product === undefined || control === undefined) {
      console.log(`${kind} is left out: there is no server.`);
      continue;
    }
    console.log(table([figuresOf(kind, 'product', product), figuresOf(kind, 'control', control)]));
    faults.push(...faultsOf(product, control).map((fault) => `${kind}: ${fault}`));
  }
  if (faults.length > 0) throw new Error(`The promise is broken:\n${faults.join('\n')}`);
  console.log('Overload is refused, and what is taken in is served.');
}

interface Run {
  /** Answers a second at the most that the server can do. */
  peak: number;
  over: Measured;
  /** Good answers a second under overload. */
  goodput: number;
  /** Seconds until the server is as before; undefined if it did not come to that. */
  recovery: number | undefined;
  /** Milliseconds that `/health/live/` took at the most, and how often it did not answer `200`. */
  health: { slowest: number; failed: number };
}

async function overload(kind: DatabaseKind, entry: string, seconds: number): Promise<Run | undefined> {
  const database = await freshDatabase(kind);
  if (database === undefined) return undefined;
  const node = await AppNode.start({ database: database.url, entry });
  pin(node.pid, 0);
  const client = new LeanClient(node.url, CONNECTIONS);
  const ask = await mixOf(node.url, client);
  await closedLoop(ask, 32, Math.min(seconds, 5));
  const warm = await closedLoop(ask, 64, seconds);
  const peak = warm.good / warm.seconds;
  const watch = watchHealth(node.url);
  const over = await openLoop(ask, TIMES * peak, seconds);
  const ended = performance.now();
  const health = await watch();
  const recovery = await recoveryOf(ask, peak / 2, ended);
  await client.close();
  await node.stop();
  await database.drop();
  return { peak, over, goodput: over.good / over.seconds, recovery, health };
}

/** Four reads of free slots to one write; all can be repeated without end. */
async function mixOf(url: string, client: LeanClient): Promise<Ask> {
  const before = new Client(url);
  const clinic = new Clinic(before);
  const [doctor] = await clinic.doctors(1);
  const patients = await clinic.patients(4);
  const tokens = await Promise.all(patients.map(async (patient) => patient.token(before)));
  before.close();
  const body = JSON.stringify({ gender: 'other' });
  let count = 0;
  return () => {
    const token = tokens[count % tokens.length]!;
    return count++ % 5 > 0
      ? client.send({ method: 'GET', path: `/api/doctors/${doctor!.id}/slots/`, token })
      : client.send({ method: 'PATCH', path: '/api/auth/me/', body, token });
  };
}

function watchHealth(url: string): () => Promise<Run['health']> {
  const health = { slowest: 0, failed: 0 };
  const client = new Client(url, 4);
  const watching = new AbortController();
  const watch = (async () => {
    for (; !watching.signal.aborted; await sleep(100)) {
      try {
        const { status, milliseconds } = await client.get('/health/live/');
        health.slowest = Math.max(health.slowest, Math.round(milliseconds));
        if (status !== 200) health.failed++;
      } catch {
        health.failed++;
      }
    }
  })();
  return async () => {
    watching.abort();
    await watch;
    client.close();
    return health;
  };
}

/** Half a second in which all that half of its capacity asks for is served means that the server is as before. */
async function recoveryOf(ask: Ask, rate: number, since: number): Promise<number | undefined> {
  while (performance.now() - since < 3 * RECOVERS_WITHIN * 1000) {
    const began = performance.now();
    const { sent, good } = await openLoop(ask, rate, 0.5);
    if (good === sent) return (began - since) / 1000;
  }
  return undefined;
}

function figuresOf(
  database: DatabaseKind,
  run: string,
  { peak, over, goodput, recovery, health }: Run,
): Figures {
  return {
    database,
    run,
    'peak/s': Math.round(peak),
    'sent/s': Math.round(over.sent / over.seconds),
    'good/s': Math.round(goodput),
    'of peak': `${Math.round((100 * goodput) / peak)} %`,
    'p50 ms': quantile(over.latencies, 0.5),
    'p99 ms': quantile(over.latencies, 0.99),
    refused: over.refused,
    late: over.late,
    otherwise: tally(over.failed) || 'none',
    'recovery s': recovery === undefined ? 'never' : recovery.toFixed(1),
    'health, slowest ms': health.slowest,
    'health failed': health.failed,
  };
}

function faultsOf(product: Run, control: Run): string[] {
  const { over, peak, goodput, recovery, health } = product;
  const faults: string[] = [];
  if (over.sent / over.seconds < TIMES * peak * 0.9) faults.push('the generator could not send that much');
  if (goodput < LEAST_GOODPUT * peak)
    faults.push(`goodput is ${Math.round((100 * goodput) / peak)} % of the peak`);
  if (over.late > over.good / 100) faults.push(`${over.late} answers came too late`);
  if (over.failed.length > 0)
    faults.push(`neither served nor refused with Retry-After: ${tally(over.failed)}`);
  if (recovery === undefined || recovery > RECOVERS_WITHIN) faults.push(`recovery took ${recovery} s`);
  if (health.failed > 0) faults.push(`health was not answered ${health.failed} times`);
  if (control.goodput / control.peak > OF_CONTROL * (goodput / peak)) {
    faults.push('the control, without load shedding, serves nearly as much: the proof proves nothing');
  }
  return faults;
}

/** All threads of the process to one core. */
function pin(pid: number, core: number): void {
  execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' });
}
