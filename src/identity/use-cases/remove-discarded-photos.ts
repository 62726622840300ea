import { Clock, HOUR } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { DiscardedPhotos, PhotoStorage } from '../ports.js';

/** Longer than any upload takes: the newest may be about to get an owner. */
const LEFT_FOR = HOUR;
const BATCH = 100;

/** Removes the files of photos that nobody has, where a node ended between keeping a file and telling whose it is, or later. */
export class RemoveDiscardedPhotos {
  constructor(
    private readonly transactions: Transactions,
    private readonly storage: PhotoStorage,
    private readonly discarded: DiscardedPhotos,
    private readonly clock: Clock,
  ) {}

  /** One batch; true when there may be more. */
  async execute(): Promise<boolean> {
    const keys = await this.discarded.before(this.clock.now() - LEFT_FOR, BATCH);
    for (const key of keys) {
      await this.storage.remove(key);
      await this.transactions.run(() => this.discarded.takeOff(key));
    }
    return keys.length === BATCH;
  }
}
