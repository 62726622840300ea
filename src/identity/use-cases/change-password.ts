import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { WrongPassword } from '../domain/errors.js';
import type { Actor } from '../domain/user.js';
import { PasswordHasher, Sessions, Users } from '../ports.js';
import { NewPassword } from './new-password.js';

export interface ChangePasswordInput {
  actor: Actor;
  currentPassword: string;
  newPassword: string;
}

/** Changes the actor's password, and signs them out everywhere else: whoever has the old one is out. */
export class ChangePassword {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly hasher: PasswordHasher,
    private readonly newPassword: NewPassword,
    private readonly clock: Clock,
  ) {}

  /** Throws WrongPassword, also where another change was faster, and WeakPassword. */
  async execute({ actor, currentPassword, newPassword: password }: ChangePasswordInput): Promise<void> {
    const user = await this.users.find(actor.userId);
    if (!user || !(await this.hasher.verify(user.passwordHash, currentPassword))) throw new WrongPassword();
    const passwordHash = await this.newPassword.execute({ password, owner: user, pointer: '/new_password' });
    await this.transactions.run(async () => {
      if (!(await this.users.changePassword(user, passwordHash))) throw new WrongPassword();
      await this.sessions.endAllOf(user.id, this.clock.now(), actor.sessionId);
    });
  }
}
