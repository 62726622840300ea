import { Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { Clock } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { bind, wire } from '#libs/nest/wire.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Config } from '../config.js';
import { AccessDecisions, AccessGuard } from './adapters/access.js';
import { Argon2PasswordHasher } from './adapters/argon2-password-hasher.js';
import { AuthController } from './adapters/auth.controller.js';
import { JwtTokens } from './adapters/jwt-tokens.js';
import { JwtStrategy } from './adapters/jwt.strategy.js';
import { KeyedFingerprints } from './adapters/keyed-fingerprints.js';
import { ListedCommonPasswords } from './adapters/listed-common-passwords.js';
import { PasswordsController } from './adapters/passwords.controller.js';
import { SessionsController } from './adapters/sessions.controller.js';
import { SigningKeys } from './adapters/signing-keys.js';
import { TokenTime } from './adapters/token-time.js';
import { TypeOrmSessions } from './adapters/typeorm-sessions.js';
import { TypeOrmUsers } from './adapters/typeorm-users.js';
import {
  CommonPasswords,
  DoctorProfileIds,
  Fingerprints,
  PasswordHasher,
  PatientProfileIds,
  Sessions,
  Tokens,
  Users,
} from './ports.js';
import { Authenticate } from './use-cases/authenticate.js';
import { ChangePassword } from './use-cases/change-password.js';
import { EndSession } from './use-cases/end-session.js';
import { EndSessions } from './use-cases/end-sessions.js';
import { ListSessions } from './use-cases/list-sessions.js';
import { LogIn } from './use-cases/log-in.js';
import { LogOut } from './use-cases/log-out.js';
import { NewPassword } from './use-cases/new-password.js';
import { ReadAccount } from './use-cases/read-account.js';
import { RefreshSession } from './use-cases/refresh-session.js';
import { RegisterUser } from './use-cases/register-user.js';
import { UpdateAccount } from './use-cases/update-account.js';

@Module({
  imports: [JwtModule.register({}), PassportModule, DiscoveryModule],
  controllers: [AuthController, SessionsController, PasswordsController],
  providers: [
    bind(Users, TypeOrmUsers, TypeOrmTransactions),
    bind(Sessions, TypeOrmSessions, TypeOrmTransactions),
    { provide: PasswordHasher, useFactory: () => new Argon2PasswordHasher() },
    bind(CommonPasswords, ListedCommonPasswords),
    bind(Tokens, JwtTokens, JwtService, SigningKeys, TokenTime),
    bind(Fingerprints, KeyedFingerprints, SigningKeys),
    TokenTime,
    { provide: SigningKeys, inject: [Config], useFactory: (config: Config) => SigningKeys.load(config) },

    wire(NewPassword, CommonPasswords, PasswordHasher),
    wire(RegisterUser, Transactions, Users, PasswordHasher, NewPassword, Clock, Ids),
    wire(ChangePassword, Transactions, Users, Sessions, PasswordHasher, NewPassword, Clock),
    wire(LogIn, Transactions, Users, Sessions, PasswordHasher, Tokens, Clock, Ids),
    wire(RefreshSession, Transactions, Sessions, Users, Tokens, Clock),
    wire(LogOut, Transactions, Sessions, Clock),
    wire(ListSessions, Sessions, Clock),
    wire(EndSession, Transactions, Sessions, Clock),
    wire(EndSessions, Transactions, Sessions, Clock),
    wire(Authenticate, Transactions, Users, Sessions, Clock),
    wire(ReadAccount, Users, DoctorProfileIds, PatientProfileIds),
    wire(UpdateAccount, Transactions, Users),

    wire(JwtStrategy, SigningKeys, Authenticate, TokenTime),
    { provide: APP_GUARD, useClass: AccessGuard },
    AccessDecisions,
  ],
  exports: [Fingerprints, Users, Sessions, PasswordHasher, NewPassword, RegisterUser],
})
export class IdentityModule {}
