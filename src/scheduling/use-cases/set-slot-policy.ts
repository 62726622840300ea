import { isDeepStrictEqual } from 'node:util';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { StaleVersion } from '../domain/errors.js';
import { Hours, type WeeklyHours } from '../domain/hours.js';
import { SlotPolicy, type SlotRules } from '../domain/slot-policy.js';
import { SlotPolicies } from '../ports.js';
import { ChangeRules, type ChangeInput, type Changed } from './change-rules.js';

export interface SetSlotPolicyInput extends ChangeInput {
  rules: Omit<SlotRules, 'hours'>;
  weekly: WeeklyHours;
  /** The versions that the actor has seen; undefined where any will do. */
  seenVersions?: readonly number[] | undefined;
  /** What the actor sends back of what they read, and cannot set: it has to be so still. */
  read?: { version?: number | undefined; timeZone?: string | undefined };
}

/** A doctor's rules are replaced as a whole. Overrides of single dates stand. */
export class SetSlotPolicy {
  constructor(
    private readonly changeRules: ChangeRules,
    private readonly policies: SlotPolicies,
  ) {}

  /** Throws NotFound, StaleVersion, AccountClosed, and InvalidRequest for another zone than the profile's. */
  execute(input: SetSlotPolicyInput): Promise<Changed<SlotPolicy>> {
    return this.changeRules.execute(input, ({ policy: { rules, zone, version }, absences }, { id }) => {
      const { seenVersions = [version], read = {} } = input;
      if (!seenVersions.includes(version) || (read.version ?? version) !== version) {
        throw new StaleVersion(version, 'slot policy');
      }
      if ((read.timeZone ?? zone.name) !== zone.name) {
        throw InvalidRequest.at('/time_zone', 'read-only', `is ${zone.name}, and is changed on the profile`);
      }
      const hours = new Hours(input.weekly, rules.hours.overrides);
      const isSo = isDeepStrictEqual({ ...input.rules, hours }, rules);
      const kept = input.dryRun || isSo ? version : version + 1;
      const policy = new SlotPolicy({ ...input.rules, hours }, zone, kept);
      return {
        result: policy,
        rules: { policy, absences },
        write: () => this.policies.keep(id, policy.rules, policy.version),
        event: { action: 'slot-policy.change', entity: { type: 'slot-policy', id } },
        isSo,
      };
    });
  }
}
