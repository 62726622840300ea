import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import type { Series } from '../../../src/scheduling/domain/series.js';
import { SeriesRegister, type PageOf } from '../../../src/scheduling/ports.js';
import type { MemoryTransactions } from './memory-transactions.js';

export class MemorySeriesRegister extends SeriesRegister {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async add(series: Series): Promise<void> {
    this.transactions.changing.series.set(series.id, series);
  }

  async find(id: string): Promise<Series | undefined> {
    return this.transactions.rows.series.get(id);
  }

  async listOf(person: string, { limit, cursor }: PageOf): Promise<Page<Series>> {
    const [after] = cursor === undefined ? [''] : decodeCursor<[string]>(cursor, 'id');
    const found = [...this.transactions.rows.series.values()]
      .filter(({ id, doctor, patient }) => id > after && [doctor, patient].includes(person))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return pageOf(found, limit, ({ id }) => [id]);
  }
}
