import { isDeepStrictEqual } from 'node:util';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { NotFound } from '#libs/kernel/errors.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { NotAuthenticated, Users } from '../../identity/index.js';
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
    private readonly users: Users,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws NotFound when there is no profile, and NotAuthenticated where the account was closed meanwhile. */
  async execute({ userId, change }: PatientProfileInput): Promise<Patient> {
    const changed = await this.transactions.run(async () => {
      if (!(await this.users.holdActive(userId))) throw new NotAuthenticated();
      const patient = await this.patients.findByUser(userId);
      if (patient === undefined) return undefined;
      const { id } = patient;
      await this.patients.change(id, change);
      const after = await this.patients.findByUser(userId);
      if (!isDeepStrictEqual(patient, after))
        await this.audit.record({ action: 'patient.change', entity: { type: 'patient', id }, patient: id });
      return after;
    });
    if (changed === undefined) throw new NotFound('profile');
    return changed;
  }
}
