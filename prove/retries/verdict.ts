import { faultsIn } from '../support/checks.js';
import type { Answer } from '../support/client.js';
import type { ProofDatabase } from '../support/databases.js';
import { tally } from '../support/table.js';
import { isSettled, type Repeated } from './stories.js';

/** Refusals of the moment, after which the same request may be sent again. */
const FOR_NOW = new Set(['503', '409 request-in-flight']);

export function outcomeOf(answer: Answer | undefined): string {
  if (answer === undefined) return 'unanswered';
  if (answer.status === 503) return '503';
  return answer.body.code ? `${answer.status} ${answer.body.code}` : String(answer.status);
}

/** One effect for each key, and every answer tells of it in the same way: what does not, in words. */
export async function faultsOf(played: readonly Repeated[], database: ProofDatabase): Promise<string[]> {
  const answers = played.flatMap((one) => one.answers).filter((answer) => answer !== undefined);
  const wrong = answers.filter((answer) => !isSettled(answer) && !FOR_NOW.has(outcomeOf(answer)));
  const unequal = played.filter((one) => new Set(told(one)).size !== 1);
  const kept = await keptIn(database);
  const lost = played.filter(({ key, ...one }) => kept.get(key) !== told(one)[0]);
  return [
    ...(await faultsIn(database)),
    ...(await severalEffectsIn(database)),
    ...(wrong.length > 0 ? [`answers that nobody should get: ${tally(wrong.map(outcomeOf))}`] : []),
    ...(unequal.length > 0 ? [`keys with unequal answers: ${unequal.length}`] : []),
    ...(lost.length > 0 ? [`keys that are not kept as they were answered: ${lost.length}`] : []),
  ];
}

function told({ answers }: Pick<Repeated, 'answers'>): string[] {
  return answers.filter(isSettled).map(({ status, body }) => `${status} ${body.id}`);
}

async function keptIn(database: ProofDatabase): Promise<Map<string, string>> {
  const rows = await database.query<{ idempotency_key: string; status: number; appointment_id: string }>(
    'SELECT idempotency_key, status, appointment_id FROM idempotency_keys',
  );
  return new Map(rows.map((row) => [row.idempotency_key, `${row.status} ${row.appointment_id}`]));
}

/** The reason for the visit is the key under which it was booked; each was booked once and cancelled once. */
export async function severalEffectsIn(database: ProofDatabase): Promise<string[]> {
  const several = await database.query(
    'SELECT reason_for_visit FROM appointments GROUP BY reason_for_visit HAVING COUNT(*) <> 1',
  );
  const otherwise = await database.query(
    `SELECT id FROM appointments WHERE status <> 'cancelled' OR version <> 2`,
  );
  return [
    ...(several.length > 0 ? [`keys with several effects: ${several.length}`] : []),
    ...(otherwise.length > 0 ? [`appointments that were not cancelled once: ${otherwise.length}`] : []),
  ];
}
