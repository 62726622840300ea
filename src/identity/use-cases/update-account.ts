import { Transactions } from '#libs/kernel/transactions.js';
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
  ) {}

  async execute({ userId, change }: UpdateAccountInput): Promise<void> {
    await this.transactions.run(() => this.users.change(userId, change));
  }
}
