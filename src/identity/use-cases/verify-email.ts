import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { TokenInvalid } from '../domain/errors.js';
import { isGood, RESET_TTL } from '../domain/password-reset.js';
import { PasswordResets, Secrets, Users } from '../ports.js';

/** Lets an account work, by a token that was mailed to it. It opens no session. */
export class VerifyEmail {
  constructor(
    private readonly transactions: Transactions,
    private readonly resets: PasswordResets,
    private readonly users: Users,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws TokenInvalid, also for the token of an account that waits for no verification. */
  async execute(token: string): Promise<void> {
    const hash = this.secrets.hashOf(token);
    const now = this.clock.now();
    await this.transactions.run(async () => {
      const reset = await this.resets.find(hash);
      const user = reset?.userId && isGood(reset, now) ? await this.users.find(reset.userId) : undefined;
      if (!user?.active || user.verifyBy === null) throw new TokenInvalid();
      if (!(await this.resets.consume(hash, now - RESET_TTL))) throw new TokenInvalid();
      await this.users.verify(user.id);
      const by = { userId: user.id, role: user.role };
      await this.audit.record({ action: 'account.verify', entity: { type: 'user', id: user.id }, by });
    });
  }
}
