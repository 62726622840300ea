import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { ambient } from '#libs/ambient.js';
import { Overloaded } from '#libs/kernel/errors.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { isLockTimeout, isWorthRetrying } from './database-errors.js';
import { FifoQueue } from './fifo-queue.js';

interface Unit {
  of: TypeOrmTransactions;
  /** The unit of another database around it; only where a process has several, as the tests do. */
  around: Unit | undefined;
  manager: EntityManager;
  open: boolean;
  /** Of a unit inside it: what that one wrote cannot be told apart and taken back alone. */
  failure?: { error: unknown };
}

const MAX_WAITING = 2000;
const GIVE_UP_AFTER = 5000;
const LONGEST_PAUSE = 50;

/** The innermost unit of any database. */
function ambientUnit(): Unit | undefined {
  return ambient.getStore()?.unit as Unit | undefined;
}

/**
 * Units of work on the writing connections. TypeORM shares SQLite's one connection among all that run at once, so a
 * second transaction would become a savepoint of the first and share its fate: there the queue lets only one in at a
 * time. A server's queue is as wide as its pool. Repositories reach the ambient unit through `manager`; outside a unit
 * that is the reader.
 */
export class TypeOrmTransactions extends Transactions {
  constructor(
    private readonly writer: DataSource,
    private readonly reader: DataSource,
    private readonly queue: Pick<FifoQueue, 'run'> = new FifoQueue(MAX_WAITING),
  ) {
    super();
  }

  get manager(): EntityManager {
    const unit = this.#unit;
    if (unit === undefined) return this.reader.manager;
    if (!unit.open) throw new Error('work went on after its unit of work had ended: an await is missing');
    return unit.manager;
  }

  get #unit(): Unit | undefined {
    let unit = ambientUnit();
    while (unit !== undefined && unit.of !== this) unit = unit.around;
    return unit;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const outer = this.#unit;
    if (!outer?.open) return this.queue.run(() => this.#retried(work));
    try {
      return await work();
    } catch (error) {
      outer.failure ??= { error };
      throw error;
    }
  }

  /** The whole unit anew, with fresh reads. Waiting is asynchronous: SQLite's driver would block the event loop. */
  async #retried<T>(work: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + GIVE_UP_AFTER;
    for (;;) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (isLockTimeout(error)) throw new LockTimeout();
        if (!isWorthRetrying(error)) throw error;
        if (Date.now() > deadline) throw new Overloaded('The database stayed busy; nothing was changed.');
        await sleep(1 + Math.random() * LONGEST_PAUSE);
      }
    }
  }

  #once<T>(work: () => Promise<T>): Promise<T> {
    return this.writer.transaction(async (manager) => {
      const unit: Unit = { of: this, around: ambientUnit(), manager, open: true };
      try {
        const result = await ambient.run({ ...ambient.getStore(), unit }, work);
        if (unit.failure !== undefined) throw unit.failure.error;
        return result;
      } finally {
        unit.open = false;
      }
    });
  }
}

/** Another unit held a lock for longer than the server lets us wait. */
export class LockTimeout extends Overloaded {
  constructor() {
    super('Another change held the same people for too long; nothing was changed.');
  }
}
