import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { InvalidRefreshToken } from '../domain/errors.js';
import { Sessions, Tokens, Users } from '../ports.js';
import type { TokenPair } from './log-in.js';

/** Exchanges a refresh token, which works once, for a new pair. */
export class RefreshSession {
  constructor(
    private readonly transactions: Transactions,
    private readonly sessions: Sessions,
    private readonly users: Users,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
  ) {}

  /** Throws InvalidRefreshToken. */
  async execute(refreshToken: string): Promise<TokenPair> {
    const claim = this.tokens.claimOf(refreshToken);
    const session = claim && (await this.sessions.find(claim.sessionId));
    if (!claim || !session || !this.tokens.isGenuine(refreshToken, session)) throw new InvalidRefreshToken();
    const user = await this.users.find(session.userId);
    if (!user?.active) throw new InvalidRefreshToken();

    const advanced = await this.transactions.run(() =>
      this.sessions.advance(session.id, claim.counter, this.clock.now()),
    );
    if (!advanced) throw new InvalidRefreshToken();
    const access = await this.tokens.access({ userId: user.id, sessionId: session.id });
    return { access, refresh: this.tokens.refresh({ ...session, counter: claim.counter + 1 }) };
  }
}
