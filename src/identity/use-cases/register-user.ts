import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { emailKey, type Gender, type Role, type User } from '../domain/user.js';
import { EmailTaken } from '../domain/errors.js';
import { PasswordHasher, Users } from '../ports.js';
import { NewPassword } from './new-password.js';

export interface RegisterUserInput {
  email: string;
  /** Null: nobody logs in until the person sets one. */
  password: string | null;
  firstName: string;
  lastName: string;
  gender: Gender | null;
  role: Role;
}

/** Opens an account. That its role may be chosen freely is the caller's to see to. */
export class RegisterUser {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly hasher: PasswordHasher,
    private readonly newPassword: NewPassword,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws EmailTaken and WeakPassword. */
  async execute(input: RegisterUserInput): Promise<User> {
    const user = await this.prepare(input);
    await this.transactions.run(async () => {
      await this.users.add(user);
      const by = { userId: user.id, role: user.role };
      await this.audit.record({ action: 'account.open', entity: { type: 'user', id: user.id }, by });
    });
    return user;
  }

  /** The account before it is kept, for a unit of work that adds more with it. Throws EmailTaken and WeakPassword. */
  async prepare({ password, ...input }: RegisterUserInput): Promise<User> {
    // Spares the hash of a password that will not be kept; the unique key decides.
    if (await this.users.findByEmail(emailKey(input.email))) throw new EmailTaken();
    const passwordHash = await (password === null
      ? this.hasher.hashOfNothing()
      : this.newPassword.execute({ password, owner: input, pointer: '/password' }));
    return {
      ...input,
      id: this.ids.next(),
      passwordHash,
      photo: null,
      active: true,
      createdAt: this.clock.now(),
      lastLoginAt: null,
      verifyBy: null,
      closedAt: null,
    };
  }
}
