import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { NotFound } from '#libs/kernel/errors.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { Doctors } from '../../doctors/index.js';
import { AccountClosed } from '../../identity/index.js';
import { ChangeStanding } from '../../scheduling/index.js';
import { NoDoctorProfile } from '../domain/errors.js';
import { Accounts } from '../ports.js';
import type { ChangedAccount } from './set-active.js';

/** Lets patients find and book a doctor, or no longer. What is booked stays, and is told. */
export class SetApproval {
  constructor(
    private readonly transactions: Transactions,
    private readonly accounts: Accounts,
    private readonly doctors: Doctors,
    private readonly standing: ChangeStanding,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws NotFound for nobody, AccountClosed and NoDoctorProfile. */
  async execute(input: { userId: string; approved: boolean; dryRun?: boolean }): Promise<ChangedAccount> {
    const { userId, approved, dryRun = false } = input;
    return this.transactions.run(async () => {
      const account = await this.accounts.find(userId);
      if (account === undefined) throw new NotFound('user');
      if (account.closedAt !== null) throw new AccountClosed();
      const { doctor } = account;
      if (doctor === null) throw new NoDoctorProfile();
      const write = async (): Promise<void> => {
        const isSo = (await this.accounts.find(userId))?.approved === approved;
        if (isSo) return;
        await this.doctors.setApproval(doctor, approved ? this.clock.now() : null);
        const action = approved ? 'doctor.approve' : 'doctor.withdraw-approval';
        await this.audit.record({ action, entity: { type: 'doctor', id: doctor } });
      };
      const conflicts = await this.standing.ofDoctor(doctor, { approved }, { dryRun, write });
      return { account: dryRun ? { ...account, approved } : (await this.accounts.find(userId))!, conflicts };
    });
  }
}
