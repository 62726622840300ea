import { Brackets, EntitySchema } from 'typeorm';
import type { Instant } from '#libs/kernel/clock.js';
import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import { flag, id, instant, longText, primaryId, reference, text } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import type { Absence } from '../domain/absence.js';
import { TimeSlot } from '../domain/time-slot.js';
import { Absences, type PageOf } from '../ports.js';

export interface AbsenceRow {
  id: string;
  doctor: string;
  startsAt: Instant;
  endsAt: Instant;
  /** In which it was written: what its dates and times are shown in. */
  timeZone: string;
  wholeDays: boolean;
  reason: string | null;
}

export const absenceSchema = new EntitySchema<AbsenceRow>({
  name: 'Absence',
  tableName: 'absences',
  columns: {
    id: primaryId(),
    doctor: id({ name: 'doctor_id' }),
    startsAt: instant({ name: 'starts_at' }),
    endsAt: instant({ name: 'ends_at' }),
    timeZone: text(64, { name: 'time_zone' }),
    wholeDays: flag({ name: 'whole_days' }),
    reason: longText({ nullable: true }),
  },
  indices: [
    { name: 'absences_doctor_ends', columns: ['doctor', 'endsAt'] },
    { name: 'absences_doctor_starts', columns: ['doctor', 'startsAt', 'id'] },
  ],
  foreignKeys: [reference('absences_doctor_id_fk', 'doctor', 'Doctor')],
});

function toRow({ slot: { startsAt, endsAt }, ...absence }: Absence): AbsenceRow {
  return { ...absence, startsAt, endsAt };
}

function toDomain({ startsAt, endsAt, ...absence }: AbsenceRow): Absence {
  return { ...absence, slot: new TimeSlot(startsAt, endsAt) };
}

export class TypeOrmAbsences extends Absences {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async add(absence: Absence): Promise<void> {
    await this.transactions.manager.insert(absenceSchema, toRow(absence));
  }

  async remove(id: string): Promise<void> {
    await this.transactions.manager.delete(absenceSchema, { id });
  }

  async removeAllOf(doctor: string): Promise<void> {
    await this.transactions.manager.delete(absenceSchema, { doctor });
  }

  async find(id: string): Promise<Absence | undefined> {
    const row = await this.transactions.manager.findOneBy(absenceSchema, { id });
    return row ? toDomain(row) : undefined;
  }

  async list(doctor: string, { limit, cursor }: PageOf): Promise<Page<Absence>> {
    const query = this.#of(doctor).take(limit + 1);
    if (cursor !== undefined) {
      const [startsAt, id] = decodeCursor<[number, string]>(cursor, 'instant', 'id');
      // Says nothing new, but bounds the index.
      query.andWhere('absence.startsAt >= :startsAt');
      query.andWhere(
        new Brackets((where) =>
          where
            .where('absence.startsAt > :startsAt', { startsAt })
            .orWhere('absence.startsAt = :startsAt AND absence.id > :id', { id }),
        ),
      );
    }
    const rows = await query.getMany();
    return pageOf(rows.map(toDomain), limit, ({ slot, id }) => [slot.startsAt, id]);
  }

  async endingAfter(doctor: string, instant: Instant): Promise<readonly Absence[]> {
    const rows = await this.#of(doctor).andWhere('absence.endsAt > :instant', { instant }).getMany();
    return rows.map(toDomain);
  }

  #of(doctor: string) {
    return this.transactions.manager
      .createQueryBuilder(absenceSchema, 'absence')
      .where('absence.doctor = :doctor', { doctor })
      .orderBy('absence.startsAt', 'ASC')
      .addOrderBy('absence.id', 'ASC');
  }
}
