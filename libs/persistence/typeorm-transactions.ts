import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { Overloaded } from '#libs/kernel/errors.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { isBusy } from './database-errors.js';
import { FifoQueue } from './fifo-queue.js';

interface Unit {
  manager: EntityManager;
  open: boolean;
  /** Of a unit inside it: what that one wrote cannot be told apart and taken back alone. */
  failure?: { error: unknown };
}

const MAX_WAITING = 2000;
const GIVE_UP_AFTER = 5000;
const LONGEST_PAUSE = 50;

/**
 * Units of work on one writing connection. TypeORM shares that connection among all that run at once, so a second
 * transaction would become a savepoint of the first and share its fate: the queue lets only one in at a time.
 * Repositories reach the ambient unit through `manager`; outside a unit that is the read-only connection.
 */
export class TypeOrmTransactions extends Transactions {
  readonly #ambient = new AsyncLocalStorage<Unit>();

  constructor(
    private readonly writer: DataSource,
    private readonly reader: DataSource,
    private readonly queue: Pick<FifoQueue, 'run'> = new FifoQueue(MAX_WAITING),
  ) {
    super();
  }

  get manager(): EntityManager {
    const unit = this.#ambient.getStore();
    if (unit === undefined) return this.reader.manager;
    if (!unit.open) throw new Error('work went on after its unit of work had ended: an await is missing');
    return unit.manager;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const outer = this.#ambient.getStore();
    if (!outer?.open) return this.queue.run(() => this.#retryWhileBusy(work));
    try {
      return await work();
    } catch (error) {
      outer.failure ??= { error };
      throw error;
    }
  }

  /** Another process may hold the file. Waiting is asynchronous, since the driver would block the event loop. */
  async #retryWhileBusy<T>(work: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + GIVE_UP_AFTER;
    for (;;) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (!isBusy(error)) throw error;
        if (Date.now() > deadline) throw new Overloaded('The database stayed busy; nothing was changed.');
        await sleep(1 + Math.random() * LONGEST_PAUSE);
      }
    }
  }

  #once<T>(work: () => Promise<T>): Promise<T> {
    return this.writer.transaction(async (manager) => {
      const unit: Unit = { manager, open: true };
      try {
        const result = await this.#ambient.run(unit, work);
        if (unit.failure !== undefined) throw unit.failure.error;
        return result;
      } finally {
        unit.open = false;
      }
    });
  }
}
