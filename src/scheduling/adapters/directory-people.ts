import { DoctorDirectory } from '../../doctors/index.js';
import { PatientDirectory } from '../../patients/index.js';
import { People, type Doctor, type KnownDoctor, type NamedDoctor, type Parties } from '../ports.js';

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

  async findAnyDoctor(id: string): Promise<KnownDoctor | undefined> {
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
    const isThere = (await this.patients.findMany([id])).length > 0;
    return isThere && (await this.patients.deactivatedAmong([id])).length === 0;
  }

  async deactivatedAmong(patients: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(await this.patients.deactivatedAmong(patients));
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

  async partiesOf(ids: { doctors: readonly string[]; patients: readonly string[] }): Promise<Parties> {
    const doctors = await this.doctors.findMany(ids.doctors);
    const patients = await this.patients.findMany(ids.patients);
    const people = [...doctors, ...patients.filter(({ closed }) => !closed)];
    return {
      names: new Map(people.map(({ id, firstName, lastName }) => [id, `${firstName} ${lastName}`])),
      standings: new Map(doctors.map(({ id, approved, active }) => [id, { approved, active }])),
    };
  }
}
