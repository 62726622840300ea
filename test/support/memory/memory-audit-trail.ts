import { AuditTrail, type AuditEvent } from '#libs/kernel/audit-trail.js';
import type { MemoryTransactions } from './memory-transactions.js';

export class MemoryAuditTrail extends AuditTrail {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async record(event: AuditEvent): Promise<void> {
    const { auditEvents } = this.transactions.changing;
    auditEvents.set(auditEvents.size, event);
  }

  /** All that was recorded, the oldest first. */
  get events(): readonly AuditEvent[] {
    return [...this.transactions.rows.auditEvents.values()];
  }
}
