export { AccessResponse, AuditRecordResponse } from './adapters/audit.dto.js';
export { CHECKPOINTS, readCheckpoints } from './adapters/file-checkpoints.js';
export { AuditTrailModule } from './audit-trail.module.js';
export { AuditModule } from './audit.module.js';
export type { AuditRecord } from './domain/audit-record.js';
export { AuditRecords } from './ports.js';
export { ReadAccessLog, type Access } from './use-cases/read-access-log.js';
export { SealAudit } from './use-cases/seal-audit.js';
export { VerifyAudit, type Verdict } from './use-cases/verify-audit.js';
