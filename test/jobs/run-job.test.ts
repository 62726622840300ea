import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Job } from '../../src/jobs/domain/job.js';
import { Leases } from '../../src/jobs/ports.js';
import { RunJob, type Run } from '../../src/jobs/use-cases/run-job.js';
import { contract } from '../contracts/stores.js';

const HOLDERS = Array.from({ length: 5 }, (_, index) => `01900000-0000-7000-8000-00000000000${index}`);
const TICKS = 10;
const never = new AbortController().signal;

/** What a clinic's jobs would look like without a lease in the database. */
class NoLeases extends Leases {
  async take(): Promise<boolean> {
    return true;
  }

  async release(): Promise<void> {}
}

/** Counts its steps; says that more is left until it has made so many. */
class CountingJob implements Job {
  readonly name = 'count';
  readonly pause = 1000;
  steps = 0;

  constructor(private readonly perRun = 1) {}

  async step(): Promise<boolean> {
    await sleep(1);
    return ++this.steps % this.perRun !== 0;
  }
}

contract('Jobs of several nodes', (opened) => {
  const runner = (leases: Leases = opened().leases) => new RunJob(opened().transactions, leases);

  /** At every tick each of the nodes wants to run the job. */
  async function tickOnAllNodes(job: Job, leases?: Leases): Promise<Run[][]> {
    const ticks: Run[][] = [];
    for (let tick = 0; tick < TICKS; tick++) {
      const runs = HOLDERS.map((holder) => runner(leases).execute(job, holder, never));
      ticks.push(await Promise.all(runs));
    }
    return ticks;
  }

  test('each tick runs once, and always on the same node', async () => {
    const job = new CountingJob();
    const ticks = await tickOnAllNodes(job);
    expect(job.steps).toBe(TICKS);
    const [first] = ticks;
    expect(first!.toSorted()).toEqual(['done', ...HOLDERS.slice(1).map(() => 'elsewhere')]);
    expect(ticks).toEqual(ticks.map(() => first));
  });

  test('without the lease it runs on every node (control)', async () => {
    const job = new CountingJob();
    await tickOnAllNodes(job, new NoLeases());
    expect(job.steps).toBe(TICKS * HOLDERS.length);
  });

  test('a run goes on step by step until nothing is left', async () => {
    const job = new CountingJob(3);
    expect(await runner().execute(job, HOLDERS[0]!, never)).toBe('done');
    expect(job.steps).toBe(3);
  });

  test('a run that is stopped ends after the step that runs', async () => {
    const stopping = new AbortController();
    const job = new CountingJob(3);
    const running = runner().execute(job, HOLDERS[0]!, stopping.signal);
    stopping.abort();
    expect(await running).toBe('stopped');
    expect(job.steps).toBeLessThan(3);
  });

  test('a run ends when another has taken the lease meanwhile', async () => {
    const { transactions, leases } = opened();
    const robbed: Job = {
      name: 'count',
      pause: 1000,
      async step() {
        await transactions.run(() => leases.release('count', HOLDERS[0]!));
        await transactions.run(() => leases.take('count', HOLDERS[1]!, 1000));
        return true;
      },
    };
    expect(await runner().execute(robbed, HOLDERS[0]!, never)).toBe('elsewhere');
  });

  test('a job that fails gives its lease back: another node may have more luck', async () => {
    const failing: Job = { name: 'count', pause: 1000, step: () => Promise.reject(new Error('no luck')) };
    await expect(runner().execute(failing, HOLDERS[0]!, never)).rejects.toThrow('no luck');
    expect(await runner().execute(new CountingJob(), HOLDERS[1]!, never)).toBe('done');
  });
});
