import { Clock } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { RESET_PAUSE, RESET_TTL } from '../domain/password-reset.js';
import { emailKey, type User } from '../domain/user.js';
import { EmailVerification, PasswordResets, Users } from '../ports.js';
import { NewPassword } from './new-password.js';
import { RegisterUser, type RegisterUserInput } from './register-user.js';

export type OpenAccountInput = RegisterUserInput & { password: string };

/**
 * Opens the account of somebody who registers. Where emails are verified it works only after a token was used that is
 * mailed like the one for a forgotten password; whether the email had an account is then told to its mailbox alone.
 */
export class OpenAccount {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly resets: PasswordResets,
    private readonly registerUser: RegisterUser,
    private readonly newPassword: NewPassword,
    private readonly verification: EmailVerification,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** Undefined where the email is to be verified. Throws WeakPassword, and where it is not EmailTaken. */
  async execute(input: OpenAccountInput): Promise<User | undefined> {
    if (!this.verification.isRequired) return this.registerUser.execute(input);
    const { password, ...account } = input;
    const passwordHash = await this.newPassword.execute({ password, owner: account, pointer: '/password' });
    const now = this.clock.now();
    const user: User = {
      ...account,
      id: this.ids.next(),
      passwordHash,
      photo: null,
      active: true,
      createdAt: now,
      lastLoginAt: null,
      verifyBy: now + RESET_TTL,
      closedAt: null,
    };
    await this.transactions.run(async () => {
      // Within the pause the account stays what the letter that was sent speaks of.
      if (await this.resets.request(emailKey(user.email), now, RESET_PAUSE))
        await this.users.addUnverified(user);
    });
    return undefined;
  }
}
