import { isDeepStrictEqual } from 'node:util';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { NotAuthenticated } from '../domain/errors.js';
import type { Gender } from '../domain/user.js';
import { Users } from '../ports.js';

export interface UpdateAccountInput {
  userId: string;
  change: { firstName?: string; lastName?: string; gender?: Gender | null };
}

/** Changes what the owner may change of their account: never email, role or password. */
export class UpdateAccount {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws NotAuthenticated for who may not act any more. */
  async execute({ userId, change }: UpdateAccountInput): Promise<void> {
    await this.transactions.run(async () => {
      const before = await this.users.find(userId);
      if (!before?.active) throw new NotAuthenticated();
      await this.users.change(userId, change);
      if (isDeepStrictEqual(before, await this.users.find(userId))) return;
      await this.audit.record({ action: 'account.change', entity: { type: 'user', id: userId } });
    });
  }
}
