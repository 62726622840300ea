export { CurrentActor, Public, Roles, SignedIn } from './adapters/access.js';
export { TokenBearers } from './adapters/token-bearers.js';
export {
  AccountClosed,
  EmailTaken,
  IDENTITY_PROBLEMS,
  LastAdmin,
  NotAuthenticated,
  TooManyTries,
  WrongPassword,
} from './domain/errors.js';
export { RESET_PAUSE } from './domain/password-reset.js';
export type { Session } from './domain/session.js';
export { photoPath } from './adapters/auth.dto.js';
export { emailKey, GENDERS, ROLES, type Actor, type Gender, type Role, type User } from './domain/user.js';
export {
  DiscardedPhotos,
  DoctorCards,
  DoctorProfileIds,
  Fingerprints,
  PasswordHasher,
  PasswordResets,
  PatientCards,
  PatientProfileIds,
  Sessions,
  Users,
} from './ports.js';
export { ConfirmPassword } from './use-cases/confirm-password.js';
export { ForgetSessions } from './use-cases/forget-sessions.js';
export { EndSessions } from './use-cases/end-sessions.js';
export { ForgetTries } from './use-cases/forget-tries.js';
export { MailPasswordResets } from './use-cases/mail-password-resets.js';
export { NewPassword } from './use-cases/new-password.js';
export { RemoveDiscardedPhotos } from './use-cases/remove-discarded-photos.js';
export { RemovePhoto } from './use-cases/remove-photo.js';
export { RegisterUser, type RegisterUserInput } from './use-cases/register-user.js';
export { IdentityModule } from './identity.module.js';
