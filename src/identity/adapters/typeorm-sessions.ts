import { EntitySchema, IsNull } from 'typeorm';
import { id, instant, integer, primaryId, reference, text } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import type { Session } from '../domain/session.js';
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
    openedAt: instant({ name: 'opened_at' }),
    refreshedAt: instant({ name: 'refreshed_at' }),
    endedAt: instant({ name: 'ended_at', nullable: true }),
  },
  indices: [{ name: 'sessions_user_id', columns: ['userId'] }],
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
}
