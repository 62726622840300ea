import { Clock, MINUTE, type Instant } from '#libs/kernel/clock.js';
import { Users } from '../../identity/index.js';
import { formOfBatch, takesInOtherKeys, type Checkpoint, type SealedBatch } from '../domain/audit-batch.js';
import { formOfRecord } from '../domain/audit-record.js';
import { AuditChain, AuditSeals, type FoundRecord, type KeptMember } from '../ports.js';

/** Records are sealed within seconds while a server runs. */
const SEALED_WITHIN = 15 * MINUTE;
const PAGE = 500;
const MOST_FINDINGS = 100;

export interface Verdict {
  records: number;
  batches: number;
  /** Records that wait to be sealed. */
  waiting: number;
  checkpoints: number;
  /** Batches of which no checkpoint tells: of nodes that keep theirs elsewhere, or of lines that were taken out. */
  untold: number;
  /** What is not as it was recorded, the first hundred; none where all is well. */
  findings: readonly string[];
}

/** Reads the whole trail, a page at a time, and tells what was changed, removed, put in or cut off. */
export class VerifyAudit {
  constructor(
    private readonly chain: AuditChain,
    private readonly seals: AuditSeals,
    private readonly users: Users,
    private readonly clock: Clock,
  ) {}

  /** Undefined checkpoints: there is no file of them. */
  async execute(checkpoints: AsyncIterable<Checkpoint | string> | undefined): Promise<Verdict> {
    const found = new Findings();
    const { batches, firsts } = await this.#batches(found);
    const { told, untold } = await this.#checkpoints(checkpoints, batches, found);
    const { records, waiting } = await this.#records(found, firsts.get(this.seals.keyId));
    if (records === 0 && batches === 0 && told === 0 && !(await this.users.isEmpty()))
      found.add(
        'there are accounts, and nothing is recorded: neither of how they were opened nor of any login',
      );
    for (const id of await this.chain.waitingForNothing(MOST_FINDINGS))
      found.add(`record ${id} waits to be sealed and is gone`);
    for (const id of await this.chain.membersOfNothing(MOST_FINDINGS))
      found.add(`record ${id} is said to be in a batch that is gone`);
    return { records, waiting, batches, checkpoints: told, untold, findings: found.all };
  }

  /** Answers how many there are, and since when each key seals. */
  async #batches(found: Findings): Promise<{ batches: number; firsts: ReadonlyMap<string, Instant> }> {
    const firsts = new Map<string, Instant>();
    let last: SealedBatch | undefined;
    let count = 0;
    for (;;) {
      const page = await this.chain.batchesAfter(last?.number, PAGE);
      for (const batch of page) {
        count++;
        const expected = (last?.number ?? 0) + 1;
        if (batch.number !== expected) found.add(`batch ${expected} is missing before batch ${batch.number}`);
        if (batch.previous !== (last?.mac ?? ''))
          found.add(`batch ${batch.number} does not follow the batch before it`);
        // There is none after the key of now.
        const isReplaced = firsts.has(batch.keyId) || last?.keyId === this.seals.keyId;
        if (last !== undefined && batch.keyId !== last.keyId && isReplaced)
          found.add(`batch ${batch.number} was sealed with a key that had been replaced`);
        if (!firsts.has(batch.keyId)) firsts.set(batch.keyId, batch.sealedAt);
        const members = await this.chain.membersOf(batch.number);
        this.#judgeBatch(batch, members, found);
        if (!takesInOtherKeys(batch.sealedAt, firsts.get(batch.keyId)!))
          this.#judgeKeys(batch, members, found);
        last = batch;
      }
      if (page.length < PAGE || found.isFull) return { batches: count, firsts };
    }
  }

  #judgeKeys({ number, keyId: key }: SealedBatch, members: readonly KeptMember[], found: Findings): void {
    for (const { id, keyId } of members)
      if (keyId !== null && keyId !== key)
        found.add(`batch ${number}: record ${id} was recorded with a key that had been replaced`);
  }

  #judgeBatch(batch: SealedBatch, members: readonly KeptMember[], found: Findings): void {
    const gone = members.filter(({ mac }) => mac === null);
    for (const { id } of gone) found.add(`batch ${batch.number}: record ${id} is gone`);
    if (members.length !== batch.count)
      found.add(`batch ${batch.number} was sealed with ${batch.count} records and has ${members.length}`);
    if (gone.length > 0) return;
    const judged = this.seals.judge(formOfBatch(batch, members), batch);
    if (judged === 'wrong') found.add(`batch ${batch.number} is not as it was sealed`);
    if (judged === 'unknown-key') found.add(`batch ${batch.number} was sealed with an unknown key`);
  }

  async #checkpoints(
    checkpoints: AsyncIterable<Checkpoint | string> | undefined,
    batches: number,
    found: Findings,
  ): Promise<{ told: number; untold: number }> {
    let [told, distinct, last] = [0, 0, 0];
    for await (const checkpoint of checkpoints ?? []) {
      if (found.isFull) break;
      if (typeof checkpoint === 'string') {
        found.add(`checkpoints: ${checkpoint}`);
        continue;
      }
      told++;
      // Those of one file are in order; of a batch that was sealed meanwhile nothing is missing.
      if (checkpoint.batch > last && checkpoint.batch <= batches) distinct++;
      last = checkpoint.batch;
      const [batch] = await this.chain.batchesAfter(checkpoint.batch - 1, 1);
      if (batch?.number !== checkpoint.batch)
        found.add(
          `batch ${checkpoint.batch}, of which a checkpoint tells, is gone: the end of the trail was cut off, or an older backup was restored`,
        );
      else if (batch.mac !== checkpoint.mac || batch.count !== checkpoint.count)
        found.add(`batch ${batch.number} is another than the one of which a checkpoint tells`);
    }
    if (told === 0 && batches > 0)
      found.add('there are no checkpoints: whether the end of the trail is missing cannot be told');
    return { told, untold: batches - distinct };
  }

  /** `since`: when the key of now sealed first. */
  async #records(found: Findings, since: Instant | undefined): Promise<{ records: number; waiting: number }> {
    const now = this.clock.now();
    const isReplaced = (keyId: string): boolean =>
      keyId !== this.seals.keyId && since !== undefined && !takesInOtherKeys(now, since);
    let [records, waiting] = [0, 0];
    let after: string | undefined;
    for (;;) {
      const page = await this.chain.recordsAfter(after, PAGE);
      for (const one of page) {
        records++;
        if (one.waits) waiting++;
        this.#judgeRecord(one, found);
        if (one.waits && isReplaced(one.sealed.keyId))
          found.add(`record ${one.record.id} waits, and was recorded with a key that had been replaced`);
      }
      after = page.at(-1)?.record.id ?? after;
      if (page.length < PAGE || found.isFull) return { records, waiting };
    }
  }

  #judgeRecord({ record, sealed, batch, waits }: FoundRecord, found: Findings): void {
    const judged = this.seals.judge(formOfRecord(record), sealed);
    if (judged === 'wrong') found.add(`record ${record.id} is not as it was recorded`);
    if (judged === 'unknown-key') found.add(`record ${record.id} was recorded with an unknown key`);
    if (batch === null && !waits) found.add(`record ${record.id} is in no batch, and waits for none`);
    if (batch !== null && waits)
      found.add(`record ${record.id} is in batch ${batch}, and waits to be sealed`);
    if (waits && record.at < this.clock.now() - SEALED_WITHIN)
      found.add(`record ${record.id} has waited to be sealed for long: start a server, then verify again`);
  }
}

class Findings {
  readonly all: string[] = [];

  get isFull(): boolean {
    return this.all.length >= MOST_FINDINGS;
  }

  add(finding: string): void {
    if (!this.isFull) this.all.push(finding);
  }
}
