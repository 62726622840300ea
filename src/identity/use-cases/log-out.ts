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
  ) {}

  async execute(actor: Actor): Promise<void> {
    await this.transactions.run(() => this.sessions.end(actor.sessionId, this.clock.now()));
  }
}
