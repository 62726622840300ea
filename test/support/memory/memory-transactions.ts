import { AsyncLocalStorage } from 'node:async_hooks';
import { Transactions } from '#libs/kernel/transactions.js';
import { MemoryStore, type Tables } from './memory-store.js';

interface Unit {
  of: MemoryTransactions;
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

/** One for all stores of the run: Node 20 asks every storage that was ever used at each promise. */
const ambient = new AsyncLocalStorage<Unit>();

/** One unit of work after the other, each on a copy of the store that takes its place when the unit ends well. */
export class MemoryTransactions extends Transactions {
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
    const outer = this.#own;
    if (!outer?.open) return this.#inTurn(work);
    try {
      return await work();
    } catch (error) {
      outer.failure ??= { error };
      throw error;
    }
  }

  get #own(): Unit | undefined {
    const unit = ambient.getStore();
    return unit?.of === this ? unit : undefined;
  }

  get #unit(): Unit | undefined {
    const unit = this.#own;
    if (unit?.open === false) throw new Error('work went on after its unit of work had ended');
    return unit;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const begun = this.#last.then(() => this.#once(work));
    this.#last = begun.catch(() => {});
    return begun;
  }

  async #once<T>(work: () => Promise<T>): Promise<T> {
    const unit: Unit = { of: this, tables: this.store.snapshot(), open: true };
    try {
      const result = await ambient.run(unit, work);
      if (unit.failure !== undefined) throw unit.failure.error;
      this.store.restore(unit.tables);
      return result;
    } finally {
      unit.open = false;
    }
  }
}
