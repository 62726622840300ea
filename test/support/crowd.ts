import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Transactions } from '#libs/kernel/transactions.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Doctors } from '../../src/doctors/ports.js';
import { Users } from '../../src/identity/ports.js';
import { Patients } from '../../src/patients/ports.js';
import { Client } from './client.js';
import type { Member } from './clinic.js';
import { admitDoctor, admitPatient, aUser } from './memory/people.js';
import { signIn } from './sign-in.js';

/** Brings people in beside the HTTP API, as many at once as a test wants: through it they would take longer than the test. */
export class Crowd {
  readonly #ports: {
    transactions: Transactions;
    users: Users;
    doctors: Doctors;
    patients: Patients;
  };
  #signedIn = 0;

  /** Each person speaks to one of the applications, which share a database. */
  constructor(private readonly apps: readonly [NestFastifyApplication, ...NestFastifyApplication[]]) {
    const [app] = apps;
    const port = { strict: false };
    this.#ports = {
      transactions: app.get(TypeOrmTransactions, port),
      users: app.get(Users, port),
      doctors: app.get(Doctors, port),
      patients: app.get(Patients, port),
    };
  }

  patients(count: number): Promise<Member[]> {
    return this.#many(count, (user) => admitPatient(this.#ports, {}, user));
  }

  /** In turn of each of these zones. */
  doctors(count: number, zones: readonly string[]): Promise<Member[]> {
    return this.#many(count, (user, i) =>
      admitDoctor(this.#ports, { timeZone: zones[i % zones.length]! }, user),
    );
  }

  async patient(): Promise<Member> {
    return (await this.patients(1))[0]!;
  }

  async doctor(zone: string): Promise<Member> {
    return (await this.doctors(1, [zone]))[0]!;
  }

  async admin(): Promise<Client> {
    const user = aUser({ role: 'admin' });
    return this.#ports.transactions.run(async () => {
      await this.#ports.users.add(user);
      return this.#signIn(user.id);
    });
  }

  #many(
    count: number,
    admit: (user: { id: string; email: string }, index: number) => Promise<{ id: string }>,
  ): Promise<Member[]> {
    return this.#ports.transactions.run(async () => {
      const members: Member[] = [];
      for (let i = 0; i < count; i++) {
        const { id: user, email } = aUser();
        const { id } = await admit({ id: user, email }, i);
        members.push({ id, user, email, client: await this.#signIn(user) });
      }
      return members;
    });
  }

  async #signIn(userId: string): Promise<Client> {
    const app = this.apps[this.#signedIn++ % this.apps.length]!;
    return new Client(app).with(await signIn(this.apps[0], userId));
  }
}
