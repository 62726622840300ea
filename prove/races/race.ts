import { randomUUID } from 'node:crypto';
import { Client, Unanswered, type Answer } from '../support/client.js';
import { choose, type Chosen } from './actions.js';
import type { Arena } from './arena.js';

/** One attempt, and what came of it. */
export interface Ran extends Chosen {
  key: string | undefined;
  sentAt: number;
  answeredAt: number;
  /** Undefined where no answer came. */
  answer: Answer | undefined;
  whyUnanswered: string | undefined;
}

/** In all, over all nodes. */
const AT_ONCE = 32;

/**
 * So many attempts on these nodes, always some dozens at once; a quarter of them under an idempotency key. Fewer where
 * the time is up before.
 */
export async function race(
  arena: Arena,
  nodes: readonly Client[],
  attempts: number,
  deadline = Infinity,
): Promise<Ran[]> {
  const ran: Ran[] = [];
  let left = attempts;
  const oneAfterAnother = async () => {
    while (left-- > 0 && Date.now() < deadline) ran.push(await run(arena, arena.random.oneOf(nodes)));
  };
  const tell = () => console.log(`still racing: ${ran.length} of ${attempts} attempts`);
  const ticker = setInterval(tell, 60_000);
  await Promise.all(Array.from({ length: AT_ONCE }, oneAfterAnother));
  clearInterval(ticker);
  return ran;
}

async function run(arena: Arena, node: Client): Promise<Ran> {
  const chosen = choose(arena);
  const { actor, method = 'POST', path, body, rule } = chosen;
  const token = await actor.token(node);
  const key = rule === undefined && arena.random.below(4) === 0 ? randomUUID() : undefined;
  const headers = { ...chosen.headers, ...(key !== undefined && { 'idempotency-key': key }) };
  const sentAt = Date.now();
  let answer: Answer | undefined;
  let whyUnanswered: string | undefined;
  try {
    answer = await node.send({ method, path, body, token, headers });
    if (answer.status < 300) arena.learn(chosen, answer);
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    whyUnanswered = error.message;
  }
  return { ...chosen, key, sentAt, answeredAt: Date.now(), answer, whyUnanswered };
}
