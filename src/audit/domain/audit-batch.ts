import { HOUR, type Instant } from '#libs/kernel/clock.js';
import type { Sealed } from './audit-record.js';

/** One link of the chain: some records, in the order of their ids, and the seal of the link before. */
export interface AuditBatch {
  /** From 1, without a gap. */
  number: number;
  /** The seal of the batch before; empty in the first. */
  previous: string;
  count: number;
  sealedAt: Instant;
}

/** One record of a batch: its id, and its own seal, or null where the record is gone. */
export interface Member {
  id: string;
  mac: string | null;
}

export type SealedBatch = AuditBatch & Sealed;

/** For how long after the first batch of a key records of another are taken in: nodes get a new key one after the other. */
const KEYS_OVERLAP = HOUR;

/**
 * Whether records that were sealed with another key may still be in a batch of a key, whose first batch was sealed at
 * `since`. Later whoever has got hold of a key that was replaced adds nothing any more.
 */
export function takesInOtherKeys(sealedAt: Instant, since: Instant): boolean {
  return sealedAt <= since + KEYS_OVERLAP;
}

/** What is sealed of a batch. */
export function formOfBatch(batch: AuditBatch, members: readonly Member[]): string {
  return JSON.stringify([
    'audit batch 1',
    batch.number,
    batch.previous,
    batch.count,
    batch.sealedAt,
    // Databases sort texts differently.
    members.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ id, mac }) => [id, mac]),
  ]);
}

/** A line outside the database by which a missing end of the chain is found. */
export interface Checkpoint {
  batch: number;
  mac: string;
  count: number;
  at: Instant;
}
