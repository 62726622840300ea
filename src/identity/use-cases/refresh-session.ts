import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { InvalidRefreshToken } from '../domain/errors.js';
import { isAnsweredAgain, isLive, type Session } from '../domain/session.js';
import { Sessions, Tokens, Users } from '../ports.js';
import type { TokenPair } from './log-in.js';

/**
 * Exchanges a refresh token, which works once, for a new pair. One that comes back is taken for a copy in other hands,
 * and ends the session for both; only a moment later, and while nobody has used its successor, it is answered with the
 * same successor again.
 */
export class RefreshSession {
  constructor(
    private readonly transactions: Transactions,
    private readonly sessions: Sessions,
    private readonly users: Users,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws InvalidRefreshToken. */
  async execute(refreshToken: string): Promise<TokenPair> {
    const claim = this.tokens.claimOf(refreshToken);
    const session = claim && (await this.sessions.find(claim.sessionId));
    if (!claim || !session || !this.tokens.isGenuine(refreshToken, session)) throw new InvalidRefreshToken();

    // Not thrown inside: that would take back the end of a session.
    const next = await this.transactions.run(() => this.#next(session, claim.counter));
    if (next === undefined) throw new InvalidRefreshToken();
    const access = await this.tokens.access({ userId: next.userId, sessionId: next.id });
    return { access, refresh: this.tokens.refresh(next) };
  }

  /** The session whose token is the answer; undefined where there is none. */
  async #next({ id, userId }: Session, counter: number): Promise<Session | undefined> {
    const user = await this.users.find(userId);
    if (!user?.active) return undefined;
    const now = this.clock.now();
    const found = await this.sessions.find(id);
    if (found !== undefined && !isLive(found, now)) {
      // For good, so that a clock that is set back does not open it again.
      await this.sessions.end(id, now);
      return undefined;
    }
    const isFirst = await this.sessions.advance(id, counter, now);
    // Read only now: it tells what those did who were faster.
    const session = await this.sessions.find(id);
    if (session === undefined || session.endedAt !== null) return undefined;
    if (isFirst || isAnsweredAgain(session, counter, now)) return session;
    if (counter < session.counter) {
      await this.sessions.end(id, now);
      await this.audit.record({ action: 'session.revoke', entity: { type: 'session', id } });
    }
    return undefined;
  }
}
