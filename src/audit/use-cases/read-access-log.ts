import { NotFound } from '#libs/kernel/errors.js';
import { encodeCursor, type Page } from '#libs/kernel/page.js';
import type { Actor } from '../../identity/index.js';
import { Users } from '../../identity/index.js';
import { PatientDirectory } from '../../patients/index.js';
import type { AuditRecord } from '../domain/audit-record.js';
import { AuditRecords } from '../ports.js';

/** Who looked, and at what. */
export interface Access extends Pick<AuditRecord, 'id' | 'at' | 'action'> {
  role: string;
  /** A doctor's; null of anybody else. */
  name: string | null;
}

/** Tells a patient who looked at their card, and at what is kept of them: doctors by name, admins by role. */
export class ReadAccessLog {
  constructor(
    private readonly patients: PatientDirectory,
    private readonly records: AuditRecords,
    private readonly users: Users,
  ) {}

  /** Throws NotFound when there is no profile, InvalidRequest for a cursor that it did not answer. */
  async execute(input: { actor: Actor; limit: number; cursor?: string | undefined }): Promise<Page<Access>> {
    const { actor, limit, cursor } = input;
    const card = await this.patients.findByUser(actor.userId);
    if (card === undefined) throw new NotFound('profile');
    const looks = { looksOfOthersThan: actor.userId, limit, cursor };
    const ofPatient = await this.records.list({ ...looks, patient: card.id });
    // Their photo may have been there before the profile. Asked for together, no index would serve both.
    const ofUser = await this.records.list({ ...looks, entity: actor.userId });
    const { results, nextCursor } = merged([ofPatient, ofUser], limit);
    const names = await this.#namesOf(results);
    return { results: results.map((record) => accessOf(record, names)), nextCursor };
  }

  async #namesOf(records: readonly AuditRecord[]): Promise<ReadonlyMap<string, string>> {
    const names = new Map<string, string>();
    const doctors = records.filter(({ actorRole }) => actorRole === 'doctor').map(({ actor }) => actor!);
    for (const id of new Set(doctors)) {
      const user = await this.users.find(id);
      if (user !== undefined) names.set(id, `${user.firstName} ${user.lastName}`);
    }
    return names;
  }
}

/** What is on both is once on the page. */
function merged(pages: readonly Page<AuditRecord>[], limit: number): Page<AuditRecord> {
  const all = new Map(pages.flatMap(({ results }) => results.map((record) => [record.id, record])));
  const rows = [...all.values()].toSorted((a, b) => (a.id > b.id ? -1 : 1));
  const isMore = rows.length > limit || pages.some(({ nextCursor }) => nextCursor !== null);
  const results = rows.slice(0, limit);
  return { results, nextCursor: isMore ? encodeCursor([results.at(-1)!.id]) : null };
}

function accessOf(record: AuditRecord, names: ReadonlyMap<string, string>): Access {
  const { id, at, action, actor, actorRole: role } = record;
  return { id, at, action, role, name: (actor !== null && names.get(actor)) || null };
}
