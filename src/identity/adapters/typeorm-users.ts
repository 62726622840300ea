import { EntitySchema, IsNull, LessThan, Not, type FindOptionsWhere, type SelectQueryBuilder } from 'typeorm';
import { isUniqueViolation } from '#libs/persistence/database-errors.js';
import { flag, instant, primaryId, text } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { EmailTaken } from '../domain/errors.js';
import { emailKey, type Gender, type Role, type User } from '../domain/user.js';
import { Users } from '../ports.js';

export interface UserRow {
  id: string;
  email: string;
  emailKey: string;
  passwordHash: string;
  firstName: string;
  lastName: string;
  gender: string | null;
  photo: string | null;
  role: string;
  active: boolean;
  createdAt: number;
  lastLoginAt: number | null;
  verifyBy: number | null;
  closedAt: number | null;
}

export const userSchema = new EntitySchema<UserRow>({
  name: 'User',
  tableName: 'users',
  columns: {
    id: primaryId(),
    email: text(254),
    emailKey: text(254, { name: 'email_key' }),
    passwordHash: text(255, { name: 'password_hash' }),
    firstName: text(100, { name: 'first_name' }),
    lastName: text(100, { name: 'last_name' }),
    gender: text(10, { nullable: true }),
    photo: text(32, { nullable: true }),
    role: text(10),
    active: flag(),
    createdAt: instant({ name: 'created_at' }),
    lastLoginAt: instant({ name: 'last_login_at', nullable: true }),
    verifyBy: instant({ name: 'verify_by', nullable: true }),
    closedAt: instant({ name: 'closed_at', nullable: true }),
  },
  indices: [{ name: 'users_email_key', columns: ['emailKey'], unique: true }],
});

function toRow(user: User): UserRow {
  return { ...user, emailKey: emailKey(user.email) };
}

function toDomain({ emailKey: _, ...row }: UserRow): User {
  return { ...row, gender: row.gender as Gender | null, role: row.role as Role };
}

export class TypeOrmUsers extends Users {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async add(user: User): Promise<void> {
    try {
      await this.transactions.manager.insert(userSchema, toRow(user));
    } catch (error) {
      throw isUniqueViolation(error) ? new EmailTaken() : error;
    }
  }

  async addUnverified(user: User): Promise<void> {
    const { manager } = this.transactions;
    const { id, ...row } = toRow(user);
    const unverified = { emailKey: row.emailKey, verifyBy: Not(IsNull()) };
    const { affected } = await manager.update(userSchema, unverified, row);
    if (affected === 1) return;
    await manager
      .createQueryBuilder()
      .insert()
      .into(userSchema)
      .values({ id, ...row })
      .orIgnore()
      .execute();
  }

  async verify(id: string): Promise<void> {
    await this.transactions.manager.update(userSchema, { id }, { verifyBy: null });
  }

  async forgetUnverified(before: number): Promise<void> {
    await this.transactions.manager.delete(userSchema, { verifyBy: LessThan(before) });
  }

  async find(id: string): Promise<User | undefined> {
    const row = await this.transactions.manager.findOneBy(userSchema, { id });
    return row ? toDomain(row) : undefined;
  }

  async findByEmail(email: string): Promise<User | undefined> {
    const row = await this.transactions.manager.findOneBy(userSchema, { emailKey: emailKey(email) });
    return row ? toDomain(row) : undefined;
  }

  async isEmpty(): Promise<boolean> {
    return !(await this.transactions.manager.existsBy(userSchema, {}));
  }

  async change(
    id: string,
    change: { firstName?: string; lastName?: string; gender?: Gender | null },
  ): Promise<void> {
    if (Object.values(change).every((value) => value === undefined)) return;
    await this.transactions.manager.update(userSchema, { id, active: true }, change);
  }

  recordLogin(user: Pick<User, 'id' | 'passwordHash'>, at: number, rehashed?: string): Promise<boolean> {
    return this.#changeIfSame(user, { lastLoginAt: at, ...(rehashed && { passwordHash: rehashed }) });
  }

  changePassword(user: Pick<User, 'id' | 'passwordHash'>, passwordHash: string): Promise<boolean> {
    return this.#changeIfSame(user, { passwordHash });
  }

  close(
    user: Pick<User, 'id' | 'passwordHash'>,
    { at, keepsNames, email, passwordHash }: Parameters<Users['close']>[1],
  ): Promise<boolean> {
    return this.#changeIfSame(user, {
      email,
      emailKey: emailKey(email),
      passwordHash,
      ...(!keepsNames && { firstName: '', lastName: '' }),
      gender: null,
      lastLoginAt: null,
      active: false,
      closedAt: at,
    });
  }

  async holdActive(id: string): Promise<boolean> {
    const query = this.transactions.manager
      .createQueryBuilder(userSchema, 'user')
      .where({ id, active: true });
    return (await (this.#hasRowLocks ? query.setLock('pessimistic_read') : query).getOne()) !== null;
  }

  async setActive(id: string, active: boolean): Promise<void> {
    const open = active ? { id, closedAt: IsNull() } : { id };
    await this.transactions.manager.update(userSchema, open, { active });
  }

  async replacePhoto(id: string, photo: string | null): Promise<string | null | undefined> {
    const row = await this.#locking({ id, active: true }).getOne();
    if (row === null) return undefined;
    await this.transactions.manager.update(userSchema, { id }, { photo });
    return row.photo;
  }

  async lockActiveAdmins(): Promise<readonly string[]> {
    const rows = await this.#locking({ role: 'admin', active: true }).orderBy('user.id', 'ASC').getMany();
    return rows.map(({ id }) => id);
  }

  #locking(where: FindOptionsWhere<UserRow>): SelectQueryBuilder<UserRow> {
    const query = this.transactions.manager.createQueryBuilder(userSchema, 'user').where(where);
    return this.#hasRowLocks ? query.setLock('pessimistic_write') : query;
  }

  /** On SQLite units of work follow each other. */
  get #hasRowLocks(): boolean {
    return this.transactions.manager.dataSource.options.type !== 'better-sqlite3';
  }

  async #changeIfSame(
    { id, passwordHash }: Pick<User, 'id' | 'passwordHash'>,
    change: Partial<UserRow>,
  ): Promise<boolean> {
    const same = { id, passwordHash, active: true };
    const { affected } = await this.transactions.manager.update(userSchema, same, change);
    return affected === 1;
  }
}
