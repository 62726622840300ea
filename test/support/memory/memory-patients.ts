import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import type {
  Patient,
  PatientCard,
  PatientDetails,
  PatientName,
} from '../../../src/patients/domain/patient.js';
import { PatientDirectory, Patients, type PatientQuery } from '../../../src/patients/ports.js';
import { replaced } from './replaced.js';
import type { MemoryTransactions } from './memory-transactions.js';

export class MemoryPatients extends Patients {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async add(patient: Patient): Promise<boolean> {
    const { patients } = this.transactions.changing;
    if (await this.findByUser(patient.userId)) return false;
    patients.set(patient.id, patient);
    return true;
  }

  async findByUser(userId: string): Promise<Patient | undefined> {
    return [...this.transactions.rows.patients.values()].find((patient) => patient.userId === userId);
  }

  async change(id: string, change: Partial<PatientDetails>): Promise<void> {
    replaced(this.transactions.changing.patients, id, change);
  }

  async removeContacts(userId: string): Promise<void> {
    const { patients } = this.transactions.changing;
    const gone = { address: '', emergencyContactName: '', emergencyContactPhone: '', phoneNumber: null };
    for (const patient of patients.values())
      if (patient.userId === userId) replaced(patients, patient.id, gone);
  }
}

export class MemoryPatientDirectory extends PatientDirectory {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async find(id: string): Promise<PatientCard | undefined> {
    return this.#cards().find((card) => card.id === id);
  }

  async findByUser(userId: string): Promise<PatientCard | undefined> {
    return this.#cards().find((card) => card.userId === userId);
  }

  async findMany(ids: readonly string[]): Promise<readonly PatientName[]> {
    return this.#cards()
      .filter((card) => ids.includes(card.id))
      .map(toName);
  }

  async deactivatedAmong(ids: readonly string[]): Promise<readonly string[]> {
    const { users } = this.transactions.rows;
    return this.#cards()
      .filter(({ id, userId }) => ids.includes(id) && !users.get(userId)!.active)
      .map(({ id }) => id);
  }

  async list({ q, limit, cursor, among }: PatientQuery): Promise<Page<PatientName>> {
    const [after] = cursor === undefined ? [''] : decodeCursor<[string]>(cursor, 'id');
    const part = q?.toLowerCase() ?? '';
    const found = this.#cards()
      .filter(({ id, closed }) => !closed && id > after && (among === undefined || among.includes(id)))
      .filter(({ firstName, lastName }) => `${firstName} ${lastName}`.toLowerCase().includes(part));
    return pageOf(found.map(toName), limit, ({ id }) => [id]);
  }

  #cards(): PatientCard[] {
    const { users, patients } = this.transactions.rows;
    return [...patients.values()]
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map((patient) => {
        const { firstName, lastName, closedAt, photo } = users.get(patient.userId)!;
        return { ...patient, firstName, lastName, photo, closed: closedAt !== null };
      });
  }
}

function toName({ id, userId, firstName, lastName, dateOfBirth, closed }: PatientCard): PatientName {
  return { id, userId, firstName, lastName, dateOfBirth, closed };
}
