import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { isLive } from '../domain/session.js';
import type { Actor } from '../domain/user.js';
import { Sessions, Users } from '../ports.js';

/** Tells who stands behind an access token now: a token outlives neither its session nor its user. */
export class Authenticate {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
  ) {}

  async execute(claims: { userId: string; sessionId: string }): Promise<Actor | undefined> {
    const session = await this.sessions.find(claims.sessionId);
    if (session?.userId !== claims.userId) return undefined;
    const now = this.clock.now();
    if (!isLive(session, now)) {
      // For good, so that a clock that is set back does not open it again.
      if (session.endedAt === null) await this.transactions.run(() => this.sessions.end(session.id, now));
      return undefined;
    }
    const user = await this.users.find(claims.userId);
    return user?.active ? { userId: user.id, role: user.role, sessionId: session.id } : undefined;
  }
}
