import { createHash, randomBytes } from 'node:crypto';
import { Secrets } from '../ports.js';

export class RandomSecrets extends Secrets {
  next(): { token: string; hash: string } {
    const token = randomBytes(32).toString('base64url');
    return { token, hash: this.hashOf(token) };
  }

  /** A fast hash will do: nobody tries out 256 random bits. */
  hashOf(token: string): string {
    return createHash('sha256').update(token).digest('base64url');
  }
}
