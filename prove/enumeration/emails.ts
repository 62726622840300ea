import type { Client } from '../support/client.js';
import type { ProofDatabase } from '../support/databases.js';
import type { Random } from '../support/random.js';

export const PASSWORD = 'a tree in the wind';
export const PERSON = { password: PASSWORD, first_name: 'Ada', last_name: 'Newman', role: 'patient' };

/** Not one by one through HTTP: their passwords would be hashed for minutes. */
export async function emailsThatHaveAccounts(
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
  const rows = await database.query<{ email: string }>(
    `SELECT email FROM users WHERE email LIKE '%@known%' ORDER BY email`,
  );
  return rows.map(({ email }) => email);
}

/** An email of the same form that has none. */
export const withoutAccount = (email: string): string => email.replace('@known', '@other');

/** Each email of each kind once, in random order; the kinds end together. */
export function inRandomOrder<Kind extends string>(
  emails: Readonly<Record<Kind, readonly string[]>>,
  random: Random,
): Generator<{ kind: Kind; email: string }> {
  const kinds = Object.keys(emails) as Kind[];
  return random.inAnyOrder(kinds.flatMap((kind) => emails[kind].map((email) => ({ kind, email }))));
}
