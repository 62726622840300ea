import { EntitySchema, MoreThan } from 'typeorm';
import type { Instant } from '#libs/kernel/clock.js';
import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import { id, instant, integer, primaryId, reference, text } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import type { Series } from '../domain/series.js';
import { SeriesRegister, type PageOf } from '../ports.js';

export interface SeriesRow {
  id: string;
  doctor: string;
  patient: string;
  everyWeeks: number;
  scheduledBy: string;
  createdAt: Instant;
}

export const seriesSchema = new EntitySchema<SeriesRow>({
  name: 'Series',
  tableName: 'series',
  columns: {
    id: primaryId(),
    doctor: id({ name: 'doctor_id' }),
    patient: id({ name: 'patient_id' }),
    everyWeeks: integer({ name: 'every_weeks' }),
    scheduledBy: text(10, { name: 'scheduled_by' }),
    createdAt: instant({ name: 'created_at' }),
  },
  foreignKeys: [
    reference('series_doctor_id_fk', 'doctor', 'Doctor'),
    reference('series_patient_id_fk', 'patient', 'Patient'),
  ],
});

function toDomain(row: SeriesRow): Series {
  return { ...row, scheduledBy: row.scheduledBy as Series['scheduledBy'] };
}

export class TypeOrmSeriesRegister extends SeriesRegister {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async add(series: Series): Promise<void> {
    await this.transactions.manager.insert(seriesSchema, series);
  }

  async find(id: string): Promise<Series | undefined> {
    const row = await this.transactions.manager.findOneBy(seriesSchema, { id });
    return row ? toDomain(row) : undefined;
  }

  async listOf(person: string, { limit, cursor }: PageOf): Promise<Page<Series>> {
    const [after] = cursor === undefined ? [''] : decodeCursor<[string]>(cursor, 'id');
    const rows = await this.transactions.manager.find(seriesSchema, {
      where: [
        { doctor: person, id: MoreThan(after) },
        { patient: person, id: MoreThan(after) },
      ],
      order: { id: 'ASC' },
      take: limit + 1,
    });
    return pageOf(rows.map(toDomain), limit, ({ id }) => [id]);
  }
}
