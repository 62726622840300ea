import { NotFound } from '#libs/kernel/errors.js';
import type { Absence } from '../domain/absence.js';
import { Absences } from '../ports.js';
import { ChangeRules, type ChangeInput, type Changed } from './change-rules.js';

/** The doctor is there after all. */
export class RemoveAbsence {
  constructor(
    private readonly changeRules: ChangeRules,
    private readonly absences: Absences,
  ) {}

  /** Throws NotFound. Answers what was removed. */
  execute(input: ChangeInput & { id: string }): Promise<Changed<Absence>> {
    return this.changeRules.execute(input, async ({ policy, absences }, doctor) => {
      const absence = await this.absences.find(input.id);
      if (absence?.doctor !== doctor.id) throw new NotFound('absence');
      return {
        result: absence,
        rules: { policy, absences: absences.filter(({ id }) => id !== absence.id) },
        write: () => this.absences.remove(absence.id),
        event: { action: 'absence.remove', entity: { type: 'absence', id: absence.id } },
        isRemoval: true,
      };
    });
  }
}
