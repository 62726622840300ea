import { EntitySchema, In, IsNull, MoreThan, Not } from 'typeorm';
import { id, instant, integer, primaryId, reference, text } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { MAX_AGE, MAX_IDLE, type Session } from '../domain/session.js';
import { Sessions } from '../ports.js';

export type SessionRow = Session;

export const sessionSchema = new EntitySchema<SessionRow>({
  name: 'Session',
  tableName: 'sessions',
  columns: {
    id: primaryId(),
    userId: id({ name: 'user_id' }),
    nonce: text(64),
    counter: integer(),
    deviceName: text(100, { name: 'device_name', nullable: true }),
    network: text(50, { nullable: true }),
    openedAt: instant({ name: 'opened_at' }),
    refreshedAt: instant({ name: 'refreshed_at' }),
    endedAt: instant({ name: 'ended_at', nullable: true }),
  },
  indices: [{ name: 'sessions_open', columns: ['userId', 'endedAt'] }],
  foreignKeys: [reference('sessions_user_id_fk', 'userId', 'User')],
});

export class TypeOrmSessions extends Sessions {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async add(session: Session): Promise<void> {
    await this.transactions.manager.insert(sessionSchema, session);
  }

  async find(id: string): Promise<Session | undefined> {
    return (await this.transactions.manager.findOneBy(sessionSchema, { id })) ?? undefined;
  }

  async advance(id: string, counter: number, at: number): Promise<boolean> {
    const { affected } = await this.transactions.manager.update(
      sessionSchema,
      { id, counter, endedAt: IsNull() },
      { counter: counter + 1, refreshedAt: at },
    );
    return affected === 1;
  }

  async end(id: string, at: number): Promise<void> {
    await this.transactions.manager.update(sessionSchema, { id, endedAt: IsNull() }, { endedAt: at });
  }

  async openOf(userId: string, now: number): Promise<readonly Session[]> {
    return this.transactions.manager.find(sessionSchema, {
      where: {
        userId,
        endedAt: IsNull(),
        refreshedAt: MoreThan(now - MAX_IDLE),
        openedAt: MoreThan(now - MAX_AGE),
      },
      order: { id: 'DESC' },
    });
  }

  async endAllOf(userId: string, at: number, but?: string): Promise<number> {
    const { affected } = await this.transactions.manager.update(
      sessionSchema,
      { userId, endedAt: IsNull(), ...(but !== undefined && { id: Not(but) }) },
      { endedAt: at },
    );
    return affected!;
  }

  async listOf(userId: string, limit: number, after = ''): Promise<readonly Session[]> {
    return this.transactions.manager.find(sessionSchema, {
      where: { userId, id: MoreThan(after) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  async removeAllOf(userId: string): Promise<void> {
    await this.transactions.manager.delete(sessionSchema, { userId });
  }

  async forget(before: number, atMost: number): Promise<number> {
    const { manager } = this.transactions;
    // Ids are in the order of time, so that the oldest are found without an index of their own.
    const oldest = await manager.find(sessionSchema, {
      select: { id: true, openedAt: true },
      order: { id: 'ASC' },
      take: atMost,
    });
    const stale = oldest.filter(({ openedAt }) => openedAt < before).map(({ id }) => id);
    if (stale.length > 0) await manager.delete(sessionSchema, { id: In(stale) });
    return stale.length;
  }
}
