import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { Transactions } from '#libs/kernel/transactions.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { TypeOrmAppointments } from '../../src/scheduling/adapters/typeorm-appointments.js';
import { TypeOrmSlotPolicies } from '../../src/scheduling/adapters/typeorm-slot-policies.js';
import { Agenda } from '../../src/scheduling/domain/agenda.js';
import type { Busy, SlotPolicy } from '../../src/scheduling/domain/slot-policy.js';
import { Agendas, Appointments, SlotPolicies } from '../../src/scheduling/ports.js';

/** Layers against double booking, by what is left of them. */
export interface Protection {
  wire: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  prepare?: (app: NestFastifyApplication) => Promise<void>;
}

export const POLICY_LOCK_AND_KEY: Protection = {
  wire: (builder) => withAppointments(builder, SlowAppointments),
};

export const POLICY_AND_LOCK: Protection = { ...POLICY_LOCK_AND_KEY, prepare: dropKey };

export const KEY_ALONE: Protection = {
  wire: (builder) => withoutLock(withAppointments(builder, BlindAppointments)),
};

/** Nothing at all is asked. */
export const NONE: Protection = { wire: KEY_ALONE.wire, prepare: dropKey };

/** What most booking systems do: look, then write. */
export const POLICY_ALONE: Protection = {
  wire: (builder) =>
    withoutLock(withAppointments(builder, EarlyAppointments))
      .overrideProvider(Transactions)
      .useFactory({
        inject: [TypeOrmTransactions],
        factory: (transactions: TypeOrmTransactions) => new AgendaReadFirst(transactions),
      }),
  prepare: dropKey,
};

/** The doctor's rules too are read before, and may be others by the time of the write. */
export const RULES_READ_BEFORE: Protection = {
  wire: (builder) =>
    POLICY_ALONE.wire(builder)
      .overrideProvider(SlotPolicies)
      .useFactory({
        inject: [TypeOrmTransactions],
        factory: (transactions: TypeOrmTransactions) => new EarlyPolicies(transactions),
      }),
};

/** Nothing makes a change of rules and a booking follow each other. */
export const RULES_WITHOUT_LOCK: Protection = {
  wire: (builder) => withoutLock(withAppointments(builder, SlowerAppointments)),
};

async function dropKey(app: NestFastifyApplication): Promise<void> {
  const database = app.get(DataSource);
  await database.query('DROP TABLE occupied_time');
  await database.query(
    'CREATE TABLE occupied_time (person varchar(36), tick bigint, appointment_id varchar(36))',
  );
}

export function withoutLock(builder: TestingModuleBuilder): TestingModuleBuilder {
  class NoAgendas extends Agendas {
    async lock(): Promise<void> {}
  }
  return builder.overrideProvider(Agendas).useValue(new NoAgendas());
}

function withAppointments(
  builder: TestingModuleBuilder,
  adapter: new (transactions: TypeOrmTransactions) => Appointments,
): TestingModuleBuilder {
  return builder.overrideProvider(Appointments).useFactory({
    inject: [TypeOrmTransactions],
    factory: (transactions: TypeOrmTransactions) => new adapter(transactions),
  });
}

/**
 * The product's own, but that other requests go on while an agenda is read, as they would with a database server. Else
 * a request on SQLite runs from its first read to its commit undisturbed, and no two of them race.
 */
class SlowAppointments extends TypeOrmAppointments {
  override async busy(...asked: Parameters<Appointments['busy']>): Promise<Busy> {
    const busy = await super.busy(...asked);
    await sleep(1);
    return busy;
  }
}

/** Leaves whoever changes the rules the time to do so. */
class SlowerAppointments extends TypeOrmAppointments {
  override async busy(...asked: Parameters<Appointments['busy']>): Promise<Busy> {
    const busy = await super.busy(...asked);
    await sleep(50);
    return busy;
  }
}

/** Leaves the policy nothing to refuse for. */
class BlindAppointments extends SlowAppointments {
  override async busy(...asked: Parameters<Appointments['busy']>): Promise<Busy> {
    await super.busy(...asked);
    const nothing = Agenda.EMPTY;
    return { doctor: nothing, patient: nothing, absences: nothing, starts: [], openWithDoctor: 0 };
  }
}

/** What a request read of the agendas, and of the rules, before its unit of work began. */
const early = new AsyncLocalStorage<{ busy?: Busy; policy?: SlotPolicy }>();

class ReadEarly extends Error {}

class EarlyAppointments extends SlowAppointments {
  override async busy(...asked: Parameters<Appointments['busy']>): Promise<Busy> {
    const read = early.getStore();
    if (read === undefined) return super.busy(...asked);
    if (read.busy !== undefined) return read.busy;
    read.busy = await super.busy(...asked);
    // Long enough for others to begin, who are let in one by one.
    await sleep(20);
    throw new ReadEarly();
  }
}

class EarlyPolicies extends TypeOrmSlotPolicies {
  override async of(...asked: Parameters<SlotPolicies['of']>): Promise<SlotPolicy> {
    const read = early.getStore();
    if (read === undefined) return super.of(...asked);
    if (read.policy === undefined) {
      read.policy = await super.of(...asked);
      // Whoever changes the rules goes on meanwhile, also where units of work follow each other.
      await sleep(50);
    }
    return read.policy;
  }
}

/**
 * Goes through the work up to the reading of the agendas, outside any unit, and then through all of it inside one. Work
 * that reads no agenda fails there at its first write, since only a unit can write, and goes its usual way.
 */
class AgendaReadFirst extends Transactions {
  constructor(private readonly transactions: Transactions) {
    super();
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return early.run({}, async () => {
      try {
        return await work();
      } catch (error) {
        const inUnit = () => this.transactions.run(work);
        return await (error instanceof ReadEarly ? inUnit() : early.exit(inUnit));
      }
    });
  }
}
