import { NotFound } from '#libs/kernel/errors.js';
import type { CalendarDate } from '../domain/calendar.js';
import { Overrides, type Override } from '../ports.js';
import { ChangeRules, type ChangeInput, type Changed } from './change-rules.js';

/** The weekly hours hold on this date again. */
export class RemoveOverride {
  constructor(
    private readonly changeRules: ChangeRules,
    private readonly overrides: Overrides,
  ) {}

  /** Throws NotFound. Answers what was removed. */
  execute(input: ChangeInput & { date: CalendarDate }): Promise<Changed<Override>> {
    const { date } = input;
    return this.changeRules.execute(input, ({ policy, absences }, { id }) => {
      const hours = policy.rules.hours.overrides.get(date);
      if (hours === undefined) throw new NotFound('override');
      return {
        result: { date, hours },
        rules: { policy: policy.withOverride(date, undefined), absences },
        write: () => this.overrides.remove(id, date),
        event: { action: 'override.remove', entity: { type: 'override', id: `${id}/${date}` } },
        isRemoval: true,
      };
    });
  }
}
