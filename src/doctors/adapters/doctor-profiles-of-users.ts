import { DoctorProfileIds } from '../../identity/index.js';
import { Doctors } from '../ports.js';

/** Tells identity which doctor profile a user has. */
export class DoctorProfilesOfUsers extends DoctorProfileIds {
  constructor(private readonly doctors: Doctors) {
    super();
  }

  async find(userId: string): Promise<string | undefined> {
    return (await this.doctors.findByUser(userId))?.id;
  }
}
