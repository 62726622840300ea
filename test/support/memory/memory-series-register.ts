import type { Series } from '../../../src/scheduling/domain/series.js';
import { SeriesRegister } from '../../../src/scheduling/ports.js';
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
}
