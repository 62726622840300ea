import { AbstractLogger } from 'typeorm';
import { expect, test } from 'vitest';
import { HOUR } from '#libs/kernel/clock.js';
import { UuidIds } from '#libs/nest/system.js';
import { TypeOrmDoctorDirectory, TypeOrmDoctors } from '../../src/doctors/adapters/typeorm-doctors.js';
import { TypeOrmPatientDirectory, TypeOrmPatients } from '../../src/patients/adapters/typeorm-patients.js';
import { DirectoryPeople } from '../../src/scheduling/adapters/directory-people.js';
import { TypeOrmAbsences } from '../../src/scheduling/adapters/typeorm-absences.js';
import { TypeOrmAppointments } from '../../src/scheduling/adapters/typeorm-appointments.js';
import { TypeOrmOverrides } from '../../src/scheduling/adapters/typeorm-overrides.js';
import { TypeOrmSlotPolicies } from '../../src/scheduling/adapters/typeorm-slot-policies.js';
import { addDays } from '../../src/scheduling/domain/calendar.js';
import { CareAccess } from '../../src/scheduling/domain/care.js';
import { TimeSlot } from '../../src/scheduling/domain/time-slot.js';
import { ListFirstFreeSlots } from '../../src/scheduling/use-cases/list-first-free-slots.js';
import { ListFreeSlots } from '../../src/scheduling/use-cases/list-free-slots.js';
import {
  at,
  BERLIN,
  booked,
  hours,
  MONDAY,
  NOON_BEFORE,
  slot,
  TUESDAY,
} from '../scheduling/domain/builders.js';
import { FixedClock } from '../support/app.js';
import { admitDoctor, admitPatient } from '../support/memory/people.js';
import { openDatabase } from './database-file.js';

/** Remembers the statements that a connection was given. */
class Statements extends AbstractLogger {
  all: string[] = [];

  override logQuery(query: string): void {
    this.all.push(query);
  }

  protected override writeLog(): void {}

  /** How often each table was read, by the table that a statement is about. */
  get byTable(): Record<string, number> {
    const tables = this.all.map((query) => /FROM "(\w+)"/.exec(query)?.[1] ?? query);
    return Object.fromEntries(
      [...new Set(tables)].map((table) => [table, tables.filter((one) => one === table).length]),
    );
  }
}

const ids = new UuidIds();

type Practice = Awaited<ReturnType<typeof openPractice>>;

/** Doctors of one specialty, each with rules, an override and an absence of their own, and a patient who asks. */
async function openPractice(count: number) {
  const { transactions, users, reader, writer } = await openDatabase();
  const stored = {
    transactions,
    users,
    doctors: new TypeOrmDoctors(transactions),
    patients: new TypeOrmPatients(transactions),
  };
  const policies = new TypeOrmSlotPolicies(transactions);
  const appointments = new TypeOrmAppointments(transactions);
  const people = new DirectoryPeople(
    new TypeOrmDoctorDirectory(transactions),
    new TypeOrmPatientDirectory(transactions),
  );
  const doctors: string[] = [];
  for (let i = 0; i < count; i++) {
    const { id: doctor } = await admitDoctor(stored);
    const { rules } = await policies.of(doctor, BERLIN);
    await transactions.run(async () => {
      await policies.keep(doctor, { ...rules, gridMinutes: 15, dailyMaximum: 40 }, 1);
      await new TypeOrmOverrides(transactions).put(doctor, { date: TUESDAY, hours: hours('10:00–12:00') });
      await new TypeOrmAbsences(transactions).add({
        id: ids.next(),
        doctor,
        slot: slot('12:00', '13:00'),
        timeZone: BERLIN.name,
        wholeDays: false,
        reason: null,
      });
    });
    doctors.push(doctor);
  }
  const { id: regular } = await admitPatient(stored);
  const { userId } = await admitPatient(stored);
  const use = [appointments, policies, people, new CareAccess(365), new FixedClock(NOON_BEFORE)] as const;
  return {
    doctors,
    regular,
    connections: [reader, writer],
    appointments,
    transactions,
    actor: { role: 'patient' as const, userId, sessionId: 'session' },
    listFreeSlots: new ListFreeSlots(...use),
    listFirstFreeSlots: new ListFirstFreeSlots(...use),
  };
}

/** Visits of another patient with the doctor, on every second hour from Monday on. */
async function fill({ appointments, transactions, regular }: Practice, doctor: string, count: number) {
  await transactions.run(async () => {
    for (let i = 0; i < count; i++) {
      const when = TimeSlot.lasting(at('08:00') + i * 2 * HOUR, 15);
      await appointments.add(booked({ id: ids.next(), doctor, patient: regular, slot: when }));
    }
  });
}

/** How often each table is read by what the work asks of the database. */
async function readsOf({ connections }: Practice, work: () => Promise<unknown>): Promise<object> {
  const statements = new Statements();
  const loggers = connections.map(({ logger }) => logger);
  for (const connection of connections) connection.logger = statements;
  await work();
  for (const [i, connection] of connections.entries()) connection.logger = loggers[i]!;
  return statements.byTable;
}

const ONCE_EACH = {
  doctors: 1,
  patients: 1,
  slot_policies: 1,
  slot_overrides: 1,
  appointments: 1,
  absences: 1,
};

test('the free slots of a doctor are read by one query a table, whatever the days and the appointments', async () => {
  const practice = await openPractice(1);
  const doctor = practice.doctors[0]!;
  const found: number[] = [];
  const list = (days: number) => async () => {
    const to = addDays(MONDAY, days - 1);
    const { results } = await practice.listFreeSlots.execute({
      actor: practice.actor,
      doctor,
      from: MONDAY,
      to,
    });
    found.push(results.length);
  };
  for (const days of [1, 62]) expect(await readsOf(practice, list(days))).toEqual(ONCE_EACH);
  await fill(practice, doctor, 600);
  for (const days of [1, 62]) expect(await readsOf(practice, list(days))).toEqual(ONCE_EACH);
  const [day, all] = found;
  expect([day! > 0, all! > day!, found[3]! < all!]).toEqual([true, true, true]);
});

test.each([2, 50])('the first free slots of %i doctors are read by one query a table', async (count) => {
  const practice = await openPractice(count);
  await fill(practice, practice.doctors[0]!, 20);
  let offered = 0;
  const list = async (): Promise<void> => {
    const results = await practice.listFirstFreeSlots.execute({
      actor: practice.actor,
      specialty: 'Cardiology',
      from: MONDAY,
      limit: 100,
    });
    offered = new Set(results.map(({ doctor }) => doctor)).size;
  };
  expect(await readsOf(practice, list)).toEqual(ONCE_EACH);
  expect(offered).toBe(count);
});

test('control: asked one by one, the doctors cost a query a table each', async () => {
  const practice = await openPractice(2);
  const one = (doctor: string) => practice.listFreeSlots.execute({ actor: practice.actor, doctor });
  const reads = await readsOf(practice, () => Promise.all(practice.doctors.map(one)));
  expect(reads).toEqual(Object.fromEntries(Object.keys(ONCE_EACH).map((table) => [table, 2])));
});
