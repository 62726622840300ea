import { createHash, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SigningKey {
  /** Names the key in a token's header without telling anything of it. */
  kid: string;
  access: KeyObject;
  refresh: KeyObject;
  fingerprint: KeyObject;
  device: KeyObject;
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
    return new SigningKeys(config.jwtSecret ?? keptSecret(config.dataDir), config.jwtPreviousSecrets);
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
  };
}

function keptSecret(dataDir: string): string {
  const file = join(dataDir, 'jwt-secret');
  mkdirSync(dataDir, { recursive: true });
  try {
    // Exclusive: of two processes that start at once one writes and both read the same.
    writeFileSync(file, randomBytes(48).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
