import {
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import { isKept, keptSecret } from '#libs/nest/kept-secret.js';
import type { Sealed } from '../domain/audit-record.js';
import { AuditSeals } from '../ports.js';

interface Key {
  id: string;
  key: KeyObject;
}

interface KeySettings {
  auditKey: string | undefined;
  auditPreviousKeys: readonly string[];
  dataDir: string;
}

/** The file of a key that was made here, in the data folder. */
const KEPT = 'audit-key';

/** Whether sealing needs no new key. */
export function hasAuditKey({ auditKey, dataDir }: KeySettings): boolean {
  return auditKey !== undefined || isKept(dataDir, KEPT);
}

/** HMAC-SHA-256 under keys derived from `AUDIT_KEY` and those before it. */
export class HmacAuditSeals extends AuditSeals {
  readonly #current: Key;
  readonly #all: ReadonlyMap<string, Key>;

  constructor(secret: string, previous: readonly string[] = []) {
    super();
    this.#current = derive(secret);
    this.#all = new Map([secret, ...previous].map(derive).map((key) => [key.id, key]));
  }

  /** Without a key one is made, and kept beside the data. */
  static load({ auditKey, auditPreviousKeys, dataDir }: KeySettings): HmacAuditSeals {
    return new HmacAuditSeals(auditKey ?? keptSecret(dataDir, KEPT), auditPreviousKeys);
  }

  get keyId(): string {
    return this.#current.id;
  }

  seal(form: string): Sealed {
    return { keyId: this.#current.id, mac: macOf(this.#current, form) };
  }

  judge(form: string, { keyId, mac }: Sealed): 'right' | 'wrong' | 'unknown-key' {
    const key = this.#all.get(keyId);
    if (key === undefined) return 'unknown-key';
    const [right, found] = [Buffer.from(macOf(key, form)), Buffer.from(mac)];
    return right.length === found.length && timingSafeEqual(right, found) ? 'right' : 'wrong';
  }
}

function derive(secret: string): Key {
  const of = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', `cybermed ${purpose}`, 32));
  return {
    // Names the key without telling anything of it.
    id: createHash('sha256').update(of('audit kid')).digest('hex').slice(0, 12),
    key: createSecretKey(of('audit')),
  };
}

function macOf({ key }: Key, form: string): string {
  return createHmac('sha256', key).update(form).digest('hex');
}
