import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { WrongPassword } from '../domain/errors.js';
import { emailKey, type Actor } from '../domain/user.js';
import { PasswordResets, Sessions, Users } from '../ports.js';
import { ConfirmPassword } from './confirm-password.js';
import { NewPassword } from './new-password.js';

export interface ChangePasswordInput {
  actor: Actor;
  currentPassword: string;
  newPassword: string;
}

const CURRENT = '/current_password';

/**
 * Changes the actor's password, and signs them out everywhere else: whoever has the old one is out, and so is whoever has
 * a token that was mailed to set another.
 */
export class ChangePassword {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly resets: PasswordResets,
    private readonly confirmPassword: ConfirmPassword,
    private readonly newPassword: NewPassword,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws TooManyTries, WrongPassword, also where another change was faster, and WeakPassword. */
  async execute({ actor, currentPassword, newPassword: password }: ChangePasswordInput): Promise<void> {
    const user = await this.confirmPassword.execute({
      userId: actor.userId,
      password: currentPassword,
      pointer: CURRENT,
    });
    const passwordHash = await this.newPassword.execute({ password, owner: user, pointer: '/new_password' });
    await this.transactions.run(async () => {
      const now = this.clock.now();
      // In the order in which a token is used: token, then account. The other way two could wait for each other.
      await this.resets.withdraw(emailKey(user.email), now);
      if (!(await this.users.changePassword(user, passwordHash))) throw new WrongPassword(CURRENT);
      await this.sessions.endAllOf(user.id, now, actor.sessionId);
      await this.audit.record({ action: 'password.change', entity: { type: 'user', id: user.id } });
    });
  }
}
