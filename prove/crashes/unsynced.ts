import type { DataSource } from 'typeorm';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';

/** The product, but that a commit waits for no disk: a control. */
type Run = (this: TypeOrmTransactions, work: () => Promise<unknown>) => Promise<unknown>;
const run = Reflect.get(TypeOrmTransactions.prototype, 'run') as Run;
TypeOrmTransactions.prototype.run = async function unsynced<T>(work: () => Promise<T>): Promise<T> {
  const { writer } = this as unknown as { writer: DataSource };
  if (!writer.createQueryRunner().isTransactionActive) await writer.query('PRAGMA synchronous = OFF');
  return run.call(this, work) as Promise<T>;
};
await import('../../src/main.js');
