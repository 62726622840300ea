import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { Sessions } from '../ports.js';

/** Signs a user out everywhere. */
export class EndSessions {
  constructor(
    private readonly transactions: Transactions,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  async execute(userId: string): Promise<void> {
    await this.transactions.run(async () => {
      if ((await this.sessions.endAllOf(userId, this.clock.now())) === 0) return;
      await this.audit.record({ action: 'session.end-all', entity: { type: 'user', id: userId } });
    });
  }
}
