export { OPERATION_PROBLEMS } from './errors.js';
export { LoadShedding } from './load-shedding.js';
export { Metrics } from './metrics.js';
export { OperationModule } from './operation.module.js';
export { RequestLimits } from './request-limits.js';
export { Readiness } from './readiness.js';
export { shutDown } from './shut-down.js';
