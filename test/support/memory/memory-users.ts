import { EmailTaken } from '../../../src/identity/domain/errors.js';
import { emailKey, type Gender, type User } from '../../../src/identity/domain/user.js';
import { Users } from '../../../src/identity/ports.js';
import { replaced } from './replaced.js';
import type { MemoryTransactions } from './memory-transactions.js';

export class MemoryUsers extends Users {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async add(user: User): Promise<void> {
    const { users } = this.transactions.changing;
    if (await this.findByEmail(user.email)) throw new EmailTaken();
    users.set(user.id, user);
  }

  async addUnverified({ id, ...account }: User): Promise<void> {
    const { users } = this.transactions.changing;
    const earlier = await this.findByEmail(account.email);
    if (earlier === undefined) users.set(id, { id, ...account });
    else if (earlier.verifyBy !== null) users.set(earlier.id, { ...account, id: earlier.id });
  }

  async verify(id: string): Promise<void> {
    replaced(this.transactions.changing.users, id, { verifyBy: null });
  }

  async forgetUnverified(before: number): Promise<void> {
    const { users } = this.transactions.changing;
    for (const { id, verifyBy } of users.values())
      if (verifyBy !== null && verifyBy < before) users.delete(id);
  }

  async find(id: string): Promise<User | undefined> {
    return this.transactions.rows.users.get(id);
  }

  async findByEmail(email: string): Promise<User | undefined> {
    const users = [...this.transactions.rows.users.values()];
    return users.find((user) => emailKey(user.email) === emailKey(email));
  }

  async isEmpty(): Promise<boolean> {
    return this.transactions.rows.users.size === 0;
  }

  async change(
    id: string,
    change: { firstName?: string; lastName?: string; gender?: Gender | null },
  ): Promise<void> {
    const { users } = this.transactions.changing;
    if (users.get(id)?.active) replaced(users, id, change);
  }

  async recordLogin(
    user: Pick<User, 'id' | 'passwordHash'>,
    at: number,
    rehashed?: string,
  ): Promise<boolean> {
    return this.#changeIfSame(user, { lastLoginAt: at, ...(rehashed && { passwordHash: rehashed }) });
  }

  async changePassword(user: Pick<User, 'id' | 'passwordHash'>, passwordHash: string): Promise<boolean> {
    return this.#changeIfSame(user, { passwordHash });
  }

  async close(
    user: Pick<User, 'id' | 'passwordHash'>,
    { at, keepsNames, ...closed }: Parameters<Users['close']>[1],
  ): Promise<boolean> {
    const names = keepsNames ? {} : { firstName: '', lastName: '' };
    const gone = { gender: null, lastLoginAt: null, active: false };
    return this.#changeIfSame(user, { ...closed, ...names, ...gone, closedAt: at });
  }

  async holdActive(id: string): Promise<boolean> {
    return this.transactions.rows.users.get(id)?.active ?? false;
  }

  async setActive(id: string, active: boolean): Promise<void> {
    const { users } = this.transactions.changing;
    if (!active || users.get(id)?.closedAt === null) replaced(users, id, { active });
  }

  async replacePhoto(id: string, photo: string | null): Promise<string | null | undefined> {
    const user = await this.find(id);
    if (!user?.active) return undefined;
    replaced(this.transactions.changing.users, id, { photo });
    return user.photo;
  }

  async lockActiveAdmins(): Promise<readonly string[]> {
    return [...this.transactions.rows.users.values()]
      .filter(({ role, active }) => role === 'admin' && active)
      .map(({ id }) => id)
      .toSorted();
  }

  #changeIfSame({ id, passwordHash }: Pick<User, 'id' | 'passwordHash'>, change: Partial<User>): boolean {
    const { users } = this.transactions.changing;
    const user = users.get(id);
    if (user?.passwordHash !== passwordHash || !user.active) return false;
    replaced(users, id, change);
    return true;
  }
}
