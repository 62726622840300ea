import { MINUTE } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import type { Job } from '../domain/job.js';
import { Leases } from '../ports.js';

/** `elsewhere`: another node holds the lease, and does the work. */
export type Run = 'done' | 'elsewhere' | 'stopped';

/** Beyond the pause, so that the holder is back before its lease runs out; longer than any step takes. */
const MARGIN = MINUTE;

/**
 * Runs a job if its lease can be had, and keeps the lease until the next run: as long as the holder lives, the job is
 * the holder's. One that crashes is followed by another when the lease has run out. A job that fails gives its lease
 * back, in case another node has more luck.
 */
export class RunJob {
  constructor(
    private readonly transactions: Transactions,
    private readonly leases: Leases,
  ) {}

  /** Ends after the step that runs when `signal` is aborted. Throws what a step throws. */
  async execute(job: Job, holder: string, signal: AbortSignal): Promise<Run> {
    for (let isMore = true; isMore;) {
      if (signal.aborted) return 'stopped';
      // Each step renews the lease, and another's that began meanwhile ends the run.
      if (!(await this.#take(job, holder))) return 'elsewhere';
      try {
        isMore = await job.step();
      } catch (error) {
        await this.release(job, holder);
        throw error;
      }
    }
    return 'done';
  }

  async release({ name }: Job, holder: string): Promise<void> {
    await this.transactions.run(() => this.leases.release(name, holder));
  }

  #take({ name, pause }: Job, holder: string): Promise<boolean> {
    return this.transactions.run(() => this.leases.take(name, holder, pause + MARGIN));
  }
}
