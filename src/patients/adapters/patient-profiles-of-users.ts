import { PatientProfileIds } from '../../identity/index.js';
import { Patients } from '../ports.js';

/** Tells identity which patient profile a user has. */
export class PatientProfilesOfUsers extends PatientProfileIds {
  constructor(private readonly patients: Patients) {
    super();
  }

  async find(userId: string): Promise<string | undefined> {
    return (await this.patients.findByUser(userId))?.id;
  }
}
