import { AsyncLocalStorage } from 'node:async_hooks';
import { Transactions } from '#libs/kernel/transactions.js';
import { MemoryStore, type Tables } from './memory-store.js';

interface Unit {
  tables: Tables;
  open: boolean;
  failure?: { error: unknown };
}

/** What is stored, to be read only. */
export type Rows = {
  readonly [Name in keyof Tables]: Tables[Name] extends Map<infer Key, infer Row>
    ? ReadonlyMap<Key, Row>
    : never;
};

/** One unit of work after the other, each on a copy of the store that takes its place when the unit ends well. */
export class MemoryTransactions extends Transactions {
  readonly #ambient = new AsyncLocalStorage<Unit>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly store = new MemoryStore()) {
    super();
  }

  /** What the unit sees; outside a unit what all units that ended well have left. */
  get rows(): Rows {
    return this.#unit?.tables ?? this.store.tables;
  }

  /** The rows of the unit, to be changed. */
  get changing(): Tables {
    if (this.#unit === undefined) throw new Error('a write outside a unit of work');
    return this.#unit.tables;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const outer = this.#ambient.getStore();
    if (!outer?.open) return this.#inTurn(work);
    try {
      return await work();
    } catch (error) {
      outer.failure ??= { error };
      throw error;
    }
  }

  get #unit(): Unit | undefined {
    const unit = this.#ambient.getStore();
    if (unit?.open === false) throw new Error('work went on after its unit of work had ended');
    return unit;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const begun = this.#last.then(() => this.#once(work));
    this.#last = begun.catch(() => {});
    return begun;
  }

  async #once<T>(work: () => Promise<T>): Promise<T> {
    const unit: Unit = { tables: this.store.snapshot(), open: true };
    try {
      const result = await this.#ambient.run(unit, work);
      if (unit.failure !== undefined) throw unit.failure.error;
      this.store.restore(unit.tables);
      return result;
    } finally {
      unit.open = false;
    }
  }
}
