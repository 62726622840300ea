import { Clock, type Instant } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import type { Conflict } from '../../doctors/index.js';
import type { DoctorStanding } from '../domain/standing.js';
import { Agendas, People } from '../ports.js';
import { CONFLICTS_TOLD, FindConflicts, type FoundConflict } from './find-conflicts.js';

/** A change of how somebody stands with the clinic. */
export interface StandingChange {
  dryRun: boolean;
  /** Runs under the lock of the agenda, unless it is a dry run. */
  write: () => Promise<void>;
}

/**
 * Whether a doctor or a patient may come changes under the lock of their agenda, so that every booking is either before
 * it and told, or after it and refused. What is booked is never touched; what stays is told, as an admin sees it.
 */
export class ChangeStanding {
  constructor(
    private readonly transactions: Transactions,
    private readonly agendas: Agendas,
    private readonly people: People,
    private readonly conflicts: FindConflicts,
    private readonly clock: Clock,
  ) {}

  /** The doctor's first conflicts after the change. By profile id. */
  ofDoctor(
    doctor: string,
    to: Partial<DoctorStanding>,
    change: StandingChange,
  ): Promise<readonly Conflict[]> {
    return this.#under(doctor, change, async (now) => {
      const known = (await this.people.findAnyDoctor(doctor))!;
      const rules = await this.conflicts.rulesOf(known, now);
      const from = { startsAt: now };
      const { results } = await this.conflicts.page(doctor, rules, from, CONFLICTS_TOLD, { ...known, ...to });
      return results;
    });
  }

  /** The patient's first conflicts, with any doctor, after the change. By profile id. */
  ofPatient(patient: string, active: boolean, change: StandingChange): Promise<readonly Conflict[]> {
    return this.#under(patient, change, (now) =>
      this.conflicts.ofPatient(patient, active, now, CONFLICTS_TOLD),
    );
  }

  async #under(
    person: string,
    { dryRun, write }: StandingChange,
    find: (now: Instant) => Promise<readonly FoundConflict[]>,
  ): Promise<readonly Conflict[]> {
    const found = await this.transactions.run(async () => {
      await this.agendas.lock(person);
      if (!dryRun) await write();
      return find(this.clock.now());
    });
    return this.conflicts.shown({ side: 'admin' }, found);
  }
}
