import { Clock, type Instant } from '#libs/kernel/clock.js';
import { everyOf } from '#libs/kernel/page.js';
import { AuditRecords, ReadAccessLog, type Access, type AuditRecord } from '../../audit/index.js';
import { Doctors, type Doctor } from '../../doctors/index.js';
import {
  NotAuthenticated,
  Sessions,
  Users,
  type Actor,
  type Session,
  type User,
} from '../../identity/index.js';
import { Patients, type Patient } from '../../patients/index.js';
import { ExportSchedule, type ExportedSchedule } from '../../scheduling/index.js';

const PAGE = 100;

/** All that is held about somebody. Lists are read while they are written out, so that a long life fits into any memory. */
export interface PersonalData {
  at: Instant;
  user: User;
  doctor: Doctor | undefined;
  patient: Patient | undefined;
  sessions: AsyncIterable<Session>;
  schedule: ExportedSchedule;
  /** Who looked at the card of a patient. */
  accesses: AsyncIterable<Access>;
  /** What the person did, as it was recorded. */
  activity: AsyncIterable<AuditRecord>;
}

/** Tells somebody what is held about them, and of others no more than they may see anyway. */
export class ExportPersonalData {
  constructor(
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly doctors: Doctors,
    private readonly patients: Patients,
    private readonly exportSchedule: ExportSchedule,
    private readonly accessLog: ReadAccessLog,
    private readonly records: AuditRecords,
    private readonly clock: Clock,
  ) {}

  async execute(actor: Actor): Promise<PersonalData> {
    const { userId } = actor;
    const user = await this.users.find(userId);
    if (!user?.active) throw new NotAuthenticated();
    const patient = await this.patients.findByUser(userId);
    return {
      at: this.clock.now(),
      user,
      doctor: await this.doctors.findByUser(userId),
      patient,
      sessions: everyOf(userId, async (user, after) => {
        const results = await this.sessions.listOf(user, PAGE, after);
        return { results, nextCursor: results.length < PAGE ? null : results.at(-1)!.id };
      }),
      schedule: await this.exportSchedule.execute(actor),
      accesses: everyOf(patient?.id, (_, cursor) => this.accessLog.execute({ actor, limit: PAGE, cursor })),
      activity: everyOf(userId, (of, cursor) => this.records.list({ actor: of, limit: PAGE, cursor })),
    };
  }
}
