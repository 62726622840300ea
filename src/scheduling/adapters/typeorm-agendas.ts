import { EntitySchema } from 'typeorm';
import { primaryId } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Agendas } from '../ports.js';

export interface AgendaRow {
  person: string;
}

export const agendaSchema = new EntitySchema<AgendaRow>({
  name: 'Agenda',
  tableName: 'agendas',
  columns: { person: primaryId() },
});

/** A row a person, locked until the unit of work ends. SQLite has no such lock: its units follow each other anyway. */
export class TypeOrmAgendas extends Agendas {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async lock(doctor: string, patient?: string): Promise<void> {
    for (const person of patient === undefined ? [doctor] : [doctor, patient]) {
      if (await this.#lockRow(person)) continue;
      await this.#makeRow(person);
      await this.#lockRow(person);
    }
  }

  /** Read first: MySQL's insert would share-lock a row that is there, and two who then want it alone would deadlock. */
  async #lockRow(person: string): Promise<boolean> {
    const { manager } = this.transactions;
    const query = manager.createQueryBuilder(agendaSchema, 'agenda').where({ person });
    const hasRowLocks = manager.dataSource.options.type !== 'better-sqlite3';
    return (await (hasRowLocks ? query.setLock('pessimistic_write') : query).getOne()) !== null;
  }

  async #makeRow(person: string): Promise<void> {
    const { manager } = this.transactions;
    await manager.createQueryBuilder().insert().into(agendaSchema).values({ person }).orIgnore().execute();
  }
}
