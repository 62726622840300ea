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
import type { Hold } from './hold.js';

/** Layers against double booking, by what is left of them. */
export interface Protection {
  wire: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  prepare?: (app: NestFastifyApplication) => Promise<void>;
}

export const POLICY_LOCK_AND_KEY: Protection = {
  wire: (builder) => withAppointments(builder, (transactions) => new SlowAppointments(transactions)),
};

export const POLICY_AND_LOCK: Protection = { ...POLICY_LOCK_AND_KEY, prepare: dropKey };

export const KEY_ALONE: Protection = {
  wire: (builder) =>
    withoutLock(withAppointments(builder, (transactions) => new BlindAppointments(transactions))),
};

/** Nothing at all is asked. */
export const NONE: Protection = { wire: KEY_ALONE.wire, prepare: dropKey };

/** What most booking systems do: look, then write. */
export const POLICY_ALONE: Protection = {
  // Long enough for others to begin, who are let in one by one.
  wire: (builder) => withAgendaReadFirst(builder, () => sleep(20)),
  prepare: dropKey,
};

/** The doctor's rules too are read before, and are others by the time of the write. */
export function rulesReadBefore(hold: Hold): Protection {
  return {
    wire: (builder) =>
      withAgendaReadFirst(builder, () => hold.here())
        .overrideProvider(SlotPolicies)
        .useFactory({
          inject: [TypeOrmTransactions],
          factory: (transactions: TypeOrmTransactions) => new EarlyPolicies(transactions),
        }),
  };
}

/** Nothing makes a change of rules and a booking follow each other. */
export function rulesWithoutLock(hold: Hold): Protection {
  return {
    wire: (builder) =>
      withoutLock(withAppointments(builder, (transactions) => new HeldAppointments(transactions, hold))),
  };
}

function withAgendaReadFirst(
  builder: TestingModuleBuilder,
  meanwhile: () => Promise<unknown>,
): TestingModuleBuilder {
  const early = (transactions: TypeOrmTransactions) => new EarlyAppointments(transactions, meanwhile);
  return withoutLock(withAppointments(builder, early))
    .overrideProvider(Transactions)
    .useFactory({
      inject: [TypeOrmTransactions],
      factory: (transactions: TypeOrmTransactions) => new AgendaReadFirst(transactions),
    });
}

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
  factory: (transactions: TypeOrmTransactions) => Appointments,
): TestingModuleBuilder {
  return builder.overrideProvider(Appointments).useFactory({ inject: [TypeOrmTransactions], factory });
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

/** Lets whoever changes the rules do so once the agenda of a patient who books has been read. */
class HeldAppointments extends TypeOrmAppointments {
  constructor(
    transactions: TypeOrmTransactions,
    private readonly hold: Hold,
  ) {
    super(transactions);
  }

  override async busy(...asked: Parameters<Appointments['busy']>): Promise<Busy> {
    const busy = await super.busy(...asked);
    await this.hold.here();
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
  constructor(
    transactions: TypeOrmTransactions,
    private readonly meanwhile: () => Promise<unknown>,
  ) {
    super(transactions);
  }

  override async busy(...asked: Parameters<Appointments['busy']>): Promise<Busy> {
    const read = early.getStore();
    if (read === undefined) return super.busy(...asked);
    if (read.busy !== undefined) return read.busy;
    read.busy = await super.busy(...asked);
    await this.meanwhile();
    throw new ReadEarly();
  }
}

class EarlyPolicies extends TypeOrmSlotPolicies {
  override async of(...asked: Parameters<SlotPolicies['of']>): Promise<SlotPolicy> {
    const read = early.getStore();
    if (read === undefined) return super.of(...asked);
    return (read.policy ??= await super.of(...asked));
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
