import { Leases } from '../../../src/jobs/ports.js';
import type { MemoryTransactions } from './memory-transactions.js';

export class MemoryLeases extends Leases {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async take(name: string, holder: string, duration: number): Promise<boolean> {
    const { leases } = this.transactions.changing;
    const now = Date.now();
    const held = leases.get(name);
    if (held !== undefined && held.holder !== holder && held.until > now) return false;
    leases.set(name, { holder, until: now + duration });
    return true;
  }

  async release(name: string, holder: string): Promise<void> {
    const { leases } = this.transactions.changing;
    if (leases.get(name)?.holder === holder) leases.delete(name);
  }
}
