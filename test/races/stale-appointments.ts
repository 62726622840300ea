import type { TestingModuleBuilder } from '@nestjs/testing';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import {
  appointmentSchema,
  historySchema,
  TypeOrmAppointments,
} from '../../src/scheduling/adapters/typeorm-appointments.js';
import type { Appointment } from '../../src/scheduling/domain/appointment.js';
import { Appointments } from '../../src/scheduling/ports.js';
import { withoutLock } from './protections.js';

/** What many systems do: read an appointment once, decide, and write whatever has happened to it since. */
class StaleAppointments extends TypeOrmAppointments {
  readonly #read = new Map<string, Promise<Appointment | undefined>>();
  readonly #transactions: TypeOrmTransactions;

  constructor(transactions: TypeOrmTransactions) {
    super(transactions);
    this.#transactions = transactions;
  }

  override find(id: string): Promise<Appointment | undefined> {
    const read = this.#read.get(id) ?? super.find(id);
    this.#read.set(id, read);
    return read;
  }

  override async save({ id, state, change }: Appointment): Promise<void> {
    const { manager } = this.#transactions;
    const { status, awaits, confirmBy } = state;
    await manager.update(appointmentSchema, { id }, { status, awaits, confirmBy });
    const version = 1 + ((await manager.maximum(historySchema, 'version', { appointment: id })) ?? 0);
    await manager.insert(historySchema, { ...change!, appointment: id, version });
  }
}

/** Without the lock, the fresh read under it, and the comparison of versions. */
export function withStaleAppointments(builder: TestingModuleBuilder): TestingModuleBuilder {
  return withoutLock(builder)
    .overrideProvider(Appointments)
    .useFactory({
      inject: [TypeOrmTransactions],
      factory: (transactions: TypeOrmTransactions) => new StaleAppointments(transactions),
    });
}
