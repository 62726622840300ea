import { Clock, type Instant } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { formOfBatch, takesInOtherKeys, type Member, type SealedBatch } from '../domain/audit-batch.js';
import { formOfRecord } from '../domain/audit-record.js';
import { AuditChain, AuditSeals, Checkpoints } from '../ports.js';

const MOST_MEMBERS = 500;

/** Another key has sealed since this one did: nothing is sealed until there is a new one. */
export class AuditKeyReplaced extends Error {
  override readonly name = 'AuditKeyReplaced';
}

/**
 * Puts the records that wait into a batch that is chained to the one before, and tells the end of the chain outside the
 * database. A crash between the two leaves a checkpoint out, which the next run adds. What is not as it was recorded, or was sealed
 * with a key that has been replaced, waits for ever, and verifying tells so.
 */
export class SealAudit {
  constructor(
    private readonly transactions: Transactions,
    private readonly chain: AuditChain,
    private readonly seals: AuditSeals,
    private readonly checkpoints: Checkpoints,
    private readonly clock: Clock,
  ) {}

  /** True when more may wait. Throws AuditKeyReplaced. */
  async execute(): Promise<boolean> {
    const waiting = await this.chain.waiting(undefined, 1);
    const sealed = waiting.length === 0 ? undefined : await this.#seal();
    const last = sealed ?? (await this.chain.last());
    const told = await this.checkpoints.last();
    // One that tells of more than there is stays the last: the end of the chain is missing.
    if (last !== undefined && last.number > (told?.batch ?? 0)) {
      const { number, mac, count, sealedAt } = last;
      await this.checkpoints.append({ batch: number, mac, count, at: sealedAt });
    }
    return sealed?.count === MOST_MEMBERS;
  }

  async #seal(): Promise<SealedBatch | undefined> {
    const { keyId } = this.seals;
    const last = await this.chain.last();
    // A chain in which keys come back could be gone on with by whoever got hold of an old one.
    if (last?.keyId !== keyId && (await this.chain.firstOf(keyId)) !== undefined)
      throw new AuditKeyReplaced();
    const sealedAt = this.clock.now();
    const members = await this.#members(sealedAt);
    if (members.length === 0) return undefined;
    const batch = {
      number: (last?.number ?? 0) + 1,
      previous: last?.mac ?? '',
      count: members.length,
      sealedAt,
    };
    const sealed = { ...batch, ...this.seals.seal(formOfBatch(batch, members)) };
    const ids = members.map(({ id }) => id);
    // Read before: what may never be sealed would else be read again and again while all others wait to write.
    await this.transactions.run(() => this.chain.append(sealed, ids));
    return sealed;
  }

  async #members(sealedAt: Instant): Promise<Member[]> {
    const members: Member[] = [];
    // Looked for only where it is asked, among all batches.
    let takesInOthers: boolean | undefined;
    for (let after: string | undefined; ;) {
      const page = await this.chain.waiting(after, MOST_MEMBERS);
      for (const { record, sealed } of page) {
        if (this.seals.judge(formOfRecord(record), sealed) !== 'right') continue;
        if (sealed.keyId !== this.seals.keyId && !(takesInOthers ??= await this.#takesInOthers(sealedAt)))
          continue;
        members.push({ id: record.id, mac: sealed.mac });
        if (members.length === MOST_MEMBERS) return members;
      }
      if (page.length < MOST_MEMBERS) return members;
      after = page.at(-1)!.record.id;
    }
  }

  async #takesInOthers(sealedAt: Instant): Promise<boolean> {
    const first = await this.chain.firstOf(this.seals.keyId);
    return takesInOtherKeys(sealedAt, first?.sealedAt ?? sealedAt);
  }
}
