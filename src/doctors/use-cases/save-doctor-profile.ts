import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { NotAuthenticated, Users } from '../../identity/index.js';
import { Approval } from '../domain/approval.js';
import { DefaultTimeZone } from '../domain/default-time-zone.js';
import type { Doctor } from '../domain/doctor.js';
import { Doctors } from '../ports.js';
import {
  UpdateDoctorProfile,
  type ChangedDoctorProfile,
  type DoctorProfileInput,
} from './update-doctor-profile.js';

/** Fills in a doctor's profile the first time, and after that changes what is sent of it. */
export class SaveDoctorProfile {
  constructor(
    private readonly transactions: Transactions,
    private readonly doctors: Doctors,
    private readonly users: Users,
    private readonly updateProfile: UpdateDoctorProfile,
    private readonly defaultTimeZone: DefaultTimeZone,
    private readonly approval: Approval,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws InvalidRequest, naming each missing field, when a new profile lacks what every profile has. */
  async execute(input: DoctorProfileInput): Promise<ChangedDoctorProfile & { created: boolean }> {
    return this.transactions.run(async () => {
      if ((await this.doctors.findByUser(input.userId)) === undefined) {
        const doctor = this.#fillIn(input);
        // Held, or what is written now would outlast an account that is being closed.
        if (!(await this.users.holdActive(input.userId))) throw new NotAuthenticated();
        // Nothing is booked with a doctor who was not there.
        if (input.dryRun) return { doctor, conflicts: [], created: false };
        if (await this.doctors.add(doctor)) {
          await this.audit.record({ action: 'doctor.create', entity: { type: 'doctor', id: doctor.id } });
          return { doctor, conflicts: [], created: true };
        }
      }
      return { ...(await this.updateProfile.execute(input)), created: false };
    });
  }

  #fillIn({ userId, change }: DoctorProfileInput): Doctor {
    const { specialty, phoneNumber, experienceYears } = change;
    if (specialty === undefined || phoneNumber === undefined || experienceYears === undefined) {
      const required = { specialty, phone_number: phoneNumber, experience_years: experienceYears };
      const missing = Object.entries(required).filter(([, value]) => value === undefined);
      throw InvalidRequest.missing(...missing.map(([name]) => name));
    }
    const now = this.clock.now();
    return {
      id: this.ids.next(),
      userId,
      specialty,
      phoneNumber,
      experienceYears,
      qualifications: change.qualifications ?? null,
      hospitalAffiliation: change.hospitalAffiliation ?? null,
      timeZone: change.timeZone ?? this.defaultTimeZone.name,
      createdAt: now,
      approvedAt: this.approval.isAutomatic ? now : null,
    };
  }
}
