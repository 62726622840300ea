import type { Answer, Client } from '../support/client.js';
import type { ProofDatabase } from '../support/databases.js';
import type { Random } from '../support/random.js';
import { Answers, compare, type Comparison } from './answers.js';
import { emailsThatHaveAccounts, inRandomOrder, PASSWORD, withoutAccount } from './emails.js';

const WRONG = 'no tree in the wind';
/** Names whose tries are used up, with and without an account: each is asked about many times. */
const USED_UP = 10;
const WARM_UP = 100;

interface State {
  /** What makes it of an active patient's account. */
  sql?: string;
  password: string;
}

/** Of accounts that nobody gets into by the password that is tried. */
const STATES = {
  'a wrong password': { password: WRONG },
  'deactivated, a wrong password': { sql: 'UPDATE users SET active = 0', password: WRONG },
  'deactivated, the right password': { sql: 'UPDATE users SET active = 0', password: PASSWORD },
  'an unapproved doctor, a wrong password': {
    sql: `INSERT INTO doctors (id, user_id, specialty, specialty_key, phone_number, experience_years, time_zone, created_at)
      SELECT id, id, 'Cardiology', 'cardiology', '+4930901820', 12, 'UTC', created_at FROM users`,
    password: WRONG,
  },
} satisfies Record<string, State>;
type Kind = keyof typeof STATES | 'unknown';
const KINDS = Object.keys(STATES) as (keyof typeof STATES)[];

export interface Effort {
  /** Of each kind of email whose password is looked at. */
  samples: number;
  /** Of each kind of email whose tries are used up. */
  refusals: number;
  /** When no further password is to be tried, as a moment of `Date.now()`. */
  until: number;
}

/** Logins that are refused, of accounts in each state against names without one; all are in one random order. */
export async function logins(
  client: Client,
  database: ProofDatabase,
  { samples, refusals, until }: Effort,
  random: Random,
): Promise<Comparison[]> {
  const each = samples + Math.ceil(WARM_UP / KINDS.length);
  const known = await emailsThatHaveAccounts(client, database, each * KINDS.length + USED_UP);
  const emails = { unknown: known.slice(0, each).map(withoutAccount) } as Record<Kind, string[]>;
  for (const [i, kind] of KINDS.entries()) {
    const some = known.slice(i * each, (i + 1) * each);
    const { sql }: State = STATES[kind];
    if (sql !== undefined)
      await database.query(`${sql} WHERE email BETWEEN ? AND ?`, [some[0]!, some.at(-1)!]);
    emails[kind] = some;
  }
  await database.query(
    `UPDATE users SET role = 'doctor' WHERE EXISTS (SELECT 1 FROM doctors d WHERE d.user_id = users.id)`,
  );
  const answers = Object.fromEntries([...KINDS, 'unknown'].map((kind) => [kind, new Answers()])) as Record<
    Kind,
    Answers
  >;
  let asked = 0;
  for (const { kind, email } of inRandomOrder(emails, random)) {
    if (Date.now() > until) break;
    const password = kind === 'unknown' ? WRONG : STATES[kind].password;
    answers[kind].add(expecting([401], await logIn(client, email, password)), asked++ >= WARM_UP);
  }
  const compared = KINDS.map((kind) => compare(`login: ${kind}`, answers[kind], answers.unknown));
  if (refusals > 0) compared.push(await overBudget(client, known.slice(-USED_UP), refusals, random));
  return compared;
}

/** The tries of these names are used up first. Those that come back meanwhile are used up too, and are no samples. */
async function overBudget(
  client: Client,
  known: readonly string[],
  samples: number,
  random: Random,
): Promise<Comparison> {
  const names = { known, unknown: known.map(withoutAccount) };
  const answers = { known: new Answers(), unknown: new Answers() };
  const refused = async (email: string): Promise<Answer> => {
    for (;;) {
      const answer = expecting([401, 429], await logIn(client, email, WRONG));
      if (answer.status === 429) return answer;
    }
  };
  for (const email of [...names.known, ...names.unknown]) await refused(email);
  const often = (some: readonly string[]) =>
    Array.from({ length: samples + WARM_UP / 2 }, () => random.oneOf(some));
  const emails = { known: often(names.known), unknown: often(names.unknown) };
  let asked = 0;
  for (const { kind, email } of inRandomOrder(emails, random))
    answers[kind].add(await refused(email), asked++ >= WARM_UP);
  return compare('login: tries used up', answers.known, answers.unknown);
}

function logIn(client: Client, email: string, password: string): Promise<Answer> {
  return client.post('/api/auth/login/', { email, password });
}

function expecting(statuses: readonly number[], answer: Answer): Answer {
  if (!statuses.includes(answer.status)) throw new Error(`a login was answered ${answer.status}`);
  return answer;
}
