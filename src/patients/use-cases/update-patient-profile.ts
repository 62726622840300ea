import { NotFound } from '#libs/kernel/errors.js';
import { Transactions } from '#libs/kernel/transactions.js';
import type { Patient, PatientDetails } from '../domain/patient.js';
import { Patients } from '../ports.js';

export interface PatientProfileInput {
  userId: string;
  /** What is absent stays. */
  change: Partial<PatientDetails>;
}

/** Changes what a patient sends of their profile. */
export class UpdatePatientProfile {
  constructor(
    private readonly transactions: Transactions,
    private readonly patients: Patients,
  ) {}

  /** Throws NotFound when there is no profile. */
  async execute({ userId, change }: PatientProfileInput): Promise<Patient> {
    const changed = await this.transactions.run(async () => {
      const patient = await this.patients.findByUser(userId);
      if (patient !== undefined) await this.patients.change(patient.id, change);
      return this.patients.findByUser(userId);
    });
    if (changed === undefined) throw new NotFound('profile');
    return changed;
  }
}
