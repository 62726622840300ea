import type { Instant } from '#libs/kernel/clock.js';

/** An event as it is kept: who did what to which thing, when, and at whose request. Never changed, never removed. */
export interface AuditRecord {
  id: string;
  at: Instant;
  action: string;
  /** What came of it. Refusals are not recorded, so that there is one word. */
  outcome: 'success';
  /** Null where no user did it: see the role. */
  actor: string | null;
  /** `patient`, `doctor`, `admin`, `operator` or `system`. */
  actorRole: string;
  entityType: string;
  entityId: string;
  /** Profile id. */
  patient: string | null;
  requestId: string | null;
}

/** Which key made a seal, and the seal. */
export interface Sealed {
  keyId: string;
  mac: string;
}

/** What is sealed of a record: all of it, in a form that no two records share. */
export function formOfRecord(record: AuditRecord): string {
  return JSON.stringify([
    'audit record 1',
    record.id,
    record.at,
    record.action,
    record.outcome,
    record.actor,
    record.actorRole,
    record.entityType,
    record.entityId,
    record.patient,
    record.requestId,
  ]);
}
