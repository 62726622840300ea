import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, type INestApplication } from '@nestjs/common';
import { JobLoop } from '../jobs/index.js';
import { Readiness } from './readiness.js';

/** Milliseconds from the signal: what has not ended by then never will. Supervisors kill after 30 s. */
const LATEST = 28_000;

/**
 * Ends a node so that nobody notices: it says that it is not ready and serves on until proxies have seen that, takes no more
 * connections, finishes what runs, gives its leases back and closes the database.
 */
export async function shutDown(app: INestApplication, drainSeconds: number): Promise<void> {
  const tooLate = sleep(LATEST, 'too late', { ref: false });
  if ((await Promise.race([end(app, drainSeconds), tooLate])) === 'too late') {
    new Logger('Shutdown').warn('ended without waiting for what is stuck');
  }
}

async function end(app: INestApplication, drainSeconds: number): Promise<void> {
  app.get(Readiness, { strict: false }).drain();
  const jobs = app.get(JobLoop, { strict: false }).stop();
  await sleep(drainSeconds * 1000);
  await app.close();
  await jobs;
}
