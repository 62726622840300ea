import { Clock } from '#libs/kernel/clock.js';
import { DoctorAgendas, type Conflict } from '../../doctors/index.js';
import { Agendas, type Doctor } from '../ports.js';
import { CONFLICTS_TOLD } from '../use-cases/change-rules.js';
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

  async conflictsOf(doctor: Doctor): Promise<readonly Conflict[]> {
    const { id } = doctor;
    const now = this.clock.now();
    const rules = await this.conflicts.rulesOf(doctor, now);
    const { results } = await this.conflicts.page(id, rules, { startsAt: now }, CONFLICTS_TOLD);
    return this.conflicts.shown({ side: 'doctor', profile: id }, results);
  }
}
