import type { DataSource } from 'typeorm';
import type { FifoQueue } from '#libs/persistence/fifo-queue.js';
import { connectionsInUse } from './servers.js';

/** How busy this node keeps its connections, at the moment of asking. */
export class DatabaseLoad {
  constructor(
    private readonly queue: FifoQueue,
    private readonly reader: DataSource,
  ) {}

  /** Units of work that wait for their turn. */
  get waiting(): number {
    return this.queue.waiting;
  }

  get running(): number {
    return this.queue.running;
  }

  /** The most that may run at once. */
  get width(): number {
    return this.queue.width;
  }

  /** SQLite's reads are over before anybody could count them. */
  get reading(): number {
    return connectionsInUse(this.reader);
  }
}
