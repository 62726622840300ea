import type { Page } from '#libs/kernel/page.js';
import type { Checkpoint, Member, SealedBatch } from './domain/audit-batch.js';
import type { AuditRecord, Sealed } from './domain/audit-record.js';

/** Seals made with a key that the database does not hold. */
export abstract class AuditSeals {
  /** Names the key of now. */
  abstract readonly keyId: string;
  /** With the key of now. */
  abstract seal(form: string): Sealed;
  /** `unknown-key`: made with a key that is not among those of now and before. */
  abstract judge(form: string, sealed: Sealed): 'right' | 'wrong' | 'unknown-key';
}

export interface AuditQuery {
  actor?: string | undefined;
  action?: string | undefined;
  /** Profile id. */
  patient?: string | undefined;
  entity?: string | undefined;
  /** Only what others than this user looked at, and changed nothing. */
  looksOfOthersThan?: string | undefined;
  /** Instants, the first included, the second not. */
  from?: number | undefined;
  until?: number | undefined;
  limit: number;
  cursor?: string | undefined;
}

export abstract class AuditRecords {
  /** By id, the newest first. Throws InvalidRequest for a cursor that it did not answer. */
  abstract list(query: AuditQuery): Promise<Page<AuditRecord>>;
}

/** A record with all that is known of its place in the chain. */
export interface FoundRecord {
  record: AuditRecord;
  sealed: Sealed;
  /** The number of its batch; null while it has none. */
  batch: number | null;
  /** Whether it waits for a batch. */
  waits: boolean;
}

/** A member with the name of the key of its seal; null where the record is gone. */
export interface KeptMember extends Member {
  keyId: string | null;
}

/** Batches, their members, and the records that wait to be in one. */
export abstract class AuditChain {
  /** Committed records that wait, by id, ascending, those after `id`; the first where none is told. */
  abstract waiting(
    id: string | undefined,
    atMost: number,
  ): Promise<readonly Pick<FoundRecord, 'record' | 'sealed'>[]>;
  abstract last(): Promise<SealedBatch | undefined>;
  /** The first batch that was sealed with the key of this name. */
  abstract firstOf(keyId: string): Promise<SealedBatch | undefined>;
  /** The members wait no longer. Throws where another made a batch of that number. */
  abstract append(batch: SealedBatch, members: readonly string[]): Promise<void>;

  /** By number, ascending, those after `number`; the first, whatever their numbers, where none is told. */
  abstract batchesAfter(number: number | undefined, atMost: number): Promise<readonly SealedBatch[]>;
  /** By id, ascending. */
  abstract membersOf(number: number): Promise<readonly KeptMember[]>;
  /** By id, ascending, those after `id`; the first where none is told. */
  abstract recordsAfter(id: string | undefined, atMost: number): Promise<readonly FoundRecord[]>;
  /** Some of the ids that wait, and are of no record. */
  abstract waitingForNothing(atMost: number): Promise<readonly string[]>;
  /** Some of the ids that are said to be in a batch that there is not. */
  abstract membersOfNothing(atMost: number): Promise<readonly string[]>;
}

/** What is kept of the chain outside the database. */
export abstract class Checkpoints {
  /** The last whole one. */
  abstract last(): Promise<Checkpoint | undefined>;
  /** Durable when it returns. */
  abstract append(checkpoint: Checkpoint): Promise<void>;
}
