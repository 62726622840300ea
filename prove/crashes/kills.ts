import { setTimeout as sleep } from 'node:timers/promises';
import { ownServer, type OwnServer } from '../../test/support/servers.js';
import { faultsIn } from '../support/checks.js';
import { Client } from '../support/client.js';
import { Clinic } from '../support/clinic.js';
import { freshDatabase, type DatabaseKind, type ProofDatabase } from '../support/databases.js';
import { atEnd } from '../support/endings.js';
import { AppNode } from '../support/nodes.js';
import { corruptionIn } from './corruption.js';
import { Ledger } from './ledger.js';
import { Load } from './load.js';

/** Milliseconds of load before a kill. */
const SHORTEST = 100;
const LONGEST = 800;

export interface Killed {
  app: number;
  server: number;
  acknowledged: number;
  /** Milliseconds from the start of what was killed until the application is ready, ascending. */
  readiness: number[];
  faults: string[];
}

interface Course {
  kind: DatabaseKind;
  kills: number;
  /** A control: another program than the product, whose process alone is killed. */
  entry?: string;
}

/** SIGKILL at random moments under load, and after each what is there; ends at the first fault. */
export async function killUnderLoad(course: Course): Promise<Killed | undefined> {
  const server = course.kind === 'sqlite' ? undefined : await ownServer(course.kind);
  if (course.kind !== 'sqlite' && server === undefined) return undefined;
  if (server !== undefined) atEnd(() => server.stop());
  const database = (await freshDatabase(course.kind, server))!;
  try {
    return await new KillsUnderLoad(course, database, server).run();
  } finally {
    await database.drop();
    server?.stop();
  }
}

class KillsUnderLoad {
  readonly #ledger = new Ledger();
  readonly #killed: Killed = { app: 0, server: 0, acknowledged: 0, readiness: [], faults: [] };

  constructor(
    private readonly course: Course,
    private readonly database: ProofDatabase,
    private readonly server: OwnServer | undefined,
  ) {}

  async run(): Promise<Killed> {
    // A control is the product until people are there.
    let app = await AppNode.start({ database: this.database.url });
    const client = new Client(app.url);
    const clinic = new Clinic(client);
    const [doctors, patients] = [await clinic.doctors(8), await clinic.patients(40)];
    if (this.course.entry !== undefined) {
      await app.stop();
      app = await this.#startAgain(app);
    }
    const load = new Load(client, doctors, patients, this.#ledger);
    const { faults, readiness } = this.#killed;
    if (app.stderr.includes('may lose')) faults.push(`the server is not durable: ${app.stderr}`);
    try {
      for (let kill = 1; kill <= this.course.kills && faults.length === 0; kill++) {
        await this.#someLoad();
        const victim = this.#victim(app, kill);
        await victim.kill();
        const began = performance.now();
        if (victim === app) app = await this.#startAgain(app);
        else await this.#startServer(app, client);
        readiness.push(performance.now() - began);
        faults.push(...(await this.#faults(load)));
        if (!app.isAlive) faults.push('the application died with its server');
        if (faults.length > 0) faults.push(JSON.stringify([...client.counts]), app.stderr.slice(-2000));
        if (kill % 20 === 0) this.#sayHowFar(kill);
      }
      if (faults.length === 0) {
        await load.end();
        faults.push(...(await this.#faults(load)), ...(await this.#strangers()));
        if (faults.length > 0) faults.push(JSON.stringify([...client.counts]), app.stderr.slice(-2000));
      }
    } finally {
      void load.end();
      await app.kill();
      client.close();
    }
    readiness.sort((a, b) => a - b);
    this.#killed.acknowledged = this.#ledger.answers;
    return this.#killed;
  }

  async #someLoad(): Promise<void> {
    const before = this.#ledger.answers;
    await sleep(SHORTEST + Math.random() * (LONGEST - SHORTEST));
    while (this.#ledger.answers === before) await sleep(10);
  }

  /** Every second kill hits the database server, where there is one. */
  #victim(app: AppNode, kill: number): AppNode | OwnServer {
    const victim = this.course.entry === undefined && kill % 2 === 0 ? (this.server ?? app) : app;
    this.#killed[victim === app ? 'app' : 'server']++;
    return victim;
  }

  #startAgain({ port }: AppNode): Promise<AppNode> {
    const { entry } = this.course;
    return AppNode.start({ database: this.database.url, port, ...(entry !== undefined && { entry }) });
  }

  async #startServer(app: AppNode, client: Client): Promise<void> {
    await this.server!.start();
    while (app.isAlive && (await client.get('/health/ready/')).status !== 200) await sleep(10);
  }

  async #faults(load: Load): Promise<string[]> {
    const lost = await this.#ledger.lostIn(this.database);
    return [
      ...lost.map((id) => `acknowledged and lost: appointment ${id}`),
      ...(await faultsIn(this.database)),
      ...(await corruptionIn(this.database)),
      ...load.faults,
    ];
  }

  /** Appointments beyond those that the clients, whose every request is answered now, know of. */
  async #strangers(): Promise<string[]> {
    const [row] = await this.database.query<{ kept: number }>('SELECT COUNT(*) AS kept FROM appointments');
    const { booked } = this.#ledger;
    return row!.kept === booked
      ? []
      : [`${row!.kept} appointments are there, and ${booked} requests made one`];
  }

  #sayHowFar(kill: number): void {
    const slowest = Math.round(Math.max(...this.#killed.readiness));
    console.log(
      `${this.course.kind}: ${kill} kills, ${this.#ledger.answers} acknowledged, none lost, ready again in ${slowest} ms at most`,
    );
  }
}
