import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { formOfBatch, type SealedBatch } from '../domain/audit-batch.js';
import { AuditChain, AuditSeals, Checkpoints } from '../ports.js';

const MOST_MEMBERS = 500;

/**
 * Puts the records that wait into a batch that is chained to the one before, and tells the end of the chain outside the
 * database. A crash between the two leaves a checkpoint out, which the next run adds.
 */
export class SealAudit {
  constructor(
    private readonly transactions: Transactions,
    private readonly chain: AuditChain,
    private readonly seals: AuditSeals,
    private readonly checkpoints: Checkpoints,
    private readonly clock: Clock,
  ) {}

  /** True when more may wait. */
  async execute(): Promise<boolean> {
    const waiting = await this.chain.waiting(1);
    const sealed = waiting.length === 0 ? undefined : await this.transactions.run(() => this.#seal());
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
    const members = await this.chain.waiting(MOST_MEMBERS);
    if (members.length === 0) return undefined;
    const last = await this.chain.last();
    const batch = {
      number: (last?.number ?? 0) + 1,
      previous: last?.mac ?? '',
      count: members.length,
      sealedAt: this.clock.now(),
    };
    const sealed = { ...batch, ...this.seals.seal(formOfBatch(batch, members)) };
    await this.chain.append(
      sealed,
      members.map(({ id }) => id),
    );
    return sealed;
  }
}
