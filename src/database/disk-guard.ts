import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Overloaded } from '#libs/kernel/errors.js';
import { diskFaultOf, explainDiskFault } from '#libs/persistence/disk-faults.js';

/** Ends the process, for a reason that the operator reads. */
export abstract class EmergencyStop {
  abstract because(reason: string): void;
}

/** Long enough to send the refusals that wait, too short to be taken for a server that runs. */
const LAST_WORDS = 250;

export class ProcessStop extends EmergencyStop {
  because(reason: string): void {
    new Logger('Database').fatal(reason);
    setTimeout(() => process.exit(1), LAST_WORDS);
  }
}

/** What the change did is not known: a sync that failed may have reached the disk or not. */
export class DiskFailed extends Overloaded {
  constructor() {
    super('The disk failed and the server stops; whether the change was made is not known.');
  }
}

/**
 * Watches the connections to a SQLite file. After an error of the disk what the process has in memory may never be what
 * is on the disk, and a second sync may succeed without having written what the first one lost. So from the first
 * such error on nothing is read or written, nothing succeeds, and the process ends; a new one reads what is there.
 */
export class DiskGuard {
  #failed = false;

  constructor(private readonly stop: EmergencyStop) {}

  /** A connection for reads alone may refuse a write: that is a fault of ours, not of the disk. */
  watch(connection: DataSource, access: 'read-only' | 'read-write'): void {
    const runner = connection.createQueryRunner();
    const query = runner.query.bind(runner) as (...asked: unknown[]) => Promise<unknown>;
    runner.query = (async (...asked: unknown[]) => {
      if (this.#failed) throw new DiskFailed();
      try {
        return await query(...asked);
      } catch (error) {
        const fault = diskFaultOf(error);
        if (fault === undefined || (fault === 'SQLITE_READONLY' && access === 'read-only')) throw error;
        this.#fail(fault);
        throw new DiskFailed();
      }
    }) as typeof runner.query;
  }

  #fail(fault: string): void {
    if (this.#failed) return;
    this.#failed = true;
    this.stop.because(`${explainDiskFault(fault)} CyberMed stops.`);
  }
}
