import type { PasswordReset } from '../../../src/identity/domain/password-reset.js';
import { PasswordResets } from '../../../src/identity/ports.js';
import { replaced } from './replaced.js';
import type { MemoryTransactions } from './memory-transactions.js';

export class MemoryPasswordResets extends PasswordResets {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async request(emailKey: string, at: number, pause: number): Promise<boolean> {
    const { passwordResets } = this.transactions.changing;
    const earlier = passwordResets.get(emailKey);
    if (earlier !== undefined && earlier.requestedAt >= at - pause) return false;
    const request = { emailKey, requestedAt: at, triedAt: 0, settledAt: null, userId: null, tokenHash: null };
    passwordResets.set(emailKey, request);
    return true;
  }

  async due(since: number, limit: number): Promise<readonly PasswordReset[]> {
    return [...this.transactions.rows.passwordResets.values()]
      .filter(({ settledAt, triedAt }) => settledAt === null && triedAt < since)
      .toSorted((a, b) => a.triedAt - b.triedAt || a.requestedAt - b.requestedAt)
      .slice(0, limit);
  }

  async arm(
    reset: PasswordReset,
    { userId, tokenHash, at }: { userId: string; tokenHash: string; at: number },
  ): Promise<boolean> {
    return this.#change(reset, { userId, tokenHash, triedAt: at });
  }

  async settle(reset: PasswordReset, at: number): Promise<void> {
    this.#change(reset, { settledAt: at });
  }

  async find(tokenHash: string): Promise<PasswordReset | undefined> {
    return [...this.transactions.rows.passwordResets.values()].find((one) => one.tokenHash === tokenHash);
  }

  async consume(tokenHash: string, since: number): Promise<boolean> {
    const reset = await this.find(tokenHash);
    if (reset === undefined || reset.requestedAt <= since) return false;
    this.transactions.changing.passwordResets.set(reset.emailKey, { ...reset, tokenHash: null });
    return true;
  }

  async withdraw(emailKey: string, at: number): Promise<void> {
    const { passwordResets } = this.transactions.changing;
    replaced(passwordResets, emailKey, { userId: null, tokenHash: null, settledAt: at });
  }

  async dismiss(emailKey: string, at: number, pause: number): Promise<void> {
    await this.withdraw(emailKey, at);
    const { passwordResets } = this.transactions.changing;
    const reset = passwordResets.get(emailKey);
    if (reset !== undefined && (reset.triedAt === 0 || reset.requestedAt < at - pause))
      passwordResets.delete(emailKey);
  }

  async forget(before: number): Promise<void> {
    const { passwordResets } = this.transactions.changing;
    for (const { emailKey, requestedAt } of passwordResets.values())
      if (requestedAt <= before) passwordResets.delete(emailKey);
  }

  #change({ emailKey, requestedAt }: PasswordReset, change: Partial<PasswordReset>): boolean {
    const { passwordResets } = this.transactions.changing;
    const reset = passwordResets.get(emailKey);
    if (reset?.requestedAt !== requestedAt || reset.settledAt !== null) return false;
    replaced(passwordResets, emailKey, change);
    return true;
  }
}
