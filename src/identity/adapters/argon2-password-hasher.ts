import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { PasswordHasher } from '../ports.js';

// OWASP's second recommendation for Argon2id: 19 MiB, two passes, one lane (Password Storage Cheat Sheet).
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Argon2id on the thread pool, off the event loop. */
export class Argon2PasswordHasher extends PasswordHasher {
  #decoy: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return hash(password, COST);
  }

  hashOfNothing(): Promise<string> {
    return hash(randomBytes(32), COST);
  }

  async verify(stored: string | undefined, password: string): Promise<boolean> {
    const matches = await verify(stored ?? (await this.#decoyHash()), password);
    return matches && stored !== undefined;
  }

  #decoyHash(): Promise<string> {
    return (this.#decoy ??= hash('nobody has this password', COST));
  }
}
