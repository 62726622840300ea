import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { RegisterUser, Users, type RegisterUserInput, type User } from '../../identity/index.js';
import type { Patient, PatientDetails } from '../domain/patient.js';
import { Patients } from '../ports.js';
import { SavePatientProfile } from './save-patient-profile.js';

export interface AdmitPatientInput {
  account: Omit<RegisterUserInput, 'password' | 'role'>;
  details: Omit<PatientDetails, 'medicalHistory' | 'allergies'>;
}

/**
 * Takes in a person who stands at the desk: an account and a profile, both or neither. Nobody knows a password of the
 * account, so that nobody logs in until the person sets one.
 */
export class AdmitPatient {
  constructor(
    private readonly transactions: Transactions,
    private readonly registerUser: RegisterUser,
    private readonly users: Users,
    private readonly patients: Patients,
    private readonly saveProfile: SavePatientProfile,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws EmailTaken. */
  async execute({ account, details }: AdmitPatientInput): Promise<{ user: User; patient: Patient }> {
    const user = await this.registerUser.prepare({ ...account, password: null, role: 'patient' });
    const patient = this.saveProfile.prepare({ userId: user.id, change: details });
    return this.transactions.run(async () => {
      await this.users.add(user);
      await this.patients.add(patient);
      const entity = { type: 'patient', id: patient.id };
      await this.audit.record({ action: 'patient.admit', entity, patient: patient.id });
      return { user, patient };
    });
  }
}
