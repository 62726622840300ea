import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from './support/client.js';
import { freshDatabase, type ProofDatabase } from './support/databases.js';
import { AppNode } from './support/nodes.js';
import { Random } from './support/random.js';
import { quantile, table, type Figures } from './support/table.js';

const PASSWORD = 'a tree in the wind';
const PERSON = { password: PASSWORD, first_name: 'Ada', last_name: 'Newman', role: 'patient' };
/** As far from a half nothing can be told. */
const MARGIN = 0.03;
const WARM_UP = 50;

interface Case {
  name: string;
  path: string;
  bodyFor: (email: string) => object;
}

const FORGOT: Case = { name: 'forgot', path: '/api/auth/password/forgot/', bodyFor: (email) => ({ email }) };
const REGISTER: Case = {
  name: 'register',
  path: '/api/auth/register/',
  bodyFor: (email) => ({ ...PERSON, email }),
};

/** The product, but that it looks the account up and mails while the request waits. */
const LOOKS_UP = fileURLToPath(new URL('enumeration/looks-up.js', import.meta.url));

/**
 * `enumeration [--samples 5000] [--seed …]`
 *
 * Whether the time of an answer tells that an email has an account (P8): asking for a new password, and registering where
 * emails are verified. Known and unknown emails in random order, each asked about once; the figure is how often the
 * slower of a known and an unknown one is the known one (AUC), a half where nothing can be told. Its control looks the account
 * up while the request waits, and must be found out.
 */
export async function prove(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      samples: { type: 'string', default: '5000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const samples = Number(values.samples);
  const random = new Random(Number(values.seed));
  console.log(`Samples of each kind: ${samples}. Seed: ${values.seed}.`);
  const runs = [
    await measured(FORGOT, samples, random),
    await measured(REGISTER, samples, random),
    await measured(FORGOT, Math.min(samples, 1000), random, LOOKS_UP),
  ];
  console.log(`\n${table(runs.map(({ figures }) => figures))}\n`);
  const control = runs.pop()!;
  // Of few samples chance alone makes more.
  const margin = Math.max(MARGIN, 4 / Math.sqrt(6 * samples));
  const told = runs.filter(({ auc }) => Math.abs(auc - 0.5) > margin);
  if (told.length > 0)
    throw new Error('The promise is broken: the time of an answer tells who has an account.');
  if (control.auc <= 0.5 + margin)
    throw new Error('The control was not found out: the proof proves nothing.');
  console.log('The time of an answer tells nobody who has an account.');
}

async function measured(
  { name, path, bodyFor }: Case,
  samples: number,
  random: Random,
  entry?: string,
): Promise<{ auc: number; figures: Figures }> {
  const database = (await freshDatabase('sqlite'))!;
  const env = { EMAIL_VERIFICATION: 'required' };
  const node = await AppNode.start({ database: database.url, env, ...(entry && { entry }) });
  const client = new Client(node.url, 1);
  const known = await emailsThatHaveAccounts(client, database, samples + WARM_UP);
  const unknown = known.map((email) => email.replace('@known', '@other'));
  const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
  const left = { known: [...known], unknown };
  for (let sent = 0; left.known.length + left.unknown.length > 0; sent++) {
    const isKnown = random.next() * (left.known.length + left.unknown.length) < left.known.length;
    const kind = isKnown ? 'known' : 'unknown';
    const email = left[kind].pop()!;
    const { status, milliseconds } = await client.post(path, bodyFor(email));
    if (status !== 202) throw new Error(`answered ${status}`);
    if (sent >= 2 * WARM_UP) times[kind].push(milliseconds);
  }
  client.close();
  await node.stop();
  await database.drop();
  const auc = aucOf(times.known, times.unknown);
  const figures = {
    call: name + (entry ? ' (control)' : ''),
    samples: times.known.length + times.unknown.length,
    AUC: auc.toFixed(3),
    'known p50 ms': quantile(times.known, 0.5),
    'unknown p50 ms': quantile(times.unknown, 0.5),
  };
  return { auc, figures };
}

/** Not one by one through HTTP: their passwords would be hashed for minutes. */
async function emailsThatHaveAccounts(
  client: Client,
  database: ProofDatabase,
  count: number,
): Promise<string[]> {
  await client.post('/api/auth/register/', { ...PERSON, email: 'first@example.org' });
  await database.query(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
    INSERT INTO users (id, email, email_key, password_hash, first_name, last_name, gender, role, active, created_at)
    SELECT printf('01900000-0000-7000-8000-%012x', i), email_of.name, email_of.name,
      password_hash, first_name, last_name, gender, role, active, created_at
    FROM users, (SELECT i, printf('person-%06d@known.example.org', i) AS name FROM n) AS email_of`);
  const rows = await database.query<{ email: string }>(`SELECT email FROM users WHERE email LIKE '%@known%'`);
  return rows.map(({ email }) => email);
}

/** How often a value of the first is above one of the second; half where they are equal (Mann and Whitney). */
function aucOf(first: readonly number[], second: readonly number[]): number {
  const all = [
    ...first.map((value) => ({ value, isFirst: true })),
    ...second.map((value) => ({ value, isFirst: false })),
  ];
  all.sort((a, b) => a.value - b.value);
  let below = 0;
  let above = 0;
  for (let begin = 0; begin < all.length;) {
    let end = begin;
    while (end < all.length && all[end]!.value === all[begin]!.value) end++;
    const equal = all.slice(begin, end);
    const firsts = equal.filter(({ isFirst }) => isFirst).length;
    const seconds = equal.length - firsts;
    above += firsts * (below + seconds / 2);
    below += seconds;
    begin = end;
  }
  return above / (first.length * second.length);
}
