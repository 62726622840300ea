import { EntitySchema, LessThan, MoreThan } from 'typeorm';
import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import { id, longText, reference, text } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import type { CalendarDate } from '../domain/calendar.js';
import type { HoursInterval } from '../domain/hours.js';
import { Overrides, type Override, type PageOf } from '../ports.js';

export interface OverrideRow {
  doctor: string;
  date: CalendarDate;
  /** JSON of the intervals, which are read and set as a whole. */
  hours: string;
}

export const overrideSchema = new EntitySchema<OverrideRow>({
  name: 'Override',
  tableName: 'slot_overrides',
  columns: {
    doctor: id({ name: 'doctor_id', primary: true }),
    date: text(10, { name: 'local_date', primary: true }),
    hours: longText(),
  },
  foreignKeys: [reference('slot_overrides_doctor_id_fk', 'doctor', 'Doctor')],
});

function toDomain({ date, hours }: OverrideRow): Override {
  return { date, hours: JSON.parse(hours) as HoursInterval[] };
}

export class TypeOrmOverrides extends Overrides {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async put(doctor: string, { date, hours }: Override): Promise<void> {
    await this.remove(doctor, date);
    await this.transactions.manager.insert(overrideSchema, { doctor, date, hours: JSON.stringify(hours) });
  }

  async remove(doctor: string, date: CalendarDate): Promise<void> {
    await this.transactions.manager.delete(overrideSchema, { doctor, date });
  }

  async list(doctor: string, { limit, cursor }: PageOf): Promise<Page<Override>> {
    const after = cursor === undefined ? '' : decodeCursor<[string]>(cursor, 'date')[0];
    const rows = await this.transactions.manager.find(overrideSchema, {
      where: { doctor, date: MoreThan(after) },
      order: { date: 'ASC' },
      take: limit + 1,
    });
    return pageOf(rows.map(toDomain), limit, ({ date }) => [date]);
  }

  async forgetBefore(doctor: string, date: CalendarDate): Promise<void> {
    await this.transactions.manager.delete(overrideSchema, { doctor, date: LessThan(date) });
  }
}
