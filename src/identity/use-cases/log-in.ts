import { Clock } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { InvalidCredentials } from '../domain/errors.js';
import type { Session } from '../domain/session.js';
import { PasswordHasher, Sessions, Tokens, Users } from '../ports.js';

export interface TokenPair {
  access: string;
  refresh: string;
}

/** Opens a session for whoever knows the password. */
export class LogIn {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly hasher: PasswordHasher,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** Throws InvalidCredentials, alike for a wrong password, an unknown email and a deactivated account. */
  async execute(input: { email: string; password: string }): Promise<TokenPair> {
    const user = await this.users.findByEmail(input.email);
    const matches = await this.hasher.verify(user?.passwordHash, input.password);
    if (user === undefined || !matches || !user.active) throw new InvalidCredentials();

    const now = this.clock.now();
    const session: Session = {
      id: this.ids.next(),
      userId: user.id,
      nonce: this.tokens.nonce(),
      counter: 0,
      openedAt: now,
      refreshedAt: now,
      endedAt: null,
    };
    await this.transactions.run(() => this.sessions.add(session));
    const access = await this.tokens.access({ userId: user.id, sessionId: session.id });
    return { access, refresh: this.tokens.refresh(session) };
  }
}
