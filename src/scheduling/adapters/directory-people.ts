import { DoctorDirectory } from '../../doctors/index.js';
import { PatientDirectory } from '../../patients/index.js';
import { People, type Doctor, type NamedDoctor } from '../ports.js';

/** Finds people in the directories of the doctors and the patients module. */
export class DirectoryPeople extends People {
  constructor(
    private readonly doctors: DoctorDirectory,
    private readonly patients: PatientDirectory,
  ) {
    super();
  }

  findDoctor(id: string): Promise<Doctor | undefined> {
    return this.doctors.find(id);
  }

  async findAnyDoctor(id: string): Promise<Doctor | undefined> {
    return (await this.doctors.findMany([id]))[0];
  }

  async doctorsOf(specialty: string, limit: number): Promise<readonly NamedDoctor[]> {
    const { results } = await this.doctors.list({ specialty, limit });
    return results.map(({ id, timeZone, firstName, lastName }) => ({
      id,
      timeZone,
      name: `${firstName} ${lastName}`,
    }));
  }

  async hasPatient(id: string): Promise<boolean> {
    return (await this.patients.find(id)) !== undefined;
  }

  async profileOf({
    userId,
    role,
  }: {
    userId: string;
    role: 'doctor' | 'patient';
  }): Promise<string | undefined> {
    const directory = role === 'doctor' ? this.doctors : this.patients;
    return (await directory.findByUser(userId))?.id;
  }

  async namesOf(ids: {
    doctors: readonly string[];
    patients: readonly string[];
  }): Promise<ReadonlyMap<string, string>> {
    const people = [
      ...(await this.doctors.findMany(ids.doctors)),
      ...(await this.patients.findMany(ids.patients)),
    ];
    return new Map(people.map(({ id, firstName, lastName }) => [id, `${firstName} ${lastName}`]));
  }
}
