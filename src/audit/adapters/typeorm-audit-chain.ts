import { EntitySchema, In, MoreThan } from 'typeorm';
import { id, instant, integer, text } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import type { SealedBatch } from '../domain/audit-batch.js';
import type { AuditRecord, Sealed } from '../domain/audit-record.js';
import { AuditChain, type FoundRecord, type KeptMember } from '../ports.js';

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

/** A batch that has so many was not made here. */
const MORE_THAN_ANY = 1000;

/** As the trail keeps it. */
type KeptRecord = AuditRecord & Sealed;
type Found = KeptRecord & { member: MemberRow | null; waiting: { id: string } | null };

function split({ keyId, mac, ...record }: KeptRecord): Pick<FoundRecord, 'record' | 'sealed'> {
  return { record, sealed: { keyId, mac } };
}

export class TypeOrmAuditChain extends AuditChain {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async waiting(
    after: string | undefined,
    atMost: number,
  ): Promise<readonly Pick<FoundRecord, 'record' | 'sealed'>[]> {
    const query = this.transactions.manager
      .createQueryBuilder<{ id: string; record: KeptRecord }>('AuditUnsealed', 'waiting')
      .innerJoinAndMapOne('waiting.record', 'AuditRecord', 'record', 'record.id = waiting.id')
      .orderBy('waiting.id', 'ASC')
      .limit(atMost);
    if (after !== undefined) query.where('waiting.id > :after', { after });
    return (await query.getMany()).map(({ record }) => split(record));
  }

  async last(): Promise<SealedBatch | undefined> {
    const [last] = await this.transactions.manager.find(auditBatchSchema, {
      order: { number: 'DESC' },
      take: 1,
    });
    return last;
  }

  async firstOf(keyId: string): Promise<SealedBatch | undefined> {
    const [first] = await this.transactions.manager.find(auditBatchSchema, {
      where: { keyId },
      order: { number: 'ASC' },
      take: 1,
    });
    return first;
  }

  async append(batch: SealedBatch, members: readonly string[]): Promise<void> {
    const { manager } = this.transactions;
    await manager.insert(auditBatchSchema, batch);
    const rows = members.map((record) => ({ record, batch: batch.number }));
    await manager.insert(auditMemberSchema, rows);
    await manager.delete('AuditUnsealed', { id: In([...members]) });
  }

  batchesAfter(number: number | undefined, atMost: number): Promise<readonly SealedBatch[]> {
    return this.transactions.manager.find(auditBatchSchema, {
      ...(number !== undefined && { where: { number: MoreThan(number) } }),
      order: { number: 'ASC' },
      take: atMost,
    });
  }

  async membersOf(number: number): Promise<readonly KeptMember[]> {
    const rows = await this.transactions.manager
      .createQueryBuilder<MemberRow & { of: Sealed | null }>(auditMemberSchema, 'member')
      .leftJoinAndMapOne('member.of', 'AuditRecord', 'record', 'record.id = member.record')
      .select(['member.record', 'record.id', 'record.keyId', 'record.mac'])
      .where('member.batch = :number', { number })
      .orderBy('member.record', 'ASC')
      .limit(MORE_THAN_ANY)
      .getMany();
    return rows.map((row) => ({
      id: row.record,
      keyId: row.of?.keyId ?? null,
      mac: row.of?.mac ?? null,
    }));
  }

  async recordsAfter(after: string | undefined, atMost: number): Promise<readonly FoundRecord[]> {
    // One statement sees one moment: a record that is being sealed either waits or is in its batch.
    const query = this.transactions.manager
      .createQueryBuilder<Found>('AuditRecord', 'record')
      .leftJoinAndMapOne('record.member', 'AuditMember', 'member', 'member.record = record.id')
      .leftJoinAndMapOne('record.waiting', 'AuditUnsealed', 'waiting', 'waiting.id = record.id')
      .orderBy('record.id', 'ASC')
      .limit(atMost);
    if (after !== undefined) query.where('record.id > :after', { after });
    return (await query.getMany()).map(({ member, waiting, ...kept }) => ({
      ...split(kept),
      batch: member?.batch ?? null,
      waits: (waiting ?? null) !== null,
    }));
  }

  async waitingForNothing(atMost: number): Promise<readonly string[]> {
    const rows = await this.transactions.manager
      .createQueryBuilder<{ id: string }>('AuditUnsealed', 'waiting')
      .leftJoin('AuditRecord', 'record', 'record.id = waiting.id')
      .where('record.id IS NULL')
      .limit(atMost)
      .getMany();
    return rows.map((row) => row.id);
  }

  async membersOfNothing(atMost: number): Promise<readonly string[]> {
    const rows = await this.transactions.manager
      .createQueryBuilder<MemberRow>(auditMemberSchema, 'member')
      .leftJoin('AuditBatch', 'batch', 'batch.number = member.batch')
      .where('batch.number IS NULL')
      .limit(atMost)
      .getMany();
    return rows.map(({ record }) => record);
  }
}
