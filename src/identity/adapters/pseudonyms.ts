import { createHmac } from 'node:crypto';
import type { SigningKeys } from './signing-keys.js';

/**
 * Names for users in logs: the same for one user as long as the secret is, on every node; without the secret nobody finds
 * the user, nor whether two installations know the same.
 */
export class Pseudonyms {
  constructor(private readonly keys: SigningKeys) {}

  of(userId: string): string {
    return createHmac('sha256', this.keys.current.log).update(userId).digest('base64url').slice(0, 16);
  }
}
