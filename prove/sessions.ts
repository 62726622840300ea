import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from './support/client.js';
import { databaseKinds, freshDatabase, type DatabaseKind } from './support/databases.js';
import { AppNode } from './support/nodes.js';
import { Random } from './support/random.js';
import { table, type Figures } from './support/table.js';

const PASSWORD = 'a tree in the wind';
/** Rounds at once, each of another person. */
const PEOPLE = 4;
/** Of a session before its owner leaves. */
const MOST_REFRESHES = 4;
/** Milliseconds after the last of these: the next refresh is on its way. */
const LATEST = 10;
const ROUNDS_OF_A_CONTROL = 40;

/** The product, but that it does not look whether a session has ended. */
const NEVER_ENDED = fileURLToPath(new URL('sessions/never-ended.js', import.meta.url));

interface Pair {
  access: string;
  refresh: string;
}

/** One session from its login to its end, in counts. */
interface Round {
  refreshes: number;
  /** Refreshes under way while the logout was: those that were answered with a pair, and those that were refused. */
  granted: number;
  refused: number;
  /** Tokens that were tried after the answer to the logout, and those that were of use. */
  tried: number;
  livingAccess: number;
  livingRefresh: number;
}

interface Setting {
  kind: DatabaseKind;
  rounds: number;
  seed: number;
}

/**
 * `sessions [--rounds 1000] [--databases sqlite,postgres,mysql] [--seed …]`
 *
 * A logout acts on the next request: a session is refreshed without a pause at one node while its owner logs out at
 * another. After the `204` every token of the session is tried at both nodes, those of refreshes too that were answered later; none may be
 * of use. Its control does not look whether a session has ended, and must be found out by both kinds of tokens.
 */
export async function prove(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: 'string', default: '1000' },
      databases: { type: 'string', default: 'sqlite,postgres,mysql' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const rounds = Number(values.rounds);
  const seed = Number(values.seed);
  console.log(`Logouts on each database: ${rounds}. Seed: ${seed}.`);
  const runs: Figures[] = [];
  const faults: string[] = [];
  for (const kind of databaseKinds(values.databases)) {
    const setting = { kind, rounds, seed };
    const played = await onTwoNodes(setting);
    if (played === undefined) continue;
    const figures = figuresOf(kind, played);
    console.log(table([figures]));
    runs.push(figures);
    faults.push(...faultsOf(kind, played), ...(await control(setting)));
  }
  console.log(`\n${table(runs)}\n`);
  if (faults.length > 0) throw new Error(`The promise is broken:\n${faults.join('\n')}`);
  console.log('After a logout no token of its session was of use.');
}

const sum = (played: readonly Round[], what: keyof Round): number =>
  played.reduce((total, round) => total + round[what], 0);

function figuresOf(kind: DatabaseKind, played: readonly Round[]): Figures {
  return {
    database: kind,
    logouts: played.length,
    refreshes: sum(played, 'refreshes'),
    'during a logout: granted': sum(played, 'granted'),
    refused: sum(played, 'refused'),
    'tokens tried after the 204': sum(played, 'tried'),
    'of use': sum(played, 'livingAccess') + sum(played, 'livingRefresh'),
  };
}

function faultsOf(kind: DatabaseKind, played: readonly Round[]): string[] {
  const faults: string[] = [];
  const living = sum(played, 'livingAccess') + sum(played, 'livingRefresh');
  if (living > 0) faults.push(`${kind}: ${living} tokens were of use after the logout`);
  if (sum(played, 'granted') === 0 || sum(played, 'refused') === 0)
    faults.push(`${kind}: no refresh raced a logout with either end, so the run proves nothing`);
  return faults;
}

async function control({ kind, seed }: Setting): Promise<string[]> {
  const isFound = (played: readonly Round[]) =>
    sum(played, 'livingAccess') > 0 && sum(played, 'livingRefresh') > 0;
  const setting = { kind, seed, rounds: ROUNDS_OF_A_CONTROL };
  const played = (await onTwoNodes(setting, { entry: NEVER_ENDED, until: isFound })) ?? [];
  const [access, refresh] = [sum(played, 'livingAccess'), sum(played, 'livingRefresh')];
  console.log(
    `Control on ${kind}, where no session is seen to end: after ${played.length} logouts ${access} access tokens and ${refresh} refresh tokens were of use.`,
  );
  return isFound(played) ? [] : [`${kind}: the control was not found out, so the logouts prove nothing`];
}

/** Undefined where there is no such database. */
async function onTwoNodes(
  { kind, rounds, seed }: Setting,
  { entry, until = () => false }: { entry?: string; until?: (played: readonly Round[]) => boolean } = {},
): Promise<Round[] | undefined> {
  const database = await freshDatabase(kind);
  if (database === undefined) {
    console.log(`${kind}: left out, as there is no server.`);
    return undefined;
  }
  const start = () => AppNode.start({ database: database.url, ...(entry && { entry }) });
  // One after the other: the first makes the tables.
  const nodes = [await start(), await start()] as const;
  const clients = [new Client(nodes[0].url), new Client(nodes[1].url)] as const;
  const random = new Random(seed);
  const played: Round[] = [];
  let left = rounds;
  const person = async (_: unknown, index: number): Promise<void> => {
    const email = await register(clients[0], index);
    while (left-- > 0 && !until(played)) {
      const nodesOfRound = random.below(2) ? clients : ([clients[1], clients[0]] as const);
      played.push(await round(nodesOfRound, email, random));
    }
  };
  try {
    await Promise.all(Array.from({ length: PEOPLE }, person));
    return played;
  } finally {
    for (const client of clients) client.close();
    await Promise.all(nodes.map((node) => node.kill()));
    await database.drop();
  }
}

async function register(node: Client, index: number): Promise<string> {
  const email = `person-${index}@example.org`;
  const person = { email, password: PASSWORD, first_name: 'Ada', last_name: 'Newman', role: 'patient' };
  const { status, body } = await node.post('/api/auth/register/', person);
  if (status !== 201) throw new Error(`nobody was registered: ${JSON.stringify(body)}`);
  return email;
}

type Nodes = readonly [here: Client, there: Client];

/** Logs in, refreshes here without a pause, logs out there at some moment, and tries what is left. */
async function round([here, there]: Nodes, email: string, random: Random): Promise<Round> {
  const login = await here.post('/api/auth/login/', { email, password: PASSWORD });
  if (login.status !== 200) throw new Error(`${email} cannot log in: ${login.status} ${login.body.code}`);
  const first = pairOf(login.body);
  const given = [first];
  const outcome = { granted: 0, refused: 0 };
  let [isLeaving, isOut] = [false, false];
  const refresh = async (): Promise<boolean> => {
    const { status, body } = await refreshed(here, given.at(-1)!);
    if (status !== 200 && (status !== 401 || !isLeaving))
      throw new Error(`a refresh was answered ${status} ${body.code}`);
    if (isLeaving) outcome[status === 200 ? 'granted' : 'refused']++;
    if (status === 200) given.push(pairOf(body));
    return status === 200;
  };
  for (let left = random.below(MOST_REFRESHES); left > 0; left--) await refresh();
  const refreshing = (async () => {
    while (!isOut && (await refresh()));
  })();
  await sleep(random.below(LATEST));
  isLeaving = true;
  const logout = await there.post('/api/auth/logout/', undefined, first.access);
  if (logout.status !== 204) throw new Error(`a logout was answered ${logout.status}`);
  isOut = true;
  // While a refresh may still be under way, and again what that one gave.
  const before = given.length;
  const atOnce = await tried([here, there], given);
  await refreshing;
  const late = await tried([here, there], given.slice(before));
  return {
    refreshes: given.length - 1,
    ...outcome,
    tried: atOnce.tried + late.tried,
    livingAccess: atOnce.access + late.access,
    livingRefresh: atOnce.refresh + late.refresh,
  };
}

/** How many tokens were tried, and how many of each kind were of use. */
async function tried(nodes: Nodes, given: readonly Pair[]) {
  const asked = nodes.flatMap((node) =>
    given.map(async (pair) => (await node.get('/api/auth/me/', pair.access)).status !== 401),
  );
  // Of refresh tokens only the last is good in a session that lives; another would end it.
  const last = given.at(-1);
  const renewed = last ? nodes.map(async (node) => (await refreshed(node, last)).status !== 401) : [];
  const [access, refresh] = [await livingOf(asked), await livingOf(renewed)];
  return { tried: asked.length + renewed.length, access, refresh };
}

async function livingOf(asked: readonly Promise<boolean>[]): Promise<number> {
  return (await Promise.all(asked)).filter(Boolean).length;
}

const refreshed = (node: Client, { refresh }: Pair) => node.post('/api/auth/login/refresh/', { refresh });

function pairOf(body: { access?: string; refresh?: unknown }): Pair {
  return { access: body.access!, refresh: body.refresh as string };
}
