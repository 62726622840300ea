import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../config.js';
import type { DatabaseHealth } from '../database/database-health.js';
import type { LoopDelay } from './loop-delay.js';
import type { Check } from './readiness.js';

const MEGABYTE = 1024 * 1024;
/** Milliseconds: more than any load should bring it to. */
const LONGEST_DELAY = 2000;

/** What readiness looks at. */
export function checksOf(config: Config, database: DatabaseHealth, loop: LoopDelay): Check[] {
  const checks: Check[] = [
    { name: 'database-write', fault: () => database.write() },
    { name: 'database-read', fault: () => database.read() },
    { name: 'migrations', fault: () => database.missingMigrations() },
    {
      name: 'event-loop',
      fault: () => (loop.sustained > LONGEST_DELAY ? 'it is seconds late' : undefined),
    },
  ];
  const { database: target, minFreeDiskMb } = config;
  if (target.kind !== 'sqlite') return checks;
  return [
    ...checks,
    {
      name: 'disk',
      async fault() {
        const { bavail, bsize } = await statfs(dirname(target.file));
        if (bavail * bsize < minFreeDiskMb * MEGABYTE) return `less than ${minFreeDiskMb} MB are free`;
      },
    },
  ];
}
