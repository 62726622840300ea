import { isDeepStrictEqual } from 'node:util';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { NotFound } from '#libs/kernel/errors.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { NotAuthenticated, Users } from '../../identity/index.js';
import type { Conflict } from '../domain/conflict.js';
import { DefaultTimeZone } from '../domain/default-time-zone.js';
import type { Doctor, DoctorDetails } from '../domain/doctor.js';
import { DoctorAgendas, Doctors } from '../ports.js';

export interface DoctorProfileInput {
  userId: string;
  /** What is absent stays; a zone of null is the clinic's. */
  change: Partial<Omit<DoctorDetails, 'timeZone'>> & { timeZone?: string | null };
  /** Only answers what the change would do. */
  dryRun?: boolean;
}

export interface ChangedDoctorProfile {
  doctor: Doctor;
  conflicts: readonly Conflict[];
}

/**
 * Changes what a doctor sends of their profile. A new zone moves no appointment that is booked, but the hours: what is
 * thereby outside them is told.
 */
export class UpdateDoctorProfile {
  constructor(
    private readonly transactions: Transactions,
    private readonly doctors: Doctors,
    private readonly users: Users,
    private readonly agendas: DoctorAgendas,
    private readonly defaultTimeZone: DefaultTimeZone,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws NotFound when there is no profile, and NotAuthenticated where the account was closed meanwhile. */
  async execute({ userId, change, dryRun = false }: DoctorProfileInput): Promise<ChangedDoctorProfile> {
    const timeZone = change.timeZone === null ? this.defaultTimeZone.name : change.timeZone;
    return this.transactions.run(async () => {
      const known = await this.doctors.findByUser(userId);
      if (known === undefined) throw new NotFound('profile');
      await this.agendas.lock(known.id);
      if (!(await this.users.holdActive(userId))) throw new NotAuthenticated();
      if (!dryRun) await this.doctors.change(known.id, { ...change, timeZone });
      const kept = (await this.doctors.findByUser(userId))!;
      if (!isDeepStrictEqual(known, kept))
        await this.audit.record({ action: 'doctor.change', entity: { type: 'doctor', id: kept.id } });
      const doctor = dryRun ? { ...kept, ...given({ ...change, timeZone }) } : kept;
      const conflicts = await this.agendas.conflictsOfMove(known.id, known.timeZone, doctor.timeZone);
      return { doctor, conflicts };
    });
  }
}

function given(change: Partial<DoctorDetails>): Partial<DoctorDetails> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
