import { Clock, DAY } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { Sessions } from '../ports.js';

/** From the login: long after each has ended, for those who look into what happened. */
const KEPT_FOR = 90 * DAY;
/** Small enough that nobody waits long behind it. */
const BATCH = 500;

/** Forgets sessions that ended long ago, with the networks that they were opened from. */
export class ForgetSessions {
  constructor(
    private readonly transactions: Transactions,
    private readonly sessions: Sessions,
    private readonly clock: Clock,
  ) {}

  /** One batch; true when there may be more. */
  async execute(): Promise<boolean> {
    const before = this.clock.now() - KEPT_FOR;
    const forgotten = await this.transactions.run(() => this.sessions.forget(before, BATCH));
    return forgotten === BATCH;
  }
}
