export { CHECKPOINTS, readCheckpoints } from './adapters/file-checkpoints.js';
export { AuditTrailModule } from './audit-trail.module.js';
export { AuditModule } from './audit.module.js';
export { SealAudit } from './use-cases/seal-audit.js';
export { VerifyAudit, type Verdict } from './use-cases/verify-audit.js';
