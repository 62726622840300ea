import { Logger, type OnModuleDestroy } from '@nestjs/common';
import type { Job } from '../domain/job.js';
import { RunJob, type Run } from '../use-cases/run-job.js';

type Outcome = Run | 'failed';

/** The jobs of this node: each runs, pauses, and runs again. Nothing runs before it is started. */
export class JobLoop implements OnModuleDestroy {
  readonly #stopping = new AbortController();
  readonly #runs = new Map<string, { job: string; outcome: Outcome; count: number }>();
  #running: Promise<void>[] = [];

  constructor(
    private readonly jobs: readonly Job[],
    private readonly runJob: RunJob,
    private readonly holder: string,
    private readonly log: Pick<Logger, 'error'> = new Logger('Jobs'),
  ) {}

  /** How often each job ended how. */
  get runs(): Iterable<{ job: string; outcome: Outcome; count: number }> {
    return this.#runs.values();
  }

  start(): void {
    this.#running = this.jobs.map((job) => this.#loop(job));
  }

  /** Waits for the steps that run, and gives all leases back, so that another node goes on at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
    this.#running = [];
  }

  async onModuleDestroy(): Promise<void> {
    await this.stop();
  }

  async #loop(job: Job): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const run = await this.#logged(job, () => this.runJob.execute(job, this.holder, signal));
      this.#count(job.name, run ?? 'failed');
      await pause(job.pause, signal);
    }
    await this.#logged(job, () => this.runJob.release(job, this.holder));
  }

  /** A failure ends this run only. Its message may quote a patient's values; its name may not. */
  async #logged<T>(job: Job, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const { code } = (error as { driverError?: { code?: string } }).driverError ?? {};
      const name = error instanceof Error ? error.name : 'something that is no Error';
      this.log.error(`${job.name}: ${[name, code].filter(Boolean).join(' ')}`);
      return undefined;
    }
  }

  #count(job: string, outcome: Outcome): void {
    const key = `${job} ${outcome}`;
    this.#runs.set(key, { job, outcome, count: (this.#runs.get(key)?.count ?? 0) + 1 });
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
