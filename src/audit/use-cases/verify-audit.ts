import { Clock, MINUTE } from '#libs/kernel/clock.js';
import { formOfBatch, type Checkpoint, type Member, type SealedBatch } from '../domain/audit-batch.js';
import { formOfRecord } from '../domain/audit-record.js';
import { AuditChain, AuditSeals, type FoundRecord } from '../ports.js';

/** Records are sealed within seconds while a server runs. */
const SEALED_WITHIN = 15 * MINUTE;
const PAGE = 500;
const MOST_FINDINGS = 100;
/** Of the integers that every database takes. */
const BEFORE_ALL = -(2 ** 31);

export interface Verdict {
  records: number;
  batches: number;
  /** Records that wait to be sealed. */
  waiting: number;
  checkpoints: number;
  /** What is not as it was recorded, the first hundred; none where all is well. */
  findings: readonly string[];
}

/** Reads the whole trail, a page at a time, and tells what was changed, removed, put in or cut off. */
export class VerifyAudit {
  constructor(
    private readonly chain: AuditChain,
    private readonly seals: AuditSeals,
    private readonly clock: Clock,
  ) {}

  /** Undefined checkpoints: there is no file of them. */
  async execute(checkpoints: AsyncIterable<Checkpoint | string> | undefined): Promise<Verdict> {
    const found = new Findings();
    const batches = await this.#batches(found);
    const told = await this.#checkpoints(checkpoints, batches, found);
    const { records, waiting } = await this.#records(found);
    for (const id of await this.chain.waitingForNothing(MOST_FINDINGS))
      found.add(`record ${id} waits to be sealed and is gone`);
    for (const id of await this.chain.membersOfNothing(MOST_FINDINGS))
      found.add(`record ${id} is said to be in a batch that is gone`);
    return { records, waiting, batches, checkpoints: told, findings: found.all };
  }

  /** Answers how many there are. */
  async #batches(found: Findings): Promise<number> {
    let last: SealedBatch | undefined;
    let count = 0;
    for (;;) {
      const page = await this.chain.batchesAfter(last?.number ?? BEFORE_ALL, PAGE);
      for (const batch of page) {
        count++;
        const expected = (last?.number ?? 0) + 1;
        if (batch.number !== expected) found.add(`batch ${expected} is missing before batch ${batch.number}`);
        if (batch.previous !== (last?.mac ?? ''))
          found.add(`batch ${batch.number} does not follow the batch before it`);
        this.#judgeBatch(batch, await this.chain.membersOf(batch.number), found);
        last = batch;
      }
      if (page.length < PAGE || found.isFull) return count;
    }
  }

  #judgeBatch(batch: SealedBatch, members: readonly Member[], found: Findings): void {
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
  ): Promise<number> {
    if (checkpoints === undefined) {
      if (batches > 0)
        found.add('there are no checkpoints: whether the end of the trail is missing cannot be told');
      return 0;
    }
    let count = 0;
    for await (const checkpoint of checkpoints) {
      if (found.isFull) break;
      if (typeof checkpoint === 'string') {
        found.add(`checkpoints: ${checkpoint}`);
        continue;
      }
      count++;
      const [batch] = await this.chain.batchesAfter(checkpoint.batch - 1, 1);
      if (batch?.number !== checkpoint.batch)
        found.add(
          `batch ${checkpoint.batch}, of which a checkpoint tells, is gone: the end of the trail was cut off, or an older backup was restored`,
        );
      else if (batch.mac !== checkpoint.mac || batch.count !== checkpoint.count)
        found.add(`batch ${batch.number} is another than the one of which a checkpoint tells`);
    }
    return count;
  }

  async #records(found: Findings): Promise<{ records: number; waiting: number }> {
    let [records, waiting] = [0, 0];
    let after: string | undefined;
    for (;;) {
      const page = await this.chain.recordsAfter(after, PAGE);
      for (const one of page) {
        records++;
        if (one.waits) waiting++;
        this.#judgeRecord(one, found);
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
