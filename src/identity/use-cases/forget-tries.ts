import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { TryBudgets } from '../ports.js';

/** Small enough that nobody waits long behind it. */
const BATCH = 500;

/** Forgets budgets of which no try is used any more. */
export class ForgetTries {
  constructor(
    private readonly transactions: Transactions,
    private readonly budgets: TryBudgets,
    private readonly clock: Clock,
  ) {}

  /** One batch; true when there may be more. */
  async execute(): Promise<boolean> {
    const forgotten = await this.transactions.run(() => this.budgets.forget(this.clock.now(), BATCH));
    return forgotten === BATCH;
  }
}
