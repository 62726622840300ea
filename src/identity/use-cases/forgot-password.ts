import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { RESET_PAUSE } from '../domain/password-reset.js';
import { emailKey } from '../domain/user.js';
import { PasswordResets } from '../ports.js';

/**
 * Notes that somebody asked for a new password. Whether the email has an account is not looked up here, so neither the answer
 * nor its time can tell.
 */
export class ForgotPassword {
  constructor(
    private readonly transactions: Transactions,
    private readonly resets: PasswordResets,
    private readonly clock: Clock,
  ) {}

  async execute(email: string): Promise<void> {
    const now = this.clock.now();
    await this.transactions.run(() => this.resets.request(emailKey(email), now, RESET_PAUSE));
  }
}
