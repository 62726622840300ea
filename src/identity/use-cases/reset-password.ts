import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { TokenInvalid } from '../domain/errors.js';
import { isGood, RESET_TTL } from '../domain/password-reset.js';
import { PasswordResets, Secrets, Sessions, Users } from '../ports.js';
import { NewPassword } from './new-password.js';

/**
 * Sets a password by a token that was mailed, once, and ends all sessions of the account. It opens none: whoever reads the
 * mail of somebody must still log in, and is seen doing so.
 */
export class ResetPassword {
  constructor(
    private readonly transactions: Transactions,
    private readonly resets: PasswordResets,
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly secrets: Secrets,
    private readonly newPassword: NewPassword,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws TokenInvalid; and WeakPassword, after which the token is still good. */
  async execute({ token, newPassword: password }: { token: string; newPassword: string }): Promise<void> {
    const hash = this.secrets.hashOf(token);
    const reset = await this.resets.find(hash);
    const user =
      reset?.userId && isGood(reset, this.clock.now()) ? await this.users.find(reset.userId) : undefined;
    if (!user?.active) throw new TokenInvalid();
    const passwordHash = await this.newPassword.execute({ password, owner: user, pointer: '/new_password' });
    const now = this.clock.now();
    await this.transactions.run(async () => {
      if (!(await this.resets.consume(hash, now - RESET_TTL))) throw new TokenInvalid();
      // The account may have been deactivated, or its password changed, while this one was hashed.
      if (!(await this.users.changePassword(user, passwordHash))) throw new TokenInvalid();
      // Whoever reads the letter owns the mailbox.
      if (user.verifyBy !== null) await this.users.verify(user.id);
      await this.sessions.endAllOf(user.id, now);
      const by = { userId: user.id, role: user.role };
      await this.audit.record({ action: 'password.reset', entity: { type: 'user', id: user.id }, by });
    });
  }
}
