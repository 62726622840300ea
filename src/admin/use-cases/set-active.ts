import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { NotFound } from '#libs/kernel/errors.js';
import { Transactions } from '#libs/kernel/transactions.js';
import type { Conflict } from '../../doctors/index.js';
import { AccountClosed, LastAdmin, Sessions, Users } from '../../identity/index.js';
import { ChangeStanding } from '../../scheduling/index.js';
import type { Account } from '../domain/account.js';
import { Accounts } from '../ports.js';

export interface ChangedAccount {
  account: Account;
  /** What is booked with the person and outside the rules, after the change. */
  conflicts: readonly Conflict[];
}

/**
 * Lets a person in, or no longer: from the next request on they are nobody, and nothing is booked with them. What is
 * booked stays, and is told. An installation keeps one admin.
 */
export class SetActive {
  constructor(
    private readonly transactions: Transactions,
    private readonly accounts: Accounts,
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly standing: ChangeStanding,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws NotFound, AccountClosed and LastAdmin. */
  async execute(input: { userId: string; active: boolean; dryRun?: boolean }): Promise<ChangedAccount> {
    const { userId, active, dryRun = false } = input;
    return this.transactions.run(async () => {
      const account = await this.accounts.find(userId);
      if (account === undefined) throw new NotFound('user');
      if (account.closedAt !== null && active) throw new AccountClosed();
      if (account.role === 'admin' && !active) await this.#assertAnotherAdmin(userId);
      const write = async (): Promise<void> => {
        await this.users.setActive(userId, active);
        if (!active) await this.sessions.endAllOf(userId, this.clock.now());
        if (account.active === active) return;
        const action = active ? 'account.activate' : 'account.deactivate';
        await this.audit.record({ action, entity: { type: 'user', id: userId }, ...patientOf(account) });
      };
      const conflicts = await this.#conflicts(account, active, { dryRun, write });
      return { account: dryRun ? { ...account, active } : (await this.accounts.find(userId))!, conflicts };
    });
  }

  /** Two admins who deactivate each other follow one another here. */
  async #assertAnotherAdmin(userId: string): Promise<void> {
    const active = await this.users.lockActiveAdmins();
    if (active.length === 1 && active[0] === userId) throw new LastAdmin();
  }

  async #conflicts(
    { doctor, patient }: Account,
    active: boolean,
    change: { dryRun: boolean; write: () => Promise<void> },
  ): Promise<readonly Conflict[]> {
    if (doctor !== null) return this.standing.ofDoctor(doctor, { active }, change);
    if (patient !== null) return this.standing.ofPatient(patient, active, change);
    if (!change.dryRun) await change.write();
    return [];
  }
}

function patientOf({ patient }: Account): { patient?: string } {
  return patient === null ? {} : { patient };
}
