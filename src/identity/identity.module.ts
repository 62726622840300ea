import { join } from 'node:path';
import { Logger, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { FileUploads } from '#libs/nest/file-upload.js';
import { bind, wire } from '#libs/nest/wire.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Config } from '../config.js';
import { AccessDecisions, AccessGuard } from './adapters/access.js';
import { Argon2PasswordHasher } from './adapters/argon2-password-hasher.js';
import { AuthController } from './adapters/auth.controller.js';
import { DevMailController } from './adapters/dev-mail.controller.js';
import { EmailController } from './adapters/email.controller.js';
import { FolderMail } from './adapters/folder-mail.js';
import { FolderPhotoStorage } from './adapters/folder-photo-storage.js';
import { JwtTokens } from './adapters/jwt-tokens.js';
import { JwtStrategy } from './adapters/jwt.strategy.js';
import { KeyedFingerprints } from './adapters/keyed-fingerprints.js';
import { ListedCommonPasswords } from './adapters/listed-common-passwords.js';
import { MacedDeviceTokens } from './adapters/maced-device-tokens.js';
import { NoMail, NothingKept } from './adapters/no-mail.js';
import { PasswordsController } from './adapters/passwords.controller.js';
import { PhotosController } from './adapters/photos.controller.js';
import { PlainLetters } from './adapters/plain-letters.js';
import { Pseudonyms } from './adapters/pseudonyms.js';
import { RandomSecrets } from './adapters/random-secrets.js';
import { SessionsController } from './adapters/sessions.controller.js';
import { SharpPhotoEncoder } from './adapters/sharp-photo-encoder.js';
import { SigningKeys } from './adapters/signing-keys.js';
import { SmtpMail } from './adapters/smtp-mail.js';
import { TokenTime } from './adapters/token-time.js';
import { TypeOrmDiscardedPhotos } from './adapters/typeorm-discarded-photos.js';
import { TypeOrmPasswordResets } from './adapters/typeorm-password-resets.js';
import { TokenBearers } from './adapters/token-bearers.js';
import { TypeOrmSessions } from './adapters/typeorm-sessions.js';
import { TypeOrmTryBudgets } from './adapters/typeorm-try-budgets.js';
import { TypeOrmUsers } from './adapters/typeorm-users.js';
import {
  CommonPasswords,
  DeviceTokens,
  DiscardedPhotos,
  DoctorCards,
  DoctorProfileIds,
  EmailVerification,
  Fingerprints,
  KeptMail,
  Letters,
  Mail,
  PasswordHasher,
  PasswordResets,
  PatientCards,
  PatientProfileIds,
  PhotoEncoder,
  PhotoStorage,
  Secrets,
  Sessions,
  Tokens,
  TryBudgets,
  Users,
} from './ports.js';
import { Authenticate } from './use-cases/authenticate.js';
import { ChangePassword } from './use-cases/change-password.js';
import { ChangePhoto } from './use-cases/change-photo.js';
import { ConfirmPassword } from './use-cases/confirm-password.js';
import { EndSession } from './use-cases/end-session.js';
import { EndSessions } from './use-cases/end-sessions.js';
import { ForgetTries } from './use-cases/forget-tries.js';
import { ForgotPassword } from './use-cases/forgot-password.js';
import { ForgetSessions } from './use-cases/forget-sessions.js';
import { GuessBudget } from './use-cases/guess-budget.js';
import { ListSessions } from './use-cases/list-sessions.js';
import { LogIn } from './use-cases/log-in.js';
import { LogOut } from './use-cases/log-out.js';
import { MailPasswordResets } from './use-cases/mail-password-resets.js';
import { NewPassword } from './use-cases/new-password.js';
import { OpenAccount } from './use-cases/open-account.js';
import { ReadAccount } from './use-cases/read-account.js';
import { ReadPhoto } from './use-cases/read-photo.js';
import { RefreshSession } from './use-cases/refresh-session.js';
import { RegisterUser } from './use-cases/register-user.js';
import { RemoveDiscardedPhotos } from './use-cases/remove-discarded-photos.js';
import { RemovePhoto } from './use-cases/remove-photo.js';
import { ResetPassword } from './use-cases/reset-password.js';
import { UpdateAccount } from './use-cases/update-account.js';
import { VerifyEmail } from './use-cases/verify-email.js';

@Module({
  imports: [JwtModule.register({}), PassportModule, DiscoveryModule],
  controllers: [
    AuthController,
    PhotosController,
    SessionsController,
    PasswordsController,
    EmailController,
    DevMailController,
  ],
  providers: [
    bind(Users, TypeOrmUsers, TypeOrmTransactions),
    bind(Sessions, TypeOrmSessions, TypeOrmTransactions),
    bind(TryBudgets, TypeOrmTryBudgets, TypeOrmTransactions),
    bind(DeviceTokens, MacedDeviceTokens, SigningKeys),
    { provide: PasswordHasher, useFactory: () => new Argon2PasswordHasher() },
    bind(CommonPasswords, ListedCommonPasswords),
    bind(Tokens, JwtTokens, JwtService, SigningKeys, TokenTime),
    bind(Fingerprints, KeyedFingerprints, SigningKeys),
    bind(PasswordResets, TypeOrmPasswordResets, TypeOrmTransactions),
    bind(Secrets, RandomSecrets),
    bind(DiscardedPhotos, TypeOrmDiscardedPhotos, TypeOrmTransactions),
    { provide: PhotoEncoder, useFactory: () => new SharpPhotoEncoder() },
    {
      provide: PhotoStorage,
      inject: [Config],
      useFactory: ({ dataDir }: Config) => new FolderPhotoStorage(join(dataDir, 'photos')),
    },
    { provide: Mail, inject: [Config, Clock, Ids], useFactory: mailOf },
    { provide: KeptMail, inject: [Config, Mail], useFactory: keptMailOf },
    {
      provide: Letters,
      inject: [Config],
      useFactory: ({ publicUrl }: Config) => new PlainLetters(publicUrl),
    },
    TokenTime,
    wire(TokenBearers, SigningKeys),
    wire(Pseudonyms, SigningKeys),
    { provide: SigningKeys, inject: [Config], useFactory: (config: Config) => SigningKeys.load(config) },

    wire(NewPassword, CommonPasswords, PasswordHasher),
    wire(RegisterUser, Transactions, Users, PasswordHasher, NewPassword, Clock, Ids, AuditTrail),
    wire(GuessBudget, Transactions, Users, TryBudgets, DeviceTokens, Fingerprints, Clock),
    wire(ForgetTries, Transactions, TryBudgets, Clock),
    wire(
      ChangePassword,
      Transactions,
      Users,
      Sessions,
      PasswordResets,
      ConfirmPassword,
      NewPassword,
      Clock,
      AuditTrail,
    ),
    wire(ConfirmPassword, Transactions, Users, PasswordHasher, GuessBudget),
    wire(LogIn, Transactions, Users, Sessions, PasswordHasher, GuessBudget, Tokens, Clock, Ids, AuditTrail),
    wire(RefreshSession, Transactions, Sessions, Users, Tokens, Clock, AuditTrail),
    wire(LogOut, Transactions, Sessions, Clock, AuditTrail),
    {
      provide: EmailVerification,
      inject: [Config],
      useFactory: ({ emailVerification }: Config): EmailVerification => ({ isRequired: emailVerification }),
    },
    wire(
      OpenAccount,
      Transactions,
      Users,
      PasswordResets,
      RegisterUser,
      NewPassword,
      EmailVerification,
      Clock,
      Ids,
    ),
    wire(VerifyEmail, Transactions, PasswordResets, Users, Secrets, Clock, AuditTrail),
    wire(ForgotPassword, Transactions, PasswordResets, Clock),
    wire(MailPasswordResets, Transactions, PasswordResets, Users, Secrets, Letters, Mail, Clock, AuditTrail),
    wire(
      ResetPassword,
      Transactions,
      PasswordResets,
      Users,
      Sessions,
      Secrets,
      NewPassword,
      Clock,
      AuditTrail,
    ),
    wire(ForgetSessions, Transactions, Sessions, Clock),
    wire(ListSessions, Sessions, Clock),
    wire(EndSession, Transactions, Sessions, Clock, AuditTrail),
    wire(EndSessions, Transactions, Sessions, Clock, AuditTrail),
    wire(Authenticate, Transactions, Users, Sessions, Clock),
    wire(ReadAccount, Users, DoctorProfileIds, PatientProfileIds),
    wire(UpdateAccount, Transactions, Users, AuditTrail),
    wire(RemovePhoto, Transactions, PhotoStorage, DiscardedPhotos),
    wire(
      ChangePhoto,
      Transactions,
      Users,
      PhotoEncoder,
      PhotoStorage,
      DiscardedPhotos,
      RemovePhoto,
      PatientProfileIds,
      Clock,
      AuditTrail,
    ),
    { provide: FileUploads, useFactory: () => new FileUploads() },
    wire(ReadPhoto, Transactions, Users, DoctorCards, PatientCards, PhotoStorage, AuditTrail),
    wire(RemoveDiscardedPhotos, Transactions, PhotoStorage, DiscardedPhotos, Clock),

    wire(JwtStrategy, SigningKeys, Authenticate, TokenTime),
    { provide: APP_GUARD, useClass: AccessGuard },
    AccessDecisions,
  ],
  exports: [
    ConfirmPassword,
    DiscardedPhotos,
    EndSessions,
    Fingerprints,
    TokenBearers,
    Users,
    Sessions,
    PasswordHasher,
    PasswordResets,
    NewPassword,
    RegisterUser,
    ForgetSessions,
    MailPasswordResets,
    ForgetTries,
    RemoveDiscardedPhotos,
    RemovePhoto,
  ],
})
export class IdentityModule {}

/** Sent where there is a server for it. Only where nobody's data is real is it kept in a folder instead. */
function mailOf(config: Config, clock: Clock, ids: Ids): Mail {
  if (config.smtpUrl !== undefined) return new SmtpMail(config.smtpUrl, config.mailFrom);
  if (!config.production) return new FolderMail(join(config.dataDir, 'mail'), clock, ids);
  new Logger('Mail').warn('SMTP_URL is not set: mail goes nowhere, and nobody can set a forgotten password.');
  return new NoMail();
}

function keptMailOf(config: Config, mail: Mail): KeptMail {
  return config.showsMail && mail instanceof FolderMail ? mail : new NothingKept();
}
