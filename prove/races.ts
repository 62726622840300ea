import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Arena } from './races/arena.js';
import { race, type Ran } from './races/race.js';
import { faultsOf, outcomeOf, winnersOf } from './races/verdict.js';
import { overlapsIn } from './support/checks.js';
import { Client } from './support/client.js';
import { Clinic } from './support/clinic.js';
import {
  databaseKinds,
  deadlocksOn,
  freshDatabase,
  type DatabaseKind,
  type ProofDatabase,
} from './support/databases.js';
import { AppNode, PRODUCT } from './support/nodes.js';
import { Random } from './support/random.js';
import { quantile, table, tally, type Figures } from './support/table.js';

const LOOK_THEN_WRITE = fileURLToPath(new URL('races/look-then-write.js', import.meta.url));
const MOST_OF_A_CONTROL = 5_000;
const BATCH_OF_A_CONTROL = 100;

/**
 * `races [--attempts 100000] [--databases sqlite,postgres,mysql] [--nodes 2,4] [--minutes …] [--seed …]`
 *
 * A time is given once: several nodes beside one database, driven at once by everything that changes appointments
 * or the rules about them.
 * Its control is the same without the protections, and must find an overlap.
 */
export async function prove(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      attempts: { type: 'string', default: '100000' },
      databases: { type: 'string', default: 'sqlite,postgres,mysql' },
      nodes: { type: 'string', default: '2,4' },
      minutes: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  console.log(`Attempts on each database: ${values.attempts}. Seed: ${values.seed}.`);
  const widths = values.nodes.split(',').map(Number);
  const seed = Number(values.seed);
  if (!(Number(values.attempts) > 0)) throw new Error('--attempts: a number above 0');
  const runs: Figures[] = [];
  const faults: string[] = [];
  for (const kind of databaseKinds(values.databases)) {
    // Two processes are all that one file is made for.
    const ofKind = kind === 'sqlite' ? [2] : widths;
    const most = {
      attempts: Math.ceil(Number(values.attempts) / ofKind.length),
      minutes: Number(values.minutes) / ofKind.length,
    };
    for (const nodes of ofKind) {
      const run = await raceOn(kind, nodes, most, seed);
      if (run === undefined) continue;
      runs.push(run.figures);
      faults.push(...run.faults.map((fault) => `${kind}, ${nodes} nodes: ${fault}`));
      console.log(table([run.figures]));
    }
    faults.push(...(await controlOn(kind, seed)));
  }
  console.log(`\n${table(runs)}\n`);
  if (faults.length > 0) throw new Error(`The promise is broken:\n${faults.join('\n')}`);
  console.log('No overlap, one winner for each time, and all that was acknowledged is there.');
}

async function raceOn(
  kind: DatabaseKind,
  width: number,
  { attempts, minutes }: { attempts: number; minutes: number },
  seed: number,
): Promise<{ figures: Figures; faults: string[] } | undefined> {
  const began = Date.now();
  const raced = await withNodes(kind, width, PRODUCT, async (database, clients, nodes) => {
    const arena = await arenaOf(clients, database, seed);
    const before = await deadlocksOn(database);
    const started = Date.now();
    const ran = await race(arena, clients, attempts, started + minutes * 60_000);
    const seconds = (Date.now() - started) / 1000;
    const deadlocks = (await deadlocksOn(database)) - before;
    const faults = await faultsOf(ran, database);
    const said = nodes.map(({ stderr }) => stderr.trim()).filter((text) => text !== '');
    return { ran, seconds, deadlocks, faults, said };
  });
  if (raced === undefined) {
    console.log(`${kind}: left out, as there is no server.`);
    return undefined;
  }
  const { ran, seconds, deadlocks, faults, said } = raced;
  if (faults.length > 0) console.log(`${faults.join('\n')}\n${said.join('\n').slice(-4_000)}`);
  const figures = {
    database: kind,
    nodes: width,
    ...figuresOf(ran, seconds),
    deadlocks,
    faults: faults.length,
    'seconds in all': Math.round((Date.now() - began) / 1000),
  };
  return { figures, faults };
}

function figuresOf(ran: readonly Ran[], seconds: number): Figures {
  const times = ran.flatMap(({ answer }) => answer?.milliseconds ?? []);
  const refused = ran.filter(({ answer }) => answer !== undefined && [409, 422].includes(answer.status));
  return {
    attempts: ran.length,
    booked: winnersOf(ran),
    changed: ran.filter(({ rule, answer }) => rule === undefined && answer?.status === 200).length,
    'rules changed': ran.filter(({ rule, answer }) => rule !== undefined && answer && answer.status < 300)
      .length,
    refused: tally(refused.map(outcomeOf)),
    seconds: Math.round(seconds),
    'attempts/s': Math.round(ran.length / seconds),
    'p50 ms': quantile(times, 0.5),
    'p99 ms': quantile(times, 0.99),
    'answered 503': ran.filter(({ answer }) => answer?.status === 503).length,
  };
}

/** With the protections taken out the same race must overlap. */
async function controlOn(kind: DatabaseKind, seed: number): Promise<string[]> {
  const found = await withNodes(kind, 2, LOOK_THEN_WRITE, async (database, clients) => {
    await database.query('DROP TABLE occupied_time');
    await database.query(
      'CREATE TABLE occupied_time (person VARCHAR(36), tick BIGINT, appointment_id VARCHAR(36))',
    );
    const arena = await arenaOf(clients, database, seed);
    for (let attempts = 0; attempts < MOST_OF_A_CONTROL;) {
      attempts += (await race(arena, clients, BATCH_OF_A_CONTROL)).length;
      const overlaps = await overlapsIn(database);
      if (overlaps > 0) return { attempts, overlaps };
    }
    return { attempts: MOST_OF_A_CONTROL, overlaps: 0 };
  });
  if (found === undefined) return [];
  const { attempts, overlaps } = found;
  console.log(`Control on ${kind}: ${overlaps} overlaps after ${attempts} attempts without the protections.`);
  return overlaps > 0 ? [] : [`${kind}: the control found no overlap, so the race proves nothing`];
}

/** Some nodes beside one fresh database; undefined where there is no such database. */
async function withNodes<T>(
  kind: DatabaseKind,
  width: number,
  entry: string,
  work: (database: ProofDatabase, clients: readonly Client[], nodes: readonly AppNode[]) => Promise<T>,
): Promise<T | undefined> {
  const database = await freshDatabase(kind);
  if (database === undefined) return undefined;
  const start = () => AppNode.start({ database: database.url, entry });
  const nodes = await Promise.all(Array.from({ length: width }, start));
  const clients = nodes.map(({ url }) => new Client(url));
  try {
    return await work(database, clients, nodes);
  } finally {
    for (const client of clients) client.close();
    await Promise.all(nodes.map((node) => node.kill()));
    await database.drop();
  }
}

function arenaOf([first]: readonly Client[], database: ProofDatabase, seed: number): Promise<Arena> {
  return Arena.open(new Clinic(first!), first!, database, new Random(seed));
}
