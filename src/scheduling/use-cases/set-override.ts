import { isDeepStrictEqual } from 'node:util';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { addDays } from '../domain/calendar.js';
import { TooManyEntries } from '../domain/errors.js';
import type { SlotPolicy } from '../domain/slot-policy.js';
import { Overrides, type Override } from '../ports.js';
import { ChangeRules, type ChangeInput, type Changed } from './change-rules.js';

export const MOST_OVERRIDES = 366;
/** Those of dates that have passed are kept for so many days. */
const KEPT_FOR = 366;

/** Other hours on one date, or none: the doctor is closed then. */
export class SetOverride {
  constructor(
    private readonly changeRules: ChangeRules,
    private readonly overrides: Overrides,
  ) {}

  /** Throws NotFound, TooManyEntries, AccountClosed, and InvalidRequest for a date that has passed. */
  execute(input: ChangeInput & { override: Override }): Promise<Changed<Override>> {
    const { date, hours } = input.override;
    return this.changeRules.execute(input, ({ policy, absences }, { id }, now) => {
      const today = policy.zone.dateAt(now);
      if (date < today) throw InvalidRequest.at('date', 'date', `has passed: it is ${today} there`);
      const others = [...policy.rules.hours.overrides.keys()].filter((one) => one >= today && one !== date);
      if (others.length >= MOST_OVERRIDES) throw new TooManyEntries('overrides', MOST_OVERRIDES);
      const changed = policy.withOverride(date, hours);
      const hoursOf = ({ rules }: SlotPolicy) => rules.hours.overrides.get(date);
      return {
        result: { date, hours },
        rules: { policy: changed, absences },
        // One that equals the weekly hours only is a change: it stands when those are changed.
        isSo: isDeepStrictEqual(hoursOf(policy), hoursOf(changed)),
        write: async () => {
          await this.overrides.forgetBefore(id, addDays(today, -KEPT_FOR));
          await this.overrides.put(id, { date, hours });
        },
        event: { action: 'override.set', entity: { type: 'override', id: `${id}/${date}` } },
      };
    });
  }
}
