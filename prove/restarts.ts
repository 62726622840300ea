import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Proxy } from './restarts/proxy.js';
import { Visits } from './restarts/visits.js';
import { faultsIn } from './support/checks.js';
import { Client } from './support/client.js';
import { Clinic } from './support/clinic.js';
import { databaseKinds, freshDatabase, type DatabaseKind } from './support/databases.js';
import { AppNode } from './support/nodes.js';
import { quantile, table, type Figures } from './support/table.js';

const READY_WITHIN = 5_000;
const ENDS_WITHIN = 30_000;
const OF_CONTROL = 10;
const PATIENTS = 8;

/**
 * `restarts [--restarts 50] [--databases sqlite,postgres]`
 *
 * Restarts lose nothing: two nodes behind a proxy are stopped and started in turn while patients book and cancel. Its
 * control stops them by SIGKILL, and must show requests that failed.
 */
export async function prove(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      restarts: { type: 'string', default: '50' },
      databases: { type: 'string', default: 'sqlite,postgres' },
    },
  });
  const runs: Figures[] = [];
  const faults: string[] = [];
  for (const kind of databaseKinds(values.databases)) {
    const rolled = await rollOn(kind, Number(values.restarts), 'SIGTERM');
    if (rolled === undefined) {
      console.log(`${kind} is left out: there is no server.`);
      continue;
    }
    const control = await rollOn(kind, OF_CONTROL, 'SIGKILL');
    runs.push(rolled.figures, control!.figures);
    console.log(table([rolled.figures, control!.figures]));
    faults.push(...rolled.faults.map((fault) => `${kind}: ${fault}`));
    if (control!.failed === 0)
      faults.push(`${kind}: the control failed no request: the proof proves nothing`);
  }
  console.log(`\n${table(runs)}\n`);
  if (faults.length > 0) throw new Error(`The promise is broken:\n${faults.join('\n')}`);
  console.log('No request failed, nothing acknowledged was lost.');
}

async function rollOn(
  kind: DatabaseKind,
  restarts: number,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<{ figures: Figures; faults: string[]; failed: number } | undefined> {
  const database = await freshDatabase(kind);
  if (database === undefined) return undefined;
  // As in production.
  const node = { database: database.url, env: { DRAIN_SECONDS: '3' } };
  const nodes = [await AppNode.start(node), await AppNode.start(node)];
  const proxy = await Proxy.before(nodes.map(({ port }) => port));
  const client = new Client(proxy.url);
  const clinic = new Clinic(client);
  const visits = new Visits(client, await clinic.doctors(4));
  visits.begin(await clinic.patients(PATIENTS));

  const faults: string[] = [];
  const [ending, starting]: [number[], number[]] = [[], []];
  for (let restart = 0; restart < restarts; restart++) {
    const stopped = nodes[restart % 2]!;
    const { port } = stopped;
    let began = performance.now();
    const { code } = await stopped.stop(signal);
    ending.push(performance.now() - began);
    if (signal === 'SIGTERM' && code !== 0) faults.push(`a node ended with ${code}: ${stopped.stderr}`);
    began = performance.now();
    nodes[restart % 2] = await AppNode.start({ ...node, port });
    starting.push(performance.now() - began);
    while (!proxy.isReady(port)) await sleep(20);
    // Otherwise the proxy might know of no node at all when the next one stops.
    await sleep(200);
    if (signal === 'SIGKILL' && visits.failed > 0) break;
  }
  await visits.end();
  client.close();
  proxy.close();
  for (const one of nodes) await one.stop();

  const lost = await visits.lostIn(database);
  faults.push(...lost, ...(await faultsIn(database)));
  if (visits.failed > 0) faults.push(`requests failed: ${visits.failures}`);
  if (Math.max(...starting) > READY_WITHIN)
    faults.push(`a node took ${quantile(starting, 1)} ms to be ready`);
  if (Math.max(...ending) > ENDS_WITHIN) faults.push(`a node took ${quantile(ending, 1)} ms to end`);
  await database.drop();
  const figures = {
    database: kind,
    'stopped by': signal,
    restarts: ending.length,
    answers: visits.answers,
    appointments: visits.acknowledged,
    'failed requests': visits.failed === 0 ? 0 : `${visits.failed} (${visits.failures})`,
    'acknowledged and lost': lost.length,
    'ended, slowest ms': quantile(ending, 1),
    'ready, median ms': quantile(starting, 0.5),
    'ready, slowest ms': quantile(starting, 1),
  };
  return { figures, faults, failed: visits.failed };
}
