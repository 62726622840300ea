import { AuditTrail, type AuditEvent } from '#libs/kernel/audit-trail.js';
import { Clock, type Instant } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import type { Conflict } from '../../doctors/index.js';
import { AccountClosed, type Actor } from '../../identity/index.js';
import { Agendas, type Doctor } from '../ports.js';
import { FindConflicts, type DoctorsRules } from './find-conflicts.js';
import { OwnRules, partyAt } from './own-rules.js';

/** What every change of a doctor's rules is told beside its own words. */
export interface ChangeInput {
  actor: Actor;
  /** Profile id. */
  doctor: string;
  /** Only answers what the change would do. */
  dryRun?: boolean;
}

export interface Changed<T> {
  result: T;
  /** The first conflicts that the change makes. */
  conflicts: readonly Conflict[];
}

/** A change that was decided on, and is not made yet. */
export interface Decision<T> {
  result: T;
  rules: DoctorsRules;
  write: () => Promise<void>;
  /** How the change is recorded. */
  event: AuditEvent;
  /** All is so already: nothing is written, nor recorded. */
  isSo?: boolean;
  /** Something is taken away, and nothing is said anew. */
  isRemoval?: boolean;
}

/**
 * What all changes of a doctor's rules share: whose they are, the lock, and the order of lock, read, decide, write. What
 * is booked is never touched by them; what they put outside is told. Of a doctor who has closed the
 * account rules are only removed.
 */
export class ChangeRules {
  constructor(
    private readonly transactions: Transactions,
    private readonly agendas: Agendas,
    private readonly ownRules: OwnRules,
    private readonly conflicts: FindConflicts,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws NotFound, what `decide` throws, and AccountClosed for what is no removal. */
  async execute<T>(
    { actor, doctor: id, dryRun = false }: ChangeInput,
    decide: (rules: DoctorsRules, doctor: Doctor, now: Instant) => Decision<T> | Promise<Decision<T>>,
  ): Promise<Changed<T>> {
    await this.ownRules.doctor(actor, id);
    const { result, found } = await this.transactions.run(async () => {
      await this.agendas.lock(id);
      const now = this.clock.now();
      const doctor = await this.ownRules.doctor(actor, id);
      const before = await this.conflicts.rulesOf(doctor, now);
      const { result, rules, write, event, isSo, isRemoval } = await decide(before, doctor, now);
      if (doctor.closed && !isRemoval) throw new AccountClosed();
      if (!dryRun && !isSo) {
        await write();
        await this.audit.record(event);
      }
      return { result, found: await this.conflicts.madeBy(id, { before, after: rules }, now) };
    });
    return { result, conflicts: await this.conflicts.shown(partyAt(id, actor), found) };
  }
}
