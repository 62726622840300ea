export type { Account } from './domain/account.js';
export { ADMIN_PROBLEMS, NoDoctorProfile } from './domain/errors.js';
export { Accounts } from './ports.js';
export { SetActive } from './use-cases/set-active.js';
export { SetApproval } from './use-cases/set-approval.js';
export { AdminModule } from './admin.module.js';
