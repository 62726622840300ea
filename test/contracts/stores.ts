import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, inject } from 'vitest';
import type { DataSource } from 'typeorm';
import type { Transactions } from '#libs/kernel/transactions.js';
import { FifoQueue } from '#libs/persistence/fifo-queue.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { openReader, openWriter, writerOptions } from '../../src/database/data-source.js';
import { TypeOrmDoctorDirectory, TypeOrmDoctors } from '../../src/doctors/adapters/typeorm-doctors.js';
import type { DoctorDirectory, Doctors } from '../../src/doctors/ports.js';
import { KeyedFingerprints } from '../../src/identity/adapters/keyed-fingerprints.js';
import { SigningKeys } from '../../src/identity/adapters/signing-keys.js';
import { TypeOrmDiscardedPhotos } from '../../src/identity/adapters/typeorm-discarded-photos.js';
import { TypeOrmPasswordResets } from '../../src/identity/adapters/typeorm-password-resets.js';
import { TypeOrmSessions } from '../../src/identity/adapters/typeorm-sessions.js';
import { TypeOrmTryBudgets } from '../../src/identity/adapters/typeorm-try-budgets.js';
import { TypeOrmUsers } from '../../src/identity/adapters/typeorm-users.js';
import type {
  DiscardedPhotos,
  PasswordResets,
  Sessions,
  TryBudgets,
  Users,
} from '../../src/identity/ports.js';
import { TypeOrmLeases } from '../../src/jobs/adapters/typeorm-leases.js';
import type { Leases } from '../../src/jobs/ports.js';
import { TypeOrmPatientDirectory, TypeOrmPatients } from '../../src/patients/adapters/typeorm-patients.js';
import type { PatientDirectory, Patients } from '../../src/patients/ports.js';
import { TypeOrmAbsences } from '../../src/scheduling/adapters/typeorm-absences.js';
import { TypeOrmAgendas } from '../../src/scheduling/adapters/typeorm-agendas.js';
import { TypeOrmAppointments } from '../../src/scheduling/adapters/typeorm-appointments.js';
import { TypeOrmIdempotencyKeys } from '../../src/scheduling/adapters/typeorm-idempotency-keys.js';
import { TypeOrmSeriesRegister } from '../../src/scheduling/adapters/typeorm-series-register.js';
import { TypeOrmOverrides } from '../../src/scheduling/adapters/typeorm-overrides.js';
import { TypeOrmSlotPolicies } from '../../src/scheduling/adapters/typeorm-slot-policies.js';
import type {
  Absences,
  Agendas,
  Appointments,
  IdempotencyKeys,
  Overrides,
  SeriesRegister,
  SlotPolicies,
} from '../../src/scheduling/ports.js';
import { scratchFolder } from '../support/folders.js';
import { MemoryPorts } from '../support/memory/memory-ports.js';

/** The persistence ports of all modules, over one empty database. */
export interface OpenStore {
  transactions: Transactions;
  users: Users;
  sessions: Sessions;
  passwordResets: PasswordResets;
  discardedPhotos: DiscardedPhotos;
  doctors: Doctors;
  doctorDirectory: DoctorDirectory;
  patients: Patients;
  patientDirectory: PatientDirectory;
  appointments: Appointments;
  seriesRegister: SeriesRegister;
  agendas: Agendas;
  policies: SlotPolicies;
  overrides: Overrides;
  absences: Absences;
  idempotencyKeys: IdempotencyKeys;
  leases: Leases;
  budgets: TryBudgets;
  close(): Promise<void>;
}

export interface Store {
  name: string;
  /** There is no such server here; the run has said so. */
  skipped?: boolean;
  open: () => Promise<OpenStore>;
}

const memory: Store = {
  name: 'memory',
  async open() {
    return Object.assign(new MemoryPorts(), { close: async () => {} });
  },
};

const sqlite: Store = {
  name: 'SQLite',
  async open() {
    const folder = scratchFolder('contract');
    const file = join(folder, 'cybermed.db');
    copyFileSync(join(inject('templates'), 'empty.db'), file);
    const writer = await openWriter(await writerOptions({ kind: 'sqlite', file }));
    const reader = await openReader({ kind: 'sqlite', file });
    return {
      ...typeOrmPorts(new TypeOrmTransactions(writer, reader)),
      async close() {
        await reader.destroy();
        await writer.destroy();
        rmSync(folder, { recursive: true });
      },
    };
  },
};

/** One database a worker, migrated once and emptied for each test. */
function onServer(name: string, kind: 'postgres' | 'mysql'): Store {
  const url = inject(kind);
  const target = { kind, url: `${url}${process.env['VITEST_POOL_ID']}` };
  let opening: Promise<[DataSource, DataSource]> | undefined;
  const pool = 20;
  return {
    name,
    skipped: url === null,
    async open() {
      opening ??= Promise.all([writerOptions(target, pool).then(openWriter), openReader(target, pool)]);
      const [writer, reader] = await opening;
      await emptied(writer);
      const queue = new FifoQueue(2000, pool);
      return { ...typeOrmPorts(new TypeOrmTransactions(writer, reader, queue)), close: async () => {} };
    },
  };
}

/** But for the audit trail, which the database keeps. */
async function emptied(writer: DataSource): Promise<void> {
  const tables = writer.entityMetadatas
    .filter(({ tableName }) => !tableName.startsWith('audit_'))
    .map(({ tableName }) => writer.driver.escape(tableName));
  if (writer.options.type === 'postgres') {
    await writer.query(`TRUNCATE ${tables.join(', ')} CASCADE`);
    return;
  }
  const runner = writer.createQueryRunner();
  await runner.query('SET foreign_key_checks = 0');
  for (const table of tables) await runner.query(`DELETE FROM ${table}`);
  await runner.query('SET foreign_key_checks = 1');
  await runner.release();
}

function typeOrmPorts(transactions: TypeOrmTransactions) {
  return {
    transactions,
    users: new TypeOrmUsers(transactions),
    sessions: new TypeOrmSessions(transactions),
    passwordResets: new TypeOrmPasswordResets(transactions),
    discardedPhotos: new TypeOrmDiscardedPhotos(transactions),
    doctors: new TypeOrmDoctors(transactions),
    doctorDirectory: new TypeOrmDoctorDirectory(transactions),
    patients: new TypeOrmPatients(transactions),
    patientDirectory: new TypeOrmPatientDirectory(transactions),
    appointments: new TypeOrmAppointments(transactions),
    seriesRegister: new TypeOrmSeriesRegister(transactions),
    agendas: new TypeOrmAgendas(transactions),
    policies: new TypeOrmSlotPolicies(transactions),
    overrides: new TypeOrmOverrides(transactions),
    absences: new TypeOrmAbsences(transactions),
    idempotencyKeys: new TypeOrmIdempotencyKeys(
      transactions,
      new KeyedFingerprints(new SigningKeys('x'.repeat(32))),
    ),
    leases: new TypeOrmLeases(transactions),
    budgets: new TypeOrmTryBudgets(transactions),
  };
}

/** All that keep what the ports promise. A further database is one more entry. */
const STORES: readonly Store[] = [
  memory,
  sqlite,
  onServer('PostgreSQL', 'postgres'),
  onServer('MariaDB', 'mysql'),
];

/** Holds every store to the sentences of one port; each test has an empty store of its own. */
export function contract(port: string, sentences: (opened: () => OpenStore) => void): void {
  for (const { name, open, skipped = false } of STORES) {
    describe.skipIf(skipped)(`${port} (${name})`, () => {
      let store: OpenStore;
      beforeEach(async () => {
        store = await open();
      });
      afterEach(() => store.close());
      sentences(() => store);
    });
  }
}
