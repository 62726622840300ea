import { EntitySchema, type SelectQueryBuilder } from 'typeorm';
import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import { id, instant, integer, longText, primaryId, reference, text } from '#libs/persistence/columns.js';
import { containing } from '#libs/persistence/like.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import type { User } from '../../identity/index.js';
import { specialtyKey, type Doctor, type DoctorCard, type DoctorDetails } from '../domain/doctor.js';
import { DoctorDirectory, Doctors, type DoctorQuery } from '../ports.js';

export interface DoctorRow extends Doctor {
  specialtyKey: string;
}

export const doctorSchema = new EntitySchema<DoctorRow>({
  name: 'Doctor',
  tableName: 'doctors',
  columns: {
    id: primaryId(),
    userId: id({ name: 'user_id' }),
    specialty: text(100),
    // Some letters become two in lower case.
    specialtyKey: text(200, { name: 'specialty_key' }),
    phoneNumber: text(40, { name: 'phone_number' }),
    experienceYears: integer({ name: 'experience_years' }),
    qualifications: longText({ nullable: true }),
    hospitalAffiliation: text(200, { name: 'hospital_affiliation', nullable: true }),
    timeZone: text(64, { name: 'time_zone' }),
    createdAt: instant({ name: 'created_at' }),
    approvedAt: instant({ name: 'approved_at', nullable: true }),
  },
  indices: [{ name: 'doctors_user_id', columns: ['userId'], unique: true }],
  foreignKeys: [reference('doctors_user_id_fk', 'userId', 'User')],
});

function keyed<T extends Partial<DoctorDetails>>(details: T) {
  return {
    ...details,
    specialtyKey: details.specialty === undefined ? undefined : specialtyKey(details.specialty),
  };
}

function toDomain({ specialtyKey: _, ...row }: DoctorRow): Doctor {
  return row;
}

export class TypeOrmDoctors extends Doctors {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async add(doctor: Doctor): Promise<boolean> {
    // A failed insert would end the unit of work on PostgreSQL.
    const { manager } = this.transactions;
    await manager.createQueryBuilder().insert().into(doctorSchema).values(keyed(doctor)).orIgnore().execute();
    return manager.existsBy(doctorSchema, { id: doctor.id });
  }

  async findByUser(userId: string): Promise<Doctor | undefined> {
    const row = await this.transactions.manager.findOneBy(doctorSchema, { userId });
    return row ? toDomain(row) : undefined;
  }

  async change(id: string, change: Partial<DoctorDetails>): Promise<void> {
    if (Object.values(change).every((value) => value === undefined)) return;
    await this.transactions.manager.update(doctorSchema, { id }, keyed(change));
  }

  async removeContacts(userId: string): Promise<void> {
    const gone = { phoneNumber: '', qualifications: null, hospitalAffiliation: null };
    await this.transactions.manager.update(doctorSchema, { userId }, gone);
  }

  async setApproval(id: string, approvedAt: number | null): Promise<void> {
    await this.transactions.manager.update(doctorSchema, { id }, { approvedAt });
  }
}

interface DirectoryRow extends DoctorRow {
  person: Pick<User, 'firstName' | 'lastName' | 'photo' | 'active' | 'closedAt'>;
}

function toCard({ person, ...doctor }: DirectoryRow): DoctorCard {
  return {
    id: doctor.id,
    userId: doctor.userId,
    firstName: person.firstName,
    lastName: person.lastName,
    photo: person.photo,
    specialty: doctor.specialty,
    experienceYears: doctor.experienceYears,
    qualifications: doctor.qualifications,
    hospitalAffiliation: doctor.hospitalAffiliation,
    timeZone: doctor.timeZone,
    approved: doctor.approvedAt !== null,
    active: person.active,
    closed: person.closedAt !== null,
  };
}

export class TypeOrmDoctorDirectory extends DoctorDirectory {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async find(id: string): Promise<DoctorCard | undefined> {
    const row = await this.#listed().andWhere('doctor.id = :id', { id }).getOne();
    return row ? toCard(row) : undefined;
  }

  async findByUser(userId: string): Promise<DoctorCard | undefined> {
    const row = await this.#active().andWhere('doctor.userId = :userId', { userId }).getOne();
    return row ? toCard(row) : undefined;
  }

  async findMany(ids: readonly string[]): Promise<readonly DoctorCard[]> {
    if (ids.length === 0) return [];
    const rows = await this.#named().where('doctor.id IN (:...ids)', { ids }).getMany();
    return rows.map(toCard);
  }

  async list({ specialty, q, limit, cursor, everyone }: DoctorQuery): Promise<Page<DoctorCard>> {
    const query = (everyone ? this.#named() : this.#listed()).orderBy('doctor.id', 'ASC').limit(limit + 1);
    if (specialty !== undefined)
      query.andWhere('doctor.specialtyKey = :key', { key: specialtyKey(specialty) });
    if (q !== undefined) {
      query.andWhere(
        `(LOWER(CONCAT(person.firstName, ' ', person.lastName)) LIKE LOWER(:part) ESCAPE '!'
          OR LOWER(doctor.specialty) LIKE LOWER(:part) ESCAPE '!'
          OR LOWER(doctor.hospitalAffiliation) LIKE LOWER(:part) ESCAPE '!')`,
        { part: containing(q) },
      );
    }
    if (cursor !== undefined) {
      const [after] = decodeCursor<[string]>(cursor, 'id');
      query.andWhere('doctor.id > :after', { after });
    }
    return pageOf((await query.getMany()).map(toCard), limit, (doctor) => [doctor.id]);
  }

  #listed(): SelectQueryBuilder<DirectoryRow> {
    return this.#active().andWhere('doctor.approvedAt IS NOT NULL');
  }

  #active(): SelectQueryBuilder<DirectoryRow> {
    return this.#named().where('person.active = :active', { active: true });
  }

  #named(): SelectQueryBuilder<DirectoryRow> {
    return this.transactions.manager
      .createQueryBuilder<DirectoryRow>(doctorSchema as EntitySchema<DirectoryRow>, 'doctor')
      .innerJoinAndMapOne('doctor.person', 'User', 'person', 'person.id = doctor.userId')
      .select([
        'doctor',
        'person.id',
        'person.firstName',
        'person.lastName',
        'person.photo',
        'person.active',
        'person.closedAt',
      ]);
  }
}
