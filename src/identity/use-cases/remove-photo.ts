import { Transactions } from '#libs/kernel/transactions.js';
import { DiscardedPhotos, PhotoStorage } from '../ports.js';

/** Removes the file of a photo that nobody has any more, once that is committed. */
export class RemovePhoto {
  constructor(
    private readonly transactions: Transactions,
    private readonly storage: PhotoStorage,
    private readonly discarded: DiscardedPhotos,
  ) {}

  /** Never throws, since what it comes after has happened: what is left is removed later. */
  async execute(key: string): Promise<void> {
    try {
      await this.storage.remove(key);
      await this.transactions.run(() => this.discarded.takeOff(key));
    } catch {
      // RemoveDiscardedPhotos tries again, and tells what fails.
    }
  }
}
