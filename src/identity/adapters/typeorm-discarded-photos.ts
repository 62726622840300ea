import { EntitySchema, LessThan } from 'typeorm';
import type { Instant } from '#libs/kernel/clock.js';
import { instant, text } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { DiscardedPhotos } from '../ports.js';

export interface DiscardedPhotoRow {
  key: string;
  at: Instant;
}

export const discardedPhotoSchema = new EntitySchema<DiscardedPhotoRow>({
  name: 'DiscardedPhoto',
  tableName: 'discarded_photos',
  columns: {
    key: text(32, { name: 'photo', primary: true }),
    at: instant({ name: 'discarded_at' }),
  },
  indices: [{ name: 'discarded_photos_at', columns: ['at'] }],
});

export class TypeOrmDiscardedPhotos extends DiscardedPhotos {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async add(key: string, at: Instant): Promise<void> {
    await this.transactions.manager.insert(discardedPhotoSchema, { key, at });
  }

  async takeOff(key: string): Promise<boolean> {
    const { affected } = await this.transactions.manager.delete(discardedPhotoSchema, { key });
    return affected === 1;
  }

  async before(at: Instant, limit: number): Promise<readonly string[]> {
    const rows = await this.transactions.manager.find(discardedPhotoSchema, {
      where: { at: LessThan(at) },
      order: { at: 'ASC', key: 'ASC' },
      take: limit,
    });
    return rows.map(({ key }) => key);
  }
}
