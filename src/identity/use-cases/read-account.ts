import { NotFound } from '#libs/kernel/errors.js';
import type { User } from '../domain/user.js';
import { DoctorProfileIds, PatientProfileIds, Users } from '../ports.js';

export interface Account {
  user: User;
  /** Profile ids; null until the profile is filled in. */
  doctor: string | null;
  patient: string | null;
}

/** A user with the ids of their profiles. */
export class ReadAccount {
  constructor(
    private readonly users: Users,
    private readonly doctors: DoctorProfileIds,
    private readonly patients: PatientProfileIds,
  ) {}

  async execute(userId: string): Promise<Account> {
    const user = await this.users.find(userId);
    if (user === undefined) throw new NotFound('user');
    return {
      user,
      doctor: (user.role === 'doctor' && (await this.doctors.find(userId))) || null,
      patient: (user.role === 'patient' && (await this.patients.find(userId))) || null,
    };
  }
}
