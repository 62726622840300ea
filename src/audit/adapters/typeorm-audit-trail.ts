import { randomBytes } from 'node:crypto';
import { EntitySchema } from 'typeorm';
import { v7 } from 'uuid';
import { ambient } from '#libs/ambient.js';
import { AuditTrail, type AuditActor, type AuditEvent } from '#libs/kernel/audit-trail.js';
import { Clock, type Instant } from '#libs/kernel/clock.js';
import { id, instant, primaryId, text } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { formOfRecord, type AuditRecord, type Sealed } from '../domain/audit-record.js';
import { AuditSeals } from '../ports.js';

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
