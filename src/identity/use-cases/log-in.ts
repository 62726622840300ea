import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { InvalidCredentials } from '../domain/errors.js';
import { MAX_OPEN_SESSIONS, type Session } from '../domain/session.js';
import type { User } from '../domain/user.js';
import { PasswordHasher, Sessions, Tokens, Users, type Draw } from '../ports.js';
import { GuessBudget } from './guess-budget.js';

export interface LogInInput {
  email: string;
  password: string;
  deviceName: string | null;
  /** The prefix of the caller's address. */
  network: string | null;
  /** What the device was given at an earlier login. */
  deviceToken?: string | undefined;
}

export interface TokenPair {
  access: string;
  refresh: string;
}

export interface LoggedIn extends TokenPair {
  deviceToken: string;
}

/** Opens a session for whoever knows the password. */
export class LogIn {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly hasher: PasswordHasher,
    private readonly guesses: GuessBudget,
    private readonly tokens: Tokens,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws TooManyTries; and InvalidCredentials, alike for a wrong password, an unknown email, and an account that is deactivated or to be verified. */
  async execute({ email, password, deviceToken, ...device }: LogInInput): Promise<LoggedIn> {
    const tries = await this.guesses.reserve({ email, network: device.network, deviceToken });
    const { user, matches } = await this.guesses.evaluated(tries, async () => {
      const user = await this.users.findByEmail(email);
      return { user, matches: await this.hasher.verify(user?.passwordHash, password) };
    });
    if (user === undefined || !matches || !user.active || user.verifyBy !== null)
      throw new InvalidCredentials();

    const rehashed = this.hasher.isOutdated(user.passwordHash) ? await this.hasher.hash(password) : undefined;
    const now = this.clock.now();
    const session: Session = {
      ...device,
      id: this.ids.next(),
      userId: user.id,
      nonce: this.tokens.nonce(),
      counter: 0,
      openedAt: now,
      refreshedAt: now,
      endedAt: null,
    };
    await this.transactions.run(() => this.#open(session, user, tries, rehashed));
    const access = await this.tokens.access({ userId: user.id, sessionId: session.id });
    const refresh = this.tokens.refresh(session);
    return { access, refresh, deviceToken: this.guesses.deviceTokenOf(user, deviceToken) };
  }

  async #open(session: Session, user: User, tries: readonly Draw[], rehashed?: string): Promise<void> {
    const { openedAt: now } = session;
    // While the password was hashed it may have been changed, or the account deactivated.
    if (!(await this.users.recordLogin(user, now, rehashed))) throw new InvalidCredentials();
    await this.#makeRoom(user.id, now);
    await this.sessions.add(session);
    const by = { userId: user.id, role: user.role };
    await this.audit.record({ action: 'session.open', entity: { type: 'session', id: session.id }, by });
    await this.guesses.giveBack(tries);
  }

  /** The sessions that were longest not refreshed end: a refusal would let forgotten ones keep their owner out. */
  async #makeRoom(userId: string, now: number): Promise<void> {
    const open = await this.sessions.openOf(userId, now);
    const latest = open.toSorted((a, b) => b.refreshedAt - a.refreshedAt);
    for (const { id } of latest.slice(MAX_OPEN_SESSIONS - 1)) {
      await this.sessions.end(id, now);
      await this.audit.record({ action: 'session.displace', entity: { type: 'session', id } });
    }
  }
}
