import type { SelectQueryBuilder } from 'typeorm';
import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import { containing } from '#libs/persistence/like.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import type { Account } from '../domain/account.js';
import { Accounts, type AccountQuery } from '../ports.js';

/** As the modules below keep it. */
interface AccountRow {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  role: string;
  active: boolean;
  createdAt: number;
  lastLoginAt: number | null;
  closedAt: number | null;
  doctor: { id: string; approvedAt: number | null } | null;
  patient: { id: string } | null;
}

function toDomain({ doctor, patient, ...user }: AccountRow): Account {
  const role = user.role as Account['role'];
  return {
    id: user.id,
    email: user.closedAt === null ? user.email : null,
    firstName: user.firstName,
    lastName: user.lastName,
    role,
    active: user.active,
    approved: role === 'doctor' ? (doctor?.approvedAt ?? null) !== null : null,
    doctor: doctor?.id ?? null,
    patient: patient?.id ?? null,
    createdAt: user.createdAt,
    lastLoginAt: user.lastLoginAt,
    closedAt: user.closedAt,
  };
}

const COLUMNS = [
  'id',
  'email',
  'firstName',
  'lastName',
  'role',
  'active',
  'createdAt',
  'lastLoginAt',
  'closedAt',
] as const satisfies readonly (keyof AccountRow)[];

export class TypeOrmAccounts extends Accounts {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async find(id: string): Promise<Account | undefined> {
    const row = await this.#all().where('account.id = :id', { id }).getOne();
    return row ? toDomain(row) : undefined;
  }

  async list({ role, active, approved, q, limit, cursor }: AccountQuery): Promise<Page<Account>> {
    const query = this.#all()
      .orderBy('account.id', 'ASC')
      .limit(limit + 1);
    if (role !== undefined) query.andWhere('account.role = :role', { role });
    if (active !== undefined) query.andWhere('account.active = :active', { active });
    if (approved !== undefined) {
      query.andWhere("account.role = 'doctor'");
      query.andWhere(`doctor.approvedAt IS ${approved ? 'NOT NULL' : 'NULL'}`);
    }
    if (q !== undefined) {
      query.andWhere(
        // What stands in the place of the email of a closed account is none.
        `(account.closedAt IS NULL AND LOWER(account.email) LIKE LOWER(:part) ESCAPE '!'
          OR LOWER(CONCAT(account.firstName, ' ', account.lastName)) LIKE LOWER(:part) ESCAPE '!')`,
        { part: containing(q) },
      );
    }
    if (cursor !== undefined) {
      const [after] = decodeCursor<[string]>(cursor, 'id');
      query.andWhere('account.id > :after', { after });
    }
    return pageOf((await query.getMany()).map(toDomain), limit, ({ id }) => [id]);
  }

  #all(): SelectQueryBuilder<AccountRow> {
    return this.transactions.manager
      .createQueryBuilder<AccountRow>('User', 'account')
      .leftJoinAndMapOne('account.doctor', 'Doctor', 'doctor', 'doctor.userId = account.id')
      .leftJoinAndMapOne('account.patient', 'Patient', 'patient', 'patient.userId = account.id')
      .select([
        ...COLUMNS.map((column) => `account.${column}`),
        'doctor.id',
        'doctor.approvedAt',
        'patient.id',
      ]);
  }
}
