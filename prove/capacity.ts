import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Client, type Answer } from './support/client.js';
import { Clinic, type Member } from './support/clinic.js';
import { databaseKinds, freshDatabase, type ProofDatabase } from './support/databases.js';
import { AppNode } from './support/nodes.js';

const DOCTORS = 40;
/** More than doctors, so that no two doctors see one patient at the same time. */
const PATIENTS = 60;
const TABLES = [
  'appointments',
  'appointment_history',
  'occupied_time',
  'idempotency_keys',
  'agendas',
  'audit_records',
  'audit_unsealed',
  'audit_batches',
  'audit_members',
];

/** Of /proc: a hundred ticks a second on every Linux of today. */
const MILLISECONDS_PER_TICK = 10;

type Ask = (turn: number) => Promise<Answer>;

/**
 * `capacity [--databases sqlite,postgres] [--nodes 1] [--seconds 5] [--bookings 2000] [--connections 16]`
 *
 * What nodes do on this machine, and what an appointment costs the database. These are figures, not a promise: it fails
 * only when an answer is not the one that was asked for. The load comes from the same machine and takes its share of
 * it, so the processor's time is the steadier figure. It is read from /proc, which only Linux has.
 */
export async function prove(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      databases: { type: 'string', default: 'sqlite,postgres' },
      nodes: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '5' },
      bookings: { type: 'string', default: '2000' },
      connections: { type: 'string', default: '16' },
    },
  });
  for (const kind of databaseKinds(values.databases)) {
    const database = await freshDatabase(kind);
    if (database === undefined) {
      console.log(`${kind}: no server is named and none can be started`);
      continue;
    }
    const nodes = await startNodes(Number(values.nodes), database);
    console.log(`\n${kind}, nodes: ${nodes.length}, connections: ${values.connections}`);
    try {
      await measureAll(new Load(nodes, Number(values.connections)), database, {
        milliseconds: Number(values.seconds) * 1000,
        bookings: Number(values.bookings),
      });
    } finally {
      await Promise.all(nodes.map((node) => node.stop()));
      await database.drop();
    }
  }
}

function startNodes(count: number, database: ProofDatabase): Promise<AppNode[]> {
  const start = () => AppNode.start({ database: database.url, env: { LOG_LEVEL: 'info' } });
  return Promise.all(Array.from({ length: count }, start));
}

interface Amount {
  milliseconds: number;
  bookings: number;
}

async function measureAll(
  load: Load,
  database: ProofDatabase,
  { milliseconds, bookings }: Amount,
): Promise<void> {
  const clinic = new Clinic(load.client(0));
  const doctors = await clinic.doctors(DOCTORS);
  const patients = await clinic.patients(PATIENTS);
  const free = await freeTimes(load.client(0), doctors[0]!, patients[0]!);
  const patientAt = (turn: number) => patients[turn % PATIENTS]!;
  const token = (member: Member) => member.token(load.client(0));

  await load.during(milliseconds, 'answer without the database', (turn) =>
    load.client(turn).get('/health/live/'),
  );
  await load.during(milliseconds, 'log in', (turn) =>
    load.client(turn).post('/api/auth/login/', {
      email: patientAt(turn).email,
      password: 'a tree in the wind',
    }),
  );
  await load.during(milliseconds, 'list the slots of 14 days', async (turn) =>
    load.client(turn).get(`/api/doctors/${doctors[turn % DOCTORS]!.id}/slots/`, await token(patientAt(turn))),
  );

  const before = await storage(database);
  const booked: { id: string; doctor: Member }[] = [];
  await load.times(Math.min(bookings, DOCTORS * free.length), 'book', async (turn) => {
    const doctor = doctors[turn % DOCTORS]!;
    const nth = Math.floor(turn / DOCTORS);
    const patient = patientAt((turn % DOCTORS) + nth);
    const answer = await load.client(turn).send({
      path: '/api/appointments/',
      body: { doctor: doctor.id, ...free[nth] },
      token: await token(patient),
      headers: { 'idempotency-key': `capacity-${String(turn).padStart(8, '0')}` },
    });
    booked.push({ id: answer.body.id!, doctor });
    return answer;
  });
  await load.times(booked.length, 'confirm', async (turn) => {
    const { id, doctor } = booked[turn]!;
    return load.client(turn).post(`/api/appointments/${id}/confirm/`, {}, await token(doctor));
  });
  await load.during(milliseconds, 'list 50 own appointments', async (turn) =>
    load.client(turn).get('/api/appointments/', await token(doctors[turn % DOCTORS]!)),
  );
  console.log(`memory of a node: ${load.memory()} MiB`);
  report(before, await storage(database), booked.length);
  load.close();
}

/** Times that every doctor has free, since all have the default hours. */
async function freeTimes(client: Client, doctor: Member, patient: Member): Promise<object[]> {
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const { body } = await client.get(
    `/api/doctors/${doctor.id}/slots/?date_from=${day(7)}&date_to=${day(62)}`,
    await patient.token(client),
  );
  return body.results!.map(({ date, time }) => ({ date, time }));
}

/** Asks the nodes in turn, over a fixed number of connections, each of which waits for its answer. */
class Load {
  readonly #clients: Client[];

  constructor(
    private readonly nodes: AppNode[],
    private readonly connections: number,
  ) {
    this.#clients = nodes.map(({ url }) => new Client(url, connections));
  }

  client(turn: number): Client {
    return this.#clients[turn % this.#clients.length]!;
  }

  during(milliseconds: number, what: string, ask: Ask): Promise<void> {
    const end = performance.now() + milliseconds;
    return this.#measure(what, ask, () => performance.now() < end);
  }

  times(count: number, what: string, ask: Ask): Promise<void> {
    return this.#measure(what, ask, (turn) => turn < count);
  }

  /** Of the first node, in MiB. */
  memory(): number {
    const status = readFileSync(`/proc/${this.nodes[0]!.pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024);
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  async #measure(what: string, ask: Ask, goesOn: (turn: number) => boolean): Promise<void> {
    const took: number[] = [];
    const cpuBefore = this.#cpu();
    const began = performance.now();
    let next = 0;
    const askOneAfterAnother = async () => {
      for (let turn = next++; goesOn(turn); turn = next++) {
        const { status, body, milliseconds } = await ask(turn);
        if (status >= 300) throw new Error(`${what}: ${status} ${JSON.stringify(body)}`);
        took.push(milliseconds);
      }
    };
    await Promise.all(Array.from({ length: this.connections }, askOneAfterAnother));
    const seconds = (performance.now() - began) / 1000;
    const cpu = (this.#cpu() - cpuBefore) / took.length;
    took.sort((one, other) => one - other);
    const at = (share: number) => took[Math.floor((took.length - 1) * share)]!.toFixed(1);
    console.log(
      `${what.padEnd(28)} ${(took.length / seconds).toFixed(0).padStart(6)} /s` +
        `   half within ${at(0.5).padStart(6)} ms   99 % within ${at(0.99).padStart(6)} ms` +
        `   CPU of the nodes ${cpu.toFixed(2)} ms each`,
    );
  }

  /** Milliseconds of processor that the nodes have used since they started. */
  #cpu(): number {
    return this.nodes.reduce((sum, { pid }) => {
      const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15);
      return sum + (Number(user) + Number(system)) * MILLISECONDS_PER_TICK;
    }, 0);
  }
}

interface Storage {
  rows: Record<string, number>;
  bytes: Record<string, number>;
  /** Written to the log of PostgreSQL, by all of its databases. */
  log?: number;
}

const BYTES = {
  sqlite: `SELECT m.tbl_name AS name, SUM(s.pgsize) AS bytes
    FROM dbstat s JOIN sqlite_master m ON m.name = s.name GROUP BY m.tbl_name`,
  postgres: `SELECT relname AS name, pg_total_relation_size(relid) AS bytes FROM pg_stat_user_tables`,
  mysql: `SELECT name, SUM(file_size) AS bytes FROM (
      SELECT SUBSTRING_INDEX(name, '/', -1) AS name, file_size FROM information_schema.innodb_sys_tablespaces
      WHERE name LIKE CONCAT(DATABASE(), '/%')) files GROUP BY name`,
};

async function storage(database: ProofDatabase): Promise<Storage> {
  const rows: Record<string, number> = {};
  for (const table of TABLES) {
    const [row] = await database.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`);
    rows[table] = row!.n;
  }
  const sizes = await database.query<{ name: string; bytes: number }>(BYTES[database.kind]);
  const bytes = Object.fromEntries(sizes.map(({ name, bytes: size }) => [name, size]));
  if (database.kind !== 'postgres') return { rows, bytes };
  const [at] = await database.query<{ log: number }>(
    `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint AS log`,
  );
  return { rows, bytes, log: at!.log };
}

function report(before: Storage, after: Storage, appointments: number): void {
  console.log(`one appointment, booked and confirmed, of ${appointments}:`);
  let total = 0;
  for (const table of TABLES) {
    const rows = (after.rows[table]! - before.rows[table]!) / appointments;
    const bytes = (after.bytes[table]! - before.bytes[table]!) / appointments;
    total += bytes;
    console.log(
      `  ${table.padEnd(20)} ${rows.toFixed(2).padStart(6)} rows ${bytes.toFixed(0).padStart(6)} bytes`,
    );
  }
  console.log(
    `  ${'together'.padEnd(20)} ${''.padStart(11)} ${total.toFixed(0).padStart(6)} bytes with indexes`,
  );
  if (before.log !== undefined && after.log !== undefined) {
    console.log(`  log of PostgreSQL ${((after.log - before.log) / appointments).toFixed(0)} bytes`);
  }
}
