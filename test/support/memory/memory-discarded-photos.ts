import type { Instant } from '#libs/kernel/clock.js';
import { DiscardedPhotos } from '../../../src/identity/ports.js';
import type { MemoryTransactions } from './memory-transactions.js';

export class MemoryDiscardedPhotos extends DiscardedPhotos {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async add(key: string, at: Instant): Promise<void> {
    this.transactions.changing.discardedPhotos.set(key, at);
  }

  async takeOff(key: string): Promise<boolean> {
    return this.transactions.changing.discardedPhotos.delete(key);
  }

  async before(at: Instant, limit: number): Promise<readonly string[]> {
    return [...this.transactions.rows.discardedPhotos]
      .filter(([, since]) => since < at)
      .toSorted(([oneKey, one], [otherKey, other]) => one - other || (oneKey < otherKey ? -1 : 1))
      .slice(0, limit)
      .map(([key]) => key);
  }
}
