import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { IdempotencyKeys } from '../ports.js';
import { KEPT_FOR } from './once-per-key.js';

/** Small enough that nobody waits long behind it. */
const BATCH = 500;

/** Forgets idempotency keys that no retry can mean any more. */
export class ForgetKeys {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: IdempotencyKeys,
    private readonly clock: Clock,
  ) {}

  /** One batch; true when there may be more. */
  async execute(): Promise<boolean> {
    const before = this.clock.now() - KEPT_FOR;
    const forgotten = await this.transactions.run(() => this.keys.forget(before, BATCH));
    return forgotten === BATCH;
  }
}
