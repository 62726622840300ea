import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { Sessions } from '../ports.js';

/** Signs a user out everywhere. */
export class EndSessions {
  constructor(
    private readonly transactions: Transactions,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
  ) {}

  async execute(userId: string): Promise<void> {
    await this.transactions.run(() => this.sessions.endAllOf(userId, this.clock.now()));
  }
}
