import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock, DAY, MINUTE } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { RESET_TTL, type PasswordReset } from '../domain/password-reset.js';
import { Letters, Mail, PasswordResets, Secrets, Users } from '../ports.js';

/** Also where each waits for a mail server that does not answer, it is less than a minute. */
const AT_ONCE = 5;

/** A mail server that refuses is not asked without end. */
const TRIED_AGAIN_AFTER = MINUTE;

/** Nobody said that the account was theirs. */
const FORGOTTEN_AFTER = DAY;

/**
 * Mails a token to each account for which a new password was asked. One that is interrupted between keeping the token and mailing it is
 * done again with another token; what cannot be mailed is tried again until it is too old.
 */
export class MailPasswordResets {
  constructor(
    private readonly transactions: Transactions,
    private readonly resets: PasswordResets,
    private readonly users: Users,
    private readonly secrets: Secrets,
    private readonly letters: Letters,
    private readonly mail: Mail,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** True when more are due. Throws what the mail server said to the last that it refused. */
  async execute(): Promise<boolean> {
    const now = this.clock.now();
    await this.transactions.run(async () => {
      // With an account or without, for equally long: who asks again must not learn it from the time that it takes.
      await this.resets.forget(now - RESET_TTL);
      await this.users.forgetUnverified(now - FORGOTTEN_AFTER);
    });
    const due = await this.resets.due(now - TRIED_AGAIN_AFTER, AT_ONCE);
    let failure: { error: unknown } | undefined;
    for (const reset of due) {
      try {
        await this.#settle(reset);
      } catch (error) {
        failure = { error };
      }
    }
    if (failure !== undefined) throw failure.error;
    return due.length === AT_ONCE;
  }

  async #settle(reset: PasswordReset): Promise<void> {
    const user = await this.users.findByEmail(reset.emailKey);
    if (user?.active) {
      const { token, hash } = this.secrets.next();
      const armed = { userId: user.id, tokenHash: hash, at: this.clock.now() };
      const isArmed = await this.transactions.run(async () => {
        if (!(await this.resets.arm(reset, armed))) return false;
        await this.audit.record({ action: 'password.mail-token', entity: { type: 'user', id: user.id } });
        return true;
      });
      if (!isArmed) return;
      const isUnverified = user.verifyBy !== null;
      await this.mail.send(
        isUnverified ? this.letters.verification(user, token) : this.letters.reset(user, token),
      );
    }
    await this.transactions.run(() => this.resets.settle(reset, this.clock.now()));
  }
}
