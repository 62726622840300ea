import { EntitySchema } from 'typeorm';
import { id, instant, integer, text } from '#libs/persistence/columns.js';
import type { SealedBatch } from '../domain/audit-batch.js';

export const auditBatchSchema = new EntitySchema<SealedBatch>({
  name: 'AuditBatch',
  tableName: 'audit_batches',
  columns: {
    number: integer({ primary: true }),
    previous: text(64),
    count: integer(),
    sealedAt: instant({ name: 'sealed_at' }),
    keyId: text(12, { name: 'key_id' }),
    mac: text(64),
  },
});

/** Which batch a record is in. */
export interface MemberRow {
  record: string;
  batch: number;
}

export const auditMemberSchema = new EntitySchema<MemberRow>({
  name: 'AuditMember',
  tableName: 'audit_members',
  columns: {
    record: id({ name: 'record_id', primary: true }),
    batch: integer(),
  },
  indices: [{ name: 'audit_members_batch', columns: ['batch', 'record'] }],
});
