import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { JobLoop } from '../../src/jobs/adapters/job-loop.js';
import { Reader } from '../../src/database/database.module.js';
import type { Job } from '../../src/jobs/domain/job.js';
import { RunJob } from '../../src/jobs/use-cases/run-job.js';
import { startApp } from '../support/app.js';
import { MemoryPorts } from '../support/memory/memory-ports.js';

const PAUSE = 5;

class CountingJob implements Job {
  readonly name = 'count';
  readonly pause = PAUSE;
  steps = 0;

  async step(): Promise<boolean> {
    this.steps++;
    await sleep(1);
    return false;
  }
}

function loopOf(job: Job, { transactions, leases } = new MemoryPorts(), holder = 'ada'): JobLoop {
  return new JobLoop([job], new RunJob(transactions, leases), holder);
}

async function eventually(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !isSo(); turn++) await sleep(PAUSE);
  expect(isSo()).toBe(true);
}

test('a job runs when the loop starts, and again and again', async () => {
  const job = new CountingJob();
  const loop = loopOf(job);
  loop.start();
  await eventually(() => job.steps >= 3);
  await loop.stop();
});

test('when the loop has stopped nothing runs any more', async () => {
  const job = new CountingJob();
  const loop = loopOf(job);
  loop.start();
  await loop.stop();
  const { steps } = job;
  await sleep(5 * PAUSE);
  expect(job.steps).toBe(steps);
});

test('a loop that stops gives its leases back, and another node goes on at once', async () => {
  const ports = new MemoryPorts();
  const [first, second] = [new CountingJob(), new CountingJob()];
  const [ada, ben] = [loopOf(first, ports, 'ada'), loopOf(second, ports, 'ben')];
  ada.start();
  await eventually(() => first.steps > 0);
  ben.start();
  await sleep(5 * PAUSE);
  expect(second.steps).toBe(0);
  await ada.stop();
  await eventually(() => second.steps > 0);
  await ben.stop();
  expect(ports.transactions.rows.leases.size).toBe(0);
});

test('a failure ends a run, not the loop, and is logged without its message', async () => {
  const logged: unknown[] = [];
  const failing: Job = {
    name: 'fail',
    pause: PAUSE,
    step: () => Promise.reject(new RangeError('Lena Fischer, born 1990-01-01')),
  };
  const { transactions, leases } = new MemoryPorts();
  const log = { error: (line: unknown) => void logged.push(line) };
  const loop = new JobLoop([failing], new RunJob(transactions, leases), 'ada', log);
  loop.start();
  await eventually(() => logged.length >= 3);
  await loop.stop();
  expect(new Set(logged)).toEqual(new Set(['fail: RangeError']));
});

test('a loop that was never started can be stopped', async () => {
  await loopOf(new CountingJob()).stop();
});

test('the application runs no job before it is told, and has given all leases back when it has stopped', async () => {
  const running = await startApp();
  const loop = running.app.get(JobLoop, { strict: false });
  const held = async () => {
    const { dataSource } = running.app.get(Reader);
    return (await dataSource.query<{ name: string }[]>('SELECT name FROM leases')).map(({ name }) => name);
  };
  expect(await held()).toEqual([]);
  loop.start();
  let names: string[] = [];
  for (let turn = 0; turn < 1000 && names.length < 6; turn++) {
    await sleep(PAUSE);
    names = (await held()).toSorted();
  }
  expect(names).toEqual([
    'expire-appointments',
    'forget-keys',
    'forget-sessions',
    'forget-tries',
    'mail-password-resets',
    'remove-discarded-photos',
    'seal-audit',
  ]);
  await loop.stop();
  expect(await held()).toEqual([]);
  await running.close();
});
