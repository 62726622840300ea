import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import type { Actor } from '../domain/user.js';
import { Sessions } from '../ports.js';

/** Ends the session that asks. Its tokens are refused from the next request on. */
export class LogOut {
  constructor(
    private readonly transactions: Transactions,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  async execute(actor: Actor): Promise<void> {
    const { sessionId: id } = actor;
    await this.transactions.run(async () => {
      await this.sessions.end(id, this.clock.now());
      await this.audit.record({ action: 'session.end', entity: { type: 'session', id } });
    });
  }
}
