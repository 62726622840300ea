export { CurrentActor, Public, Roles, SignedIn } from './adapters/access.js';
export { IDENTITY_PROBLEMS } from './domain/errors.js';
export type { Actor, Gender, Role, User } from './domain/user.js';
export { DoctorProfileIds, Fingerprints, PasswordHasher, PatientProfileIds, Users } from './ports.js';
export { RegisterUser, type RegisterUserInput } from './use-cases/register-user.js';
export { IdentityModule } from './identity.module.js';
