import { EntitySchema, type SelectQueryBuilder } from 'typeorm';
import type { Instant } from '#libs/kernel/clock.js';
import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import { id, instant, longText, primaryId, reference, text } from '#libs/persistence/columns.js';
import { containing } from '#libs/persistence/like.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import type { Patient, PatientCard, PatientDetails, PatientName } from '../domain/patient.js';
import { PatientDirectory, Patients, type PatientQuery } from '../ports.js';

export type PatientRow = Patient;

export const patientSchema = new EntitySchema<PatientRow>({
  name: 'Patient',
  tableName: 'patients',
  columns: {
    id: primaryId(),
    // Never null yet: leaves room for patients without an account.
    userId: id({ name: 'user_id', nullable: true }),
    dateOfBirth: text(10, { name: 'date_of_birth' }),
    address: longText(),
    emergencyContactName: text(200, { name: 'emergency_contact_name' }),
    emergencyContactPhone: text(40, { name: 'emergency_contact_phone' }),
    phoneNumber: text(40, { name: 'phone_number', nullable: true }),
    medicalHistory: longText({ name: 'medical_history', nullable: true }),
    allergies: longText({ nullable: true }),
    createdAt: instant({ name: 'created_at' }),
  },
  indices: [{ name: 'patients_user_id', columns: ['userId'], unique: true }],
  foreignKeys: [reference('patients_user_id_fk', 'userId', 'User')],
});

const NO_CONTACTS = { address: '', emergencyContactName: '', emergencyContactPhone: '', phoneNumber: null };

export class TypeOrmPatients extends Patients {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async add(patient: Patient): Promise<boolean> {
    // A failed insert would end the unit of work on PostgreSQL.
    const { manager } = this.transactions;
    await manager.createQueryBuilder().insert().into(patientSchema).values(patient).orIgnore().execute();
    return manager.existsBy(patientSchema, { id: patient.id });
  }

  async findByUser(userId: string): Promise<Patient | undefined> {
    return (await this.transactions.manager.findOneBy(patientSchema, { userId })) ?? undefined;
  }

  async change(id: string, change: Partial<PatientDetails>): Promise<void> {
    if (Object.values(change).every((value) => value === undefined)) return;
    await this.transactions.manager.update(patientSchema, { id }, change);
  }

  async removeContacts(userId: string): Promise<void> {
    await this.transactions.manager.update(patientSchema, { userId }, NO_CONTACTS);
  }
}

interface DirectoryRow extends PatientRow {
  person: { firstName: string; lastName: string; closedAt: Instant | null; photo: string | null };
}

function toCard({ person, ...patient }: DirectoryRow): PatientCard {
  const { firstName, lastName, closedAt, photo } = person;
  return { ...patient, firstName, lastName, photo, closed: closedAt !== null };
}

function toName({ person, ...patient }: DirectoryRow): PatientName {
  return {
    id: patient.id,
    userId: patient.userId,
    firstName: person.firstName,
    lastName: person.lastName,
    dateOfBirth: patient.dateOfBirth,
    closed: person.closedAt !== null,
  };
}

const CARD = ['patient'];
const NAME = ['patient.id', 'patient.userId', 'patient.dateOfBirth'];

export class TypeOrmPatientDirectory extends PatientDirectory {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async find(id: string): Promise<PatientCard | undefined> {
    const row = await this.#named(CARD).where('patient.id = :id', { id }).getOne();
    return row ? toCard(row) : undefined;
  }

  async findByUser(userId: string): Promise<PatientCard | undefined> {
    const row = await this.#named(CARD).where('patient.userId = :userId', { userId }).getOne();
    return row ? toCard(row) : undefined;
  }

  async findMany(ids: readonly string[]): Promise<readonly PatientName[]> {
    if (ids.length === 0) return [];
    const rows = await this.#named(NAME).where('patient.id IN (:...ids)', { ids }).getMany();
    return rows.map(toName);
  }

  async deactivatedAmong(ids: readonly string[]): Promise<readonly string[]> {
    if (ids.length === 0) return [];
    const rows = await this.#named(NAME)
      .where('patient.id IN (:...ids)', { ids })
      .andWhere('person.active = :active', { active: false })
      .getMany();
    return rows.map(({ id }) => id);
  }

  async list({ q, limit, cursor, among }: PatientQuery): Promise<Page<PatientName>> {
    const query = this.#named(NAME)
      .where('person.closedAt IS NULL')
      .orderBy('patient.id', 'ASC')
      .limit(limit + 1);
    if (q !== undefined) {
      query.andWhere(`LOWER(CONCAT(person.firstName, ' ', person.lastName)) LIKE LOWER(:part) ESCAPE '!'`, {
        part: containing(q),
      });
    }
    if (cursor !== undefined) {
      const [after] = decodeCursor<[string]>(cursor, 'id');
      query.andWhere('patient.id > :after', { after });
    }
    if (among?.length === 0) return { results: [], nextCursor: null };
    if (among !== undefined) query.andWhere('patient.id IN (:...among)', { among });
    return pageOf((await query.getMany()).map(toName), limit, (patient) => [patient.id]);
  }

  #named(columns: readonly string[]): SelectQueryBuilder<DirectoryRow> {
    return this.transactions.manager
      .createQueryBuilder<DirectoryRow>(patientSchema as EntitySchema<DirectoryRow>, 'patient')
      .innerJoinAndMapOne('patient.person', 'User', 'person', 'person.id = patient.userId')
      .select([
        ...columns,
        'person.id',
        'person.firstName',
        'person.lastName',
        'person.closedAt',
        'person.photo',
      ]);
  }
}
