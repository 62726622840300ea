import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { play, reuse, type Repeated, type Stage } from './retries/stories.js';
import { TwoNodes } from './retries/two-nodes.js';
import { faultsOf, outcomeOf, severalEffectsIn } from './retries/verdict.js';
import { Clinic } from './support/clinic.js';
import {
  breakConnectionOf,
  databaseKinds,
  freshDatabase,
  type DatabaseKind,
  type ProofDatabase,
} from './support/databases.js';
import { Random } from './support/random.js';
import { table, tally, type Figures } from './support/table.js';
import { UnsafeLine } from './support/unsafe-line.js';

const KEYS_OF_A_CONTROL = 40;
/** Every so many commits one connection breaks. */
const CUT_EVERY = 10;

interface Setting {
  kind: DatabaseKind;
  keys: number;
  minutes: number;
  seed: number;
}

/**
 * `retries [--keys 10000] [--databases sqlite,postgres,mysql] [--minutes …] [--seed …]`
 *
 * A retry is safe: every request is sent 1 to 20 times, at once and later, to two nodes; replies are lost, nodes are
 * killed, and in a second run connections to the database break at the commit. Its control sends no keys, and must find
 * a request with several effects.
 */
export async function prove(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      keys: { type: 'string', default: '10000' },
      databases: { type: 'string', default: 'sqlite,postgres,mysql' },
      minutes: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const seed = Number(values.seed);
  const keys = Number(values.keys);
  const minutes = Number(values.minutes);
  console.log(`Keys on each database: ${keys}. Seed: ${seed}.`);
  const runs: Figures[] = [];
  const faults: string[] = [];
  for (const kind of databaseKinds(values.databases)) {
    const setting = { kind, keys, minutes, seed };
    for (const proof of kind === 'sqlite' ? [withKills] : [withKills, withBrokenConnections]) {
      const run = await proof(setting);
      if (run === undefined) continue;
      console.log(table([run.figures]));
      runs.push(run.figures);
      faults.push(...run.faults.map((fault) => `${kind}: ${fault}`));
    }
    faults.push(...(await control(setting)));
  }
  console.log(`\n${table(runs)}\n`);
  if (faults.length > 0) throw new Error(`The promise is broken:\n${faults.join('\n')}`);
  console.log('Every key had one effect, and all its answers were equal.');
}

type Run = { figures: Figures; faults: string[] } | undefined;

async function withKills({ kind, keys, minutes, seed }: Setting): Promise<Run> {
  return onNodes(kind, seed, async ({ database, nodes, stage }) => {
    nodes.killNowAndThen();
    const played = await play(stage, keys, Date.now() + minutes * 60_000);
    await nodes.leaveAlone();
    const faults = await judged(played, stage, database, nodes);
    return { figures: { ...figuresOf(kind, played), 'nodes killed': nodes.kills }, faults };
  });
}

/** At the commit, before or after it, and by the server at any time. */
async function withBrokenConnections({ kind, keys, minutes, seed }: Setting): Promise<Run> {
  return onNodes(kind, seed, async ({ database, line, nodes, stage }) => {
    line!.every = CUT_EVERY;
    let broken = 0;
    let isOver = false;
    const breaking = (async () => {
      while (!isOver) {
        broken += await breakConnectionOf(database);
        await sleep(200);
      }
    })();
    const deadline = Date.now() + minutes * 60_000;
    const happened = () => ({ ...line!.cuts, 'by the server': broken });
    const played = await play(stage, keys / 10, deadline);
    // A short run can end before each has happened.
    while (Object.values(happened()).includes(0) && played.length < keys && Date.now() < deadline)
      played.push(...(await play(stage, 2, deadline)));
    isOver = true;
    await breaking;
    line!.every = Infinity;
    const faults = await judged(played, stage, database, nodes);
    for (const [what, times] of Object.entries(happened())) {
      if (times === 0) faults.push(`no connection broke ${what}, so the run proves nothing`);
    }
    const cuts = Object.entries(happened()).map(([what, times]) => `${what} ${times}`);
    return { figures: { ...figuresOf(kind, played), 'connections broken': cuts.join(', ') }, faults };
  });
}

async function control({ kind, seed }: Setting): Promise<string[]> {
  const found = await onNodes(kind, seed, async ({ database, stage }) => {
    await play({ ...stage, hasKeys: false }, KEYS_OF_A_CONTROL);
    return severalEffectsIn(database);
  });
  if (found === undefined) return [];
  console.log(`Control on ${kind}, without keys: ${found.join('; ') || 'nothing found'}.`);
  return found.length > 0 ? [] : [`${kind}: the control found nothing, so the retries prove nothing`];
}

async function judged(
  played: readonly Repeated[],
  stage: Stage,
  database: ProofDatabase,
  nodes: TwoNodes,
): Promise<string[]> {
  const faults = await faultsOf(played, database);
  if (faults.length > 0) console.log(`${faults.join('\n')}\n${nodes.said.slice(-4_000)}`);
  const { random } = stage;
  const reused = await Promise.all(
    Array.from({ length: 20 }, () => reuse(stage, random.oneOf(played)).then(outcomeOf)),
  );
  const others = reused.filter((outcome) => outcome !== '422 key-reused');
  return others.length === 0 ? faults : [...faults, `keys used for another body: ${tally(others)}`];
}

function figuresOf(kind: DatabaseKind, played: readonly Repeated[]): Figures {
  const answers = played.flatMap((one) => one.answers);
  return {
    database: kind,
    keys: played.length,
    requests: answers.length,
    answers: tally(answers.map(outcomeOf)),
    replayed: answers.filter((answer) => answer?.headers['idempotency-replayed'] === 'true').length,
  };
}

interface Scene {
  database: ProofDatabase;
  line: UnsafeLine | undefined;
  nodes: TwoNodes;
  stage: Stage;
}

/** Two nodes beside one fresh database; undefined where there is no such database. */
async function onNodes<T>(
  kind: DatabaseKind,
  seed: number,
  work: (scene: Scene) => Promise<T>,
): Promise<T | undefined> {
  const database = await freshDatabase(kind);
  if (database === undefined) {
    console.log(`${kind}: left out, as there is no server.`);
    return undefined;
  }
  const random = new Random(seed);
  const line = kind === 'sqlite' ? undefined : await UnsafeLine.to(database.url);
  const nodes = await TwoNodes.start(line?.url ?? database.url, random);
  try {
    return await work({ database, line, nodes, stage: await stageOf(nodes, random) });
  } finally {
    await nodes.stop();
    line?.close();
    await database.drop();
  }
}

async function stageOf(nodes: TwoNodes, random: Random): Promise<Stage> {
  const [first] = nodes.clients;
  const clinic = new Clinic(first);
  const doctors = await clinic.doctors(4);
  const patients = await clinic.patients(16);
  const { body } = await first.get(`/api/doctors/${doctors[0]!.id}/slots/`, await patients[0]!.token(first));
  const slots = body.results!.slice(-80).map(({ date, time }) => ({ date, time }) as Stage['slots'][number]);
  return { random, doctors, patients, slots, node: () => nodes.any, hasKeys: true };
}
