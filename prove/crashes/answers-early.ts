import { setTimeout as sleep } from 'node:timers/promises';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';

/** The product, but that it answers before it commits: what a proof of durability must find. */
type Run = (this: TypeOrmTransactions, work: () => Promise<unknown>) => Promise<unknown>;
const run = Reflect.get(TypeOrmTransactions.prototype, 'run') as Run;
TypeOrmTransactions.prototype.run = function answerEarly<T>(work: () => Promise<T>): Promise<T> {
  return new Promise((answer, refuse) => {
    const unit = run.call(this, async () => {
      answer(await work());
      await sleep(20);
    });
    unit.catch(refuse);
  });
};
await import('../../src/main.js');
