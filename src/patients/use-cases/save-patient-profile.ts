import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { NotAuthenticated, Users } from '../../identity/index.js';
import type { Patient } from '../domain/patient.js';
import { Patients } from '../ports.js';
import { UpdatePatientProfile, type PatientProfileInput } from './update-patient-profile.js';

/** Fills in a patient's profile the first time, and after that changes what is sent of it. */
export class SavePatientProfile {
  constructor(
    private readonly transactions: Transactions,
    private readonly patients: Patients,
    private readonly users: Users,
    private readonly updateProfile: UpdatePatientProfile,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws InvalidRequest, naming each missing field, when a new profile lacks what every profile has. */
  async execute(input: PatientProfileInput): Promise<{ patient: Patient; created: boolean }> {
    return this.transactions.run(async () => {
      // Held, or what is written now would outlast an account that is being closed.
      if (!(await this.users.holdActive(input.userId))) throw new NotAuthenticated();
      if ((await this.patients.findByUser(input.userId)) === undefined) {
        const patient = this.prepare(input);
        if (await this.patients.add(patient)) {
          const entity = { type: 'patient', id: patient.id };
          await this.audit.record({ action: 'patient.create', entity, patient: patient.id });
          return { patient, created: true };
        }
      }
      return { patient: await this.updateProfile.execute(input), created: false };
    });
  }

  /** A new profile before it is kept, for a unit of work that adds more with it. Throws InvalidRequest as above. */
  prepare({ userId, change }: PatientProfileInput): Patient {
    const { dateOfBirth, address, emergencyContactName, emergencyContactPhone } = change;
    if (
      dateOfBirth === undefined ||
      address === undefined ||
      emergencyContactName === undefined ||
      emergencyContactPhone === undefined
    ) {
      const required = {
        date_of_birth: dateOfBirth,
        address,
        emergency_contact_name: emergencyContactName,
        emergency_contact_phone: emergencyContactPhone,
      };
      const missing = Object.entries(required).filter(([, value]) => value === undefined);
      throw InvalidRequest.missing(...missing.map(([name]) => name));
    }
    return {
      id: this.ids.next(),
      userId,
      dateOfBirth,
      address,
      emergencyContactName,
      emergencyContactPhone,
      phoneNumber: change.phoneNumber ?? null,
      medicalHistory: change.medicalHistory ?? null,
      allergies: change.allergies ?? null,
      createdAt: this.clock.now(),
    };
  }
}
