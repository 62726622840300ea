import { NotFound } from '#libs/kernel/errors.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { DefaultTimeZone } from '../domain/default-time-zone.js';
import type { Doctor, DoctorDetails } from '../domain/doctor.js';
import { Doctors } from '../ports.js';

export interface DoctorProfileInput {
  userId: string;
  /** What is absent stays; a zone of null is the clinic's. */
  change: Partial<Omit<DoctorDetails, 'timeZone'>> & { timeZone?: string | null };
}

/** Changes what a doctor sends of their profile. A new zone moves no appointment that is booked. */
export class UpdateDoctorProfile {
  constructor(
    private readonly transactions: Transactions,
    private readonly doctors: Doctors,
    private readonly defaultTimeZone: DefaultTimeZone,
  ) {}

  /** Throws NotFound when there is no profile. */
  async execute({ userId, change: { timeZone, ...change } }: DoctorProfileInput): Promise<Doctor> {
    const zone = timeZone === null ? this.defaultTimeZone.name : timeZone;
    const changed = await this.transactions.run(async () => {
      const doctor = await this.doctors.findByUser(userId);
      if (doctor !== undefined) await this.doctors.change(doctor.id, { ...change, timeZone: zone });
      return this.doctors.findByUser(userId);
    });
    if (changed === undefined) throw new NotFound('profile');
    return changed;
  }
}
