import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { NotFound } from '#libs/kernel/errors.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { isLive } from '../domain/session.js';
import type { Actor } from '../domain/user.js';
import { Sessions } from '../ports.js';

/** Signs the actor out on one device. */
export class EndSession {
  constructor(
    private readonly transactions: Transactions,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws NotFound for a session that is not open, or not the actor's. */
  async execute({ actor, id }: { actor: Actor; id: string }): Promise<void> {
    const now = this.clock.now();
    await this.transactions.run(async () => {
      const session = await this.sessions.find(id);
      if (session?.userId !== actor.userId || !isLive(session, now)) throw new NotFound('session');
      await this.sessions.end(id, now);
      await this.audit.record({ action: 'session.end', entity: { type: 'session', id } });
    });
  }
}
