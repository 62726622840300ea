import { createHash, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { keptSecret } from '#libs/nest/kept-secret.js';

export interface SigningKey {
  /** Names the key in a token's header without telling anything of it. */
  kid: string;
  access: KeyObject;
  refresh: KeyObject;
  fingerprint: KeyObject;
  device: KeyObject;
  log: KeyObject;
}

/** The keys of the access and refresh tokens, derived from one secret each; the newest signs, all verify. */
export class SigningKeys {
  readonly #keys: readonly [SigningKey, ...SigningKey[]];

  constructor(secret: string, previous: readonly string[] = []) {
    this.#keys = [derive(secret), ...previous.map(derive)];
  }

  /** Without a secret one is made, and kept beside the data, so that a restart signs nobody out. */
  static load(config: {
    jwtSecret: string | undefined;
    jwtPreviousSecrets: readonly string[];
    dataDir: string;
  }) {
    return new SigningKeys(
      config.jwtSecret ?? keptSecret(config.dataDir, 'jwt-secret'),
      config.jwtPreviousSecrets,
    );
  }

  get current(): SigningKey {
    return this.#keys[0];
  }

  get all(): readonly SigningKey[] {
    return this.#keys;
  }

  find(kid: unknown): SigningKey | undefined {
    return this.#keys.find((key) => key.kid === kid);
  }
}

function derive(secret: string): SigningKey {
  const key = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', `cybermed ${purpose}`, 32));
  return {
    kid: createHash('sha256').update(key('kid')).digest('hex').slice(0, 12),
    // jsonwebtoken is many times slower with a secret that is not a KeyObject.
    access: createSecretKey(key('access')),
    refresh: createSecretKey(key('refresh')),
    fingerprint: createSecretKey(key('fingerprint')),
    device: createSecretKey(key('device')),
    log: createSecretKey(key('log')),
  };
}
