import { Logger } from '@nestjs/common';
import type { Job } from '../domain/job.js';
import { RunJob } from '../use-cases/run-job.js';

/** The jobs of this node: each runs, pauses, and runs again. Nothing runs before it is started. */
export class JobLoop {
  readonly #stopping = new AbortController();
  #running: Promise<void>[] = [];

  constructor(
    private readonly jobs: readonly Job[],
    private readonly runJob: RunJob,
    private readonly holder: string,
    private readonly log: Pick<Logger, 'error'> = new Logger('Jobs'),
  ) {}

  start(): void {
    this.#running = this.jobs.map((job) => this.#loop(job));
  }

  /** Waits for the steps that run, and gives all leases back, so that another node goes on at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
    this.#running = [];
  }

  async #loop(job: Job): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#logged(job, () => this.runJob.execute(job, this.holder, signal));
      await pause(job.pause, signal);
    }
    await this.#logged(job, () => this.runJob.release(job, this.holder));
  }

  /** A failure ends this run only. Its message may quote a patient's values; its name may not. */
  async #logged(job: Job, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { code } = (error as { driverError?: { code?: string } }).driverError ?? {};
      const name = error instanceof Error ? error.name : 'something that is no Error';
      this.log.error(`${job.name}: ${[name, code].filter(Boolean).join(' ')}`);
    }
  }
}

/** Ends early when the signal is aborted; keeps no process alive. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds).unref();
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
