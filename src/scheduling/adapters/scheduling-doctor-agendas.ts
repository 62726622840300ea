import { Clock } from '#libs/kernel/clock.js';
import { DoctorAgendas, type Conflict } from '../../doctors/index.js';
import { SlotPolicy } from '../domain/slot-policy.js';
import { Zone } from '../domain/zone.js';
import { Agendas } from '../ports.js';
import { FindConflicts } from '../use-cases/find-conflicts.js';

/** Tells the doctors module what is booked outside a doctor's rules, when the profile changes. */
export class SchedulingDoctorAgendas extends DoctorAgendas {
  constructor(
    private readonly agendas: Agendas,
    private readonly conflicts: FindConflicts,
    private readonly clock: Clock,
  ) {
    super();
  }

  lock(doctor: string): Promise<void> {
    return this.agendas.lock(doctor);
  }

  async conflictsOfMove(id: string, from: string, to: string): Promise<readonly Conflict[]> {
    if (from === to) return [];
    const now = this.clock.now();
    const before = await this.conflicts.rulesOf({ id, timeZone: from }, now);
    const { rules, version } = before.policy;
    const after = { ...before, policy: new SlotPolicy(rules, Zone.of(to), version) };
    const made = await this.conflicts.madeBy(id, { before, after }, now);
    return this.conflicts.shown({ side: 'doctor', profile: id }, made);
  }
}
