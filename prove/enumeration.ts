import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Answers, compare, type Comparison } from './enumeration/answers.js';
import { emailsThatHaveAccounts, inRandomOrder, PERSON, withoutAccount } from './enumeration/emails.js';
import { logins, type Effort } from './enumeration/logins.js';
import { Client } from './support/client.js';
import { freshDatabase, type ProofDatabase } from './support/databases.js';
import { networks } from './support/networks.js';
import { AppNode, PRODUCT } from './support/nodes.js';
import { Random } from './support/random.js';
import { table } from './support/table.js';

const WARM_UP = 100;
/** Of each kind of email; more than enough for a login that does not hash. */
const LOGINS_OF_A_CONTROL = 100;

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

const control = (file: string) => fileURLToPath(new URL(`enumeration/${file}`, import.meta.url));
/** The product, but that it looks the account up and mails while the request waits. */
const LOOKS_UP = control('looks-up.js');
/** … but that it hashes no password for an email without an account. */
const HASHES_KNOWN_ONLY = control('hashes-known-only.js');

/**
 * `enumeration [--samples 5000] [--logins 5000] [--minutes …] [--seed …] [--calls login,forgot,register]`
 *
 * Whether an answer or its time tells that an email has an account: a login that is refused, asking for a new password,
 * and registering where emails are verified. Known and unknown emails in random order, each asked about once; the figure is
 * how often the slower of a known and an unknown one is the known one (AUC), a half where nothing can be told. Logins hash,
 * so `--logins` says how many there are of each state that an account is in, and `--minutes` when they end. The controls look
 * the account up while the request waits, and hash for known emails only; both must be found out.
 */
export async function prove(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      samples: { type: 'string', default: '5000' },
      logins: { type: 'string', default: '5000' },
      minutes: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      calls: { type: 'string', default: 'login,forgot,register' },
    },
  });
  const [samples, ofLogins] = [Number(values.samples), Number(values.logins)];
  const random = new Random(Number(values.seed));
  console.log(`Samples of each kind: ${samples}, of logins ${ofLogins}. Seed: ${values.seed}.`);
  const product: Comparison[] = [];
  const controls: Comparison[] = [];
  const calls = values.calls.split(',');
  if (calls.includes('login')) {
    const until = Date.now() + Number(values.minutes) * 60_000;
    product.push(...told(await loggedIn({ samples: ofLogins, until, refusals: samples }, random)));
    const few = { samples: LOGINS_OF_A_CONTROL, until: Infinity, refusals: 0 };
    const [hashesKnownOnly] = await loggedIn(few, random, HASHES_KNOWN_ONLY);
    controls.push(...told([asControl(hashesKnownOnly!)]));
  }
  if (calls.includes('forgot')) {
    product.push(...told([await asked(FORGOT, samples, random)]));
    const looksUp = await asked(FORGOT, Math.min(samples, 1000), random, LOOKS_UP);
    controls.push(...told([asControl(looksUp)]));
  }
  if (calls.includes('register')) product.push(...told([await asked(REGISTER, samples, random)]));
  const broken = product.filter(({ auc, margin, differs }) => differs || Math.abs(auc - 0.5) > margin);
  if (broken.length > 0)
    throw new Error(`The promise is broken by: ${broken.map(({ call }) => call).join('; ')}.`);
  if (controls.some(({ auc, margin }) => auc <= 0.5 + margin))
    throw new Error('A control was not found out: the proof proves nothing.');
  console.log('Neither an answer nor its time tells who has an account.');
}

function asControl({ figures, ...comparison }: Comparison): Comparison {
  return { ...comparison, figures: { ...figures, call: `${figures['call']} (control)` } };
}

/** At once, since a whole run takes an hour. */
function told(comparisons: Comparison[]): Comparison[] {
  console.log(`\n${table(comparisons.map(({ figures }) => figures))}`);
  return comparisons;
}

async function loggedIn(effort: Effort, random: Random, entry?: string): Promise<Comparison[]> {
  const env = { DOCTOR_APPROVAL: 'manual', TRUSTED_PROXY_HOPS: '1' };
  return withNode(env, entry, (client, database) => logins(client, database, effort, random));
}

async function asked(
  { name, path, bodyFor }: Case,
  samples: number,
  random: Random,
  entry?: string,
): Promise<Comparison> {
  return withNode({ EMAIL_VERIFICATION: 'required' }, entry, async (client, database) => {
    const known = await emailsThatHaveAccounts(client, database, samples + WARM_UP / 2);
    const answers = { known: new Answers(), unknown: new Answers() };
    let sent = 0;
    for (const { kind, email } of inRandomOrder({ known, unknown: known.map(withoutAccount) }, random)) {
      const answer = await client.post(path, bodyFor(email));
      if (answer.status !== 202) throw new Error(`answered ${answer.status}`);
      answers[kind].add(answer, sent++ >= WARM_UP);
    }
    return compare(name, answers.known, answers.unknown);
  });
}

async function withNode<T>(
  env: Record<string, string>,
  entry: string | undefined,
  work: (client: Client, database: ProofDatabase) => Promise<T>,
): Promise<T> {
  const database = (await freshDatabase('sqlite'))!;
  const node = await AppNode.start({ database: database.url, env, entry: entry ?? PRODUCT });
  // Each request comes from a network of its own, so that only names use up their tries.
  const client = new Client(node.url, 1, networks());
  try {
    return await work(client, database);
  } finally {
    client.close();
    await node.stop();
    await database.drop();
  }
}
