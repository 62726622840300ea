import { Clock } from '#libs/kernel/clock.js';
import { NotFound } from '#libs/kernel/errors.js';
import { decodeCursor, type Page } from '#libs/kernel/page.js';
import type { Conflict } from '../../doctors/index.js';
import type { Actor } from '../../identity/index.js';
import type { Absence } from '../domain/absence.js';
import type { CalendarDate } from '../domain/calendar.js';
import type { SlotPolicy } from '../domain/slot-policy.js';
import { Zone } from '../domain/zone.js';
import { Absences, Overrides, SlotPolicies, type Override, type PageOf } from '../ports.js';
import { FindConflicts } from './find-conflicts.js';
import { OwnRules, partyAt } from './own-rules.js';

/** A doctor's rules, and what is outside them, for the doctor and admins. All throw NotFound to others. */
export class ReadRules {
  constructor(
    private readonly ownRules: OwnRules,
    private readonly policies: SlotPolicies,
    private readonly overridesOf: Overrides,
    private readonly absencesOf: Absences,
    private readonly conflictsOf: FindConflicts,
    private readonly clock: Clock,
  ) {}

  async policy(actor: Actor, doctor: string): Promise<SlotPolicy> {
    const { id, timeZone } = await this.ownRules.doctor(actor, doctor);
    return this.policies.of(id, Zone.of(timeZone));
  }

  async absences(actor: Actor, doctor: string, page: PageOf): Promise<Page<Absence>> {
    const { id } = await this.ownRules.doctor(actor, doctor);
    return this.absencesOf.list(id, page);
  }

  async overrides(actor: Actor, doctor: string, page: PageOf): Promise<Page<Override>> {
    const { id } = await this.ownRules.doctor(actor, doctor);
    return this.overridesOf.list(id, page);
  }

  async override(actor: Actor, doctor: string, date: CalendarDate): Promise<Override> {
    const { rules } = await this.policy(actor, doctor);
    const hours = rules.hours.overrides.get(date);
    if (hours === undefined) throw new NotFound('override');
    return { date, hours };
  }

  async conflicts(actor: Actor, doctor: string, { limit, cursor }: PageOf): Promise<Page<Conflict>> {
    const found = await this.ownRules.doctor(actor, doctor);
    const now = this.clock.now();
    const rules = await this.conflictsOf.rulesOf(found, now);
    const { results, nextCursor } = await this.conflictsOf.page(found.id, rules, after(cursor, now), limit);
    return { results: await this.conflictsOf.shown(partyAt(found.id, actor), results), nextCursor };
  }
}

/** Time may have passed since a page was answered; what has begun meanwhile is no conflict any more. */
function after(cursor: string | undefined, now: number): { startsAt: number; id?: string } {
  if (cursor === undefined) return { startsAt: now };
  const [startsAt, id] = decodeCursor<[number, string]>(cursor, 'instant', 'id');
  return startsAt > now ? { startsAt, id } : { startsAt: now };
}
