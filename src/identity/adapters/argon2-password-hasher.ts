import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { Overloaded } from '#libs/kernel/errors.js';
import { FifoQueue } from '#libs/persistence/fifo-queue.js';
import { PasswordHasher } from '../ports.js';

// OWASP's second recommendation for Argon2id: 19 MiB, two passes, one lane (Password Storage Cheat Sheet).
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const PARAMETERS = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$`;

const MAX_WAITING = 100;
/** Leaves a core to those who book, and one of the four threads that Node has for files and names. */
const AT_ONCE = Math.max(1, Math.min(availableParallelism() - 1, 3));

/** Argon2id on the thread pool, off the event loop, and only so many at once: a flood of logins waits for itself. */
export class Argon2PasswordHasher extends PasswordHasher {
  #decoy: Promise<string> | undefined;

  constructor(private readonly queue: Pick<FifoQueue, 'run'> = new FifoQueue(MAX_WAITING, AT_ONCE)) {
    super();
  }

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(password, COST));
  }

  hashOfNothing(): Promise<string> {
    return this.#inTurn(() => hash(randomBytes(32), COST));
  }

  verify(stored: string | undefined, password: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const matches = await verify(stored ?? (await this.#decoyHash()), password);
      return matches && stored !== undefined;
    });
  }

  isOutdated(stored: string): boolean {
    return !stored.startsWith(PARAMETERS);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.queue.run(work);
    } catch (error) {
      throw error instanceof Overloaded ? new TooManyPasswords() : error;
    }
  }

  #decoyHash(): Promise<string> {
    return (this.#decoy ??= hash('nobody has this password', COST));
  }
}

class TooManyPasswords extends Overloaded {
  constructor() {
    super('Too many passwords are waiting to be checked; nothing was changed.');
  }
}
