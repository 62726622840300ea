import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import {
  specialtyKey,
  type Doctor,
  type DoctorCard,
  type DoctorDetails,
} from '../../../src/doctors/domain/doctor.js';
import { DoctorDirectory, Doctors, type DoctorQuery } from '../../../src/doctors/ports.js';
import { replaced } from './replaced.js';
import type { MemoryTransactions } from './memory-transactions.js';

export class MemoryDoctors extends Doctors {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async add(doctor: Doctor): Promise<boolean> {
    const { doctors } = this.transactions.changing;
    if (await this.findByUser(doctor.userId)) return false;
    doctors.set(doctor.id, doctor);
    return true;
  }

  async findByUser(userId: string): Promise<Doctor | undefined> {
    return [...this.transactions.rows.doctors.values()].find((doctor) => doctor.userId === userId);
  }

  async change(id: string, change: Partial<DoctorDetails>): Promise<void> {
    replaced(this.transactions.changing.doctors, id, change);
  }

  async removeContacts(userId: string): Promise<void> {
    const { doctors } = this.transactions.changing;
    const gone = { phoneNumber: '', qualifications: null, hospitalAffiliation: null };
    for (const doctor of doctors.values()) if (doctor.userId === userId) replaced(doctors, doctor.id, gone);
  }

  async setApproval(id: string, approvedAt: number | null): Promise<void> {
    replaced(this.transactions.changing.doctors, id, { approvedAt });
  }
}

export class MemoryDoctorDirectory extends DoctorDirectory {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async find(id: string): Promise<DoctorCard | undefined> {
    return this.#listed().find((card) => card.id === id);
  }

  async findByUser(userId: string): Promise<DoctorCard | undefined> {
    return this.#cards().find((card) => card.userId === userId && card.active);
  }

  async findMany(ids: readonly string[]): Promise<readonly DoctorCard[]> {
    return this.#cards().filter((card) => ids.includes(card.id));
  }

  async list({ specialty, q, limit, cursor, everyone }: DoctorQuery): Promise<Page<DoctorCard>> {
    const [after] = cursor === undefined ? [''] : decodeCursor<[string]>(cursor, 'id');
    const found = (everyone ? this.#cards() : this.#listed())
      .filter(({ id }) => id > after)
      .filter((card) => specialty === undefined || specialtyKey(card.specialty) === specialtyKey(specialty))
      .filter((card) => q === undefined || textsOf(card).some((text) => contains(text, q)));
    return pageOf(found, limit, ({ id }) => [id]);
  }

  #listed(): DoctorCard[] {
    return this.#cards().filter(({ approved, active }) => approved && active);
  }

  #cards(): DoctorCard[] {
    const { users, doctors } = this.transactions.rows;
    return [...doctors.values()]
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ phoneNumber: _, createdAt: __, approvedAt, ...doctor }) => {
        const { firstName, lastName, photo, active, closedAt } = users.get(doctor.userId)!;
        const standing = { active, approved: approvedAt !== null, closed: closedAt !== null };
        return { ...doctor, firstName, lastName, photo, ...standing };
      });
  }
}

function textsOf({ firstName, lastName, specialty, hospitalAffiliation }: DoctorCard): string[] {
  return [`${firstName} ${lastName}`, specialty, hospitalAffiliation ?? ''];
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}
