import type { TestingModuleBuilder } from '@nestjs/testing';
import { DoctorDirectory } from '../../src/doctors/index.js';
import { PatientDirectory } from '../../src/patients/index.js';
import { DirectoryPeople } from '../../src/scheduling/adapters/directory-people.js';
import { People, type Doctor } from '../../src/scheduling/ports.js';
import type { Hold } from './hold.js';
import { POLICY_LOCK_AND_KEY } from './protections.js';

type Wire = (builder: TestingModuleBuilder) => TestingModuleBuilder;

/** Trusts what was read of a doctor, or of who asks, before the unit of work. */
class EarlyPeople extends DirectoryPeople {
  readonly #doctors = new Map<string, Doctor | undefined>();

  constructor(
    doctors: DoctorDirectory,
    patients: PatientDirectory,
    private readonly hold: Hold,
  ) {
    super(doctors, patients);
  }

  override async findDoctor(id: string): Promise<Doctor | undefined> {
    if (!this.#doctors.has(id)) this.#doctors.set(id, await super.findDoctor(id));
    return this.#doctors.get(id);
  }

  override async hasPatient(): Promise<boolean> {
    return true;
  }

  override async profileOf(...asked: Parameters<People['profileOf']>): Promise<string | undefined> {
    const profile = await super.profileOf(...asked);
    await this.hold.here();
    return profile;
  }
}

/** The control of every race between a change of how somebody stands and what is booked with them. */
export function peopleReadBefore(hold: Hold): Wire {
  return (builder) =>
    POLICY_LOCK_AND_KEY.wire(builder)
      .overrideProvider(People)
      .useFactory({
        inject: [DoctorDirectory, PatientDirectory],
        factory: (doctors: DoctorDirectory, patients: PatientDirectory) =>
          new EarlyPeople(doctors, patients, hold),
      });
}
