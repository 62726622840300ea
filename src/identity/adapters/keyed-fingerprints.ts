import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Fingerprints } from '../ports.js';
import type { SigningKeys } from './signing-keys.js';

export class KeyedFingerprints extends Fingerprints {
  constructor(private readonly keys: SigningKeys) {
    super();
  }

  of(text: string): string {
    return print(this.keys.current.fingerprint, text);
  }

  match(text: string, fingerprint: string): boolean {
    const claimed = Buffer.from(fingerprint);
    return this.keys.all.some((key) => {
      const right = Buffer.from(print(key.fingerprint, text));
      return right.length === claimed.length && timingSafeEqual(right, claimed);
    });
  }
}

function print(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}
