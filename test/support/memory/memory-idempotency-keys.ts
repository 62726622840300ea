import { IdempotencyKeys, type KeptAnswer, type KeyedRequest } from '../../../src/scheduling/ports.js';
import type { MemoryTransactions } from './memory-transactions.js';

/** Units of work in memory follow each other, so that no twin has to wait at a key. */
export class MemoryIdempotencyKeys extends IdempotencyKeys {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async take(
    { user, key, request }: KeyedRequest,
    now: number,
    since: number,
  ): Promise<KeptAnswer | undefined> {
    const { keys } = this.transactions.changing;
    const kept = keys.get(`${user} ${key}`);
    if (kept?.answer !== undefined && kept.takenAt >= since) {
      return { ...kept.answer, isSameRequest: kept.request === request };
    }
    keys.set(`${user} ${key}`, { request, takenAt: now, answer: undefined });
    return undefined;
  }

  async keep({ user, key }: KeyedRequest, answer: { status: number; appointment: string }): Promise<void> {
    const { keys } = this.transactions.changing;
    keys.set(`${user} ${key}`, { ...keys.get(`${user} ${key}`)!, answer });
  }

  async forgetOf(user: string): Promise<void> {
    const { keys } = this.transactions.changing;
    for (const key of keys.keys()) if (key.startsWith(`${user} `)) keys.delete(key);
  }

  async forget(before: number, atMost: number): Promise<number> {
    const { keys } = this.transactions.changing;
    const oldest = [...keys]
      .filter(([, { takenAt }]) => takenAt < before)
      .toSorted(([, one], [, other]) => one.takenAt - other.takenAt)
      .slice(0, atMost);
    for (const [key] of oldest) keys.delete(key);
    return oldest.length;
  }
}
