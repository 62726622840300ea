import { JwtService } from '@nestjs/jwt';
import { UuidIds } from '#libs/nest/system.js';
import { JwtTokens } from '../../src/identity/adapters/jwt-tokens.js';
import { KeyedFingerprints } from '../../src/identity/adapters/keyed-fingerprints.js';
import { MacedDeviceTokens } from '../../src/identity/adapters/maced-device-tokens.js';
import { SigningKeys } from '../../src/identity/adapters/signing-keys.js';
import { TokenTime } from '../../src/identity/adapters/token-time.js';
import type { Role, User } from '../../src/identity/domain/user.js';
import { Authenticate } from '../../src/identity/use-cases/authenticate.js';
import { ListedCommonPasswords } from '../../src/identity/adapters/listed-common-passwords.js';
import { ChangePassword } from '../../src/identity/use-cases/change-password.js';
import { ConfirmPassword } from '../../src/identity/use-cases/confirm-password.js';
import { EndSession } from '../../src/identity/use-cases/end-session.js';
import { EndSessions } from '../../src/identity/use-cases/end-sessions.js';
import { GuessBudget } from '../../src/identity/use-cases/guess-budget.js';
import { ListSessions } from '../../src/identity/use-cases/list-sessions.js';
import { LogIn } from '../../src/identity/use-cases/log-in.js';
import { LogOut } from '../../src/identity/use-cases/log-out.js';
import { NewPassword } from '../../src/identity/use-cases/new-password.js';
import { RefreshSession } from '../../src/identity/use-cases/refresh-session.js';
import { RegisterUser } from '../../src/identity/use-cases/register-user.js';
import { FixedClock } from '../support/app.js';
import { MemoryPorts } from '../support/memory/memory-ports.js';
import { PlainPasswordHasher } from '../support/memory/plain-password-hasher.js';

export const NOW = Date.parse('2030-01-07T07:00:00Z');
export const PASSWORD = 'a tree in the wind';
export const ADA = {
  email: 'Ada@Example.org',
  password: PASSWORD,
  firstName: 'Ada',
  lastName: 'Newman',
  gender: null,
  role: 'patient' as Role,
};
/** A login of which nothing is known but what it must say. */
export const SOMEWHERE = { deviceName: null, network: null };

export function tokensOf(secret: string, ...previous: string[]): JwtTokens {
  return new JwtTokens(new JwtService({}), new SigningKeys(secret, previous), new TokenTime());
}

/** The use cases of identity over one store in memory. */
export class Accounts extends MemoryPorts {
  readonly clock = new FixedClock(NOW);
  readonly hasher = new PlainPasswordHasher();
  readonly tokens = tokensOf('x'.repeat(32));
  readonly #ids = new UuidIds();
  readonly keys = new SigningKeys('x'.repeat(32));
  readonly devices = new MacedDeviceTokens(this.keys);
  readonly guesses = new GuessBudget(
    this.transactions,
    this.users,
    this.budgets,
    this.devices,
    new KeyedFingerprints(this.keys),
    this.clock,
  );
  readonly newPassword = new NewPassword(new ListedCommonPasswords(), this.hasher);
  readonly registerUser = new RegisterUser(
    this.transactions,
    this.users,
    this.hasher,
    this.newPassword,
    this.clock,
    this.#ids,
    this.audit,
  );
  readonly confirmPassword = new ConfirmPassword(this.transactions, this.users, this.hasher, this.guesses);
  readonly changePassword = new ChangePassword(
    this.transactions,
    this.users,
    this.sessions,
    this.passwordResets,
    this.confirmPassword,
    this.newPassword,
    this.clock,
    this.audit,
  );
  readonly logIn = this.logInWith(this.tokens);
  readonly refresh = this.refreshWith(this.tokens);
  readonly logOut = new LogOut(this.transactions, this.sessions, this.clock, this.audit);
  readonly listSessions = new ListSessions(this.sessions, this.clock);
  readonly endSession = new EndSession(this.transactions, this.sessions, this.clock, this.audit);
  readonly endSessions = new EndSessions(this.transactions, this.sessions, this.clock, this.audit);
  readonly authenticate = new Authenticate(this.transactions, this.users, this.sessions, this.clock);

  register(change: Partial<typeof ADA> = {}): Promise<User> {
    return this.registerUser.execute({ ...ADA, ...change });
  }

  logInWith(tokens: JwtTokens): LogIn {
    const { transactions, users, sessions, hasher, guesses, clock, audit } = this;
    return new LogIn(transactions, users, sessions, hasher, guesses, tokens, clock, new UuidIds(), audit);
  }

  refreshWith(tokens: JwtTokens): RefreshSession {
    const { transactions, sessions, users, clock, audit } = this;
    return new RefreshSession(transactions, sessions, users, tokens, clock, audit);
  }

  /** As an operator would, since no use case does it yet. */
  async deactivate(user: User): Promise<void> {
    await this.transactions.run(async () => {
      this.transactions.changing.users.set(user.id, { ...user, active: false });
    });
  }
}

/** What an access token claims; whether it is genuine is the guard's question. */
export function claimsOf(access: string): { sub: string; sid: string; iat: number; exp: number } {
  return JSON.parse(Buffer.from(access.split('.')[1]!, 'base64url').toString()) as ReturnType<
    typeof claimsOf
  >;
}
