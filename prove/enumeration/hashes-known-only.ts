import { Argon2PasswordHasher } from '../../src/identity/adapters/argon2-password-hasher.js';
import { PasswordHasher } from '../../src/identity/ports.js';
import { serve } from '../support/other-product.js';

class HashesKnownOnly extends Argon2PasswordHasher {
  override async verify(stored: string | undefined, password: string): Promise<boolean> {
    return stored !== undefined && super.verify(stored, password);
  }
}

/** The control's program: the product, but that it hashes no password for an email without an account. */
await serve((builder) => builder.overrideProvider(PasswordHasher).useValue(new HashesKnownOnly()));
