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

/** SQLite's units of work follow each other anyway; the rows are what a server's units lock. */
export class TypeOrmAgendas extends Agendas {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async lock(doctor: string, patient: string): Promise<void> {
    for (const person of [doctor, patient]) {
      await this.transactions.manager
        .createQueryBuilder()
        .insert()
        .into(agendaSchema)
        .values({ person })
        .orIgnore()
        .execute();
    }
  }
}
