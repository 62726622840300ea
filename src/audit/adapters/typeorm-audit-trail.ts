import { randomBytes } from 'node:crypto';
import { EntitySchema } from 'typeorm';
import { v7 } from 'uuid';
import { ambient } from '#libs/ambient.js';
import { AuditTrail, type AuditActor, type AuditEvent } from '#libs/kernel/audit-trail.js';
import { Clock, type Instant } from '#libs/kernel/clock.js';
import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import { id, instant, primaryId, text } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { formOfRecord, type AuditRecord, type Sealed } from '../domain/audit-record.js';
import { AuditRecords, AuditSeals, type AuditQuery } from '../ports.js';

export type AuditRecordRow = AuditRecord & Sealed;

export const auditRecordSchema = new EntitySchema<AuditRecordRow>({
  name: 'AuditRecord',
  tableName: 'audit_records',
  columns: {
    id: primaryId(),
    at: instant({ name: 'recorded_at' }),
    action: text(60),
    outcome: text(20),
    actor: id({ name: 'actor_id', nullable: true }),
    actorRole: text(20, { name: 'actor_role' }),
    entityType: text(40, { name: 'entity_type' }),
    entityId: text(64, { name: 'entity_id' }),
    patient: id({ name: 'patient_id', nullable: true }),
    requestId: id({ name: 'request_id', nullable: true }),
    keyId: text(12, { name: 'key_id' }),
    mac: text(64),
  },
  indices: [
    { name: 'audit_records_actor', columns: ['actor', 'id'] },
    { name: 'audit_records_entity', columns: ['entityId', 'id'] },
    { name: 'audit_records_patient', columns: ['patient', 'id'] },
  ],
});

/** A record that no batch has yet. A list of its own, since records are committed in another order than that of their ids. */
export interface UnsealedRow {
  id: string;
}

export const auditUnsealedSchema = new EntitySchema<UnsealedRow>({
  name: 'AuditUnsealed',
  tableName: 'audit_unsealed',
  columns: { id: primaryId() },
});

const SYSTEM: AuditActor = { userId: null, role: 'system' };

export class TypeOrmAuditTrail extends AuditTrail {
  readonly #ids = new OrderedIds();

  constructor(
    private readonly transactions: TypeOrmTransactions,
    private readonly seals: AuditSeals,
    private readonly clock: Clock,
  ) {
    super();
  }

  async record({ action, entity, patient, by }: AuditEvent): Promise<void> {
    const origin = ambient.getStore()?.origin;
    const actor = origin?.actor() ?? by ?? SYSTEM;
    const at = this.clock.now();
    const record: AuditRecord = {
      id: this.#ids.at(at),
      at,
      action,
      outcome: 'success',
      actor: actor.userId,
      actorRole: actor.role,
      entityType: entity.type,
      entityId: entity.id,
      patient: patient ?? null,
      requestId: origin?.requestId ?? null,
    };
    const { manager } = this.transactions;
    await manager.insert(auditRecordSchema, { ...record, ...this.seals.seal(formOfRecord(record)) });
    await manager.insert(auditUnsealedSchema, { id: record.id });
  }
}

/**
 * UUIDs of version 7 of the clock that records: the first days of a demo clinic are weeks ago. Of one millisecond the later
 * sorts after the earlier.
 */
class OrderedIds {
  #last: Instant = -1;
  #sequence = 0;

  at(instant: Instant): string {
    this.#sequence = instant === this.#last ? this.#sequence + 1 : randomBytes(3).readUIntBE(0, 3);
    this.#last = instant;
    return v7({ msecs: instant, seq: this.#sequence });
  }
}

/** What is of a time has its id between the first of that time and the first of the next. */
function firstIdAt(instant: Instant): string {
  const hex = Math.max(0, instant).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

export class TypeOrmAuditRecords extends AuditRecords {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async list(query: AuditQuery): Promise<Page<AuditRecord>> {
    const { actor, action, patient, entity, looksOfOthersThan, from, until, limit, cursor } = query;
    const rows = this.transactions.manager
      .createQueryBuilder(auditRecordSchema, 'record')
      .orderBy('record.id', 'DESC')
      .limit(limit + 1);
    if (actor !== undefined) rows.andWhere('record.actor = :actor', { actor });
    if (action !== undefined) rows.andWhere('record.action = :action', { action });
    if (patient !== undefined) rows.andWhere('record.patient = :patient', { patient });
    if (entity !== undefined) rows.andWhere('record.entityId = :entity', { entity });
    if (looksOfOthersThan !== undefined) {
      rows.andWhere("record.action LIKE '%.read'");
      rows.andWhere('(record.actor IS NULL OR record.actor <> :own)', { own: looksOfOthersThan });
    }
    if (from !== undefined) rows.andWhere('record.id >= :from', { from: firstIdAt(from) });
    if (until !== undefined) rows.andWhere('record.id < :until', { until: firstIdAt(until) });
    if (cursor !== undefined) {
      const [before] = decodeCursor<[string]>(cursor, 'id');
      rows.andWhere('record.id < :before', { before });
    }
    return pageOf((await rows.getMany()).map(toDomain), limit, ({ id: last }) => [last]);
  }
}

function toDomain({ keyId: _, mac: __, ...record }: AuditRecordRow): AuditRecord {
  return record;
}

const KEPT = ['audit_records', 'audit_batches', 'audit_members'].map((table) => `'${table}'`).join();

/** How many triggers each of the tables has, and what counts those that are on. */
const TRIGGERS: Partial<Record<string, { each: number; count: string }>> = {
  'better-sqlite3': {
    each: 3,
    count: `SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (${KEPT})`,
  },
  postgres: {
    each: 2,
    count: `SELECT COUNT(*) AS n FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE relname IN (${KEPT}) AND pg_table_is_visible(tgrelid) AND NOT tgisinternal AND tgenabled <> 'D'`,
  },
};

const MYSQL_TRIGGERS = {
  each: 2,
  count: `SELECT COUNT(*) AS n FROM information_schema.triggers WHERE event_object_schema = DATABASE() AND event_object_table IN (${KEPT})`,
};

/** Whether the database itself refuses to change or remove a record, and what seals it. */
export async function refusesChanges({ manager }: TypeOrmTransactions): Promise<boolean> {
  const { each, count } = TRIGGERS[manager.dataSource.options.type] ?? MYSQL_TRIGGERS;
  const [row] = await manager.query<{ n: string | number }[]>(count);
  return Number(row!.n) >= each * 3;
}
