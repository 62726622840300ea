import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Transactions } from '#libs/kernel/transactions.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Doctors } from '../../src/doctors/ports.js';
import { Users } from '../../src/identity/ports.js';
import { Patients } from '../../src/patients/ports.js';
import { Client } from '../support/client.js';
import { admitDoctor, admitPatient, aUser } from '../support/memory/people.js';
import { signIn } from '../support/sign-in.js';

/** Somebody with a profile of this id, signed in. */
export interface Member {
  id: string;
  userId: string;
  client: Client;
}

/** Brings many people in at once, beside the HTTP API: hashing their passwords would take longer than their race. */
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
    return this.#many(count, async () => this.#member(await admitPatient(this.#ports)));
  }

  /** In turn of each of these zones. */
  doctors(count: number, zones: readonly string[]): Promise<Member[]> {
    return this.#many(count, async (i) => {
      const timeZone = zones[i % zones.length]!;
      return this.#member(await admitDoctor(this.#ports, { timeZone }));
    });
  }

  async admin(): Promise<Client> {
    const user = aUser({ role: 'admin' });
    return this.#ports.transactions.run(async () => {
      await this.#ports.users.add(user);
      return this.#signIn(user.id);
    });
  }

  #many(count: number, bring: (index: number) => Promise<Member>): Promise<Member[]> {
    return this.#ports.transactions.run(async () => {
      const members: Member[] = [];
      for (let i = 0; i < count; i++) members.push(await bring(i));
      return members;
    });
  }

  async #member({ id, userId }: { id: string; userId: string }): Promise<Member> {
    return { id, userId, client: await this.#signIn(userId) };
  }

  async #signIn(userId: string): Promise<Client> {
    const app = this.apps[this.#signedIn++ % this.apps.length]!;
    return new Client(app).with(await signIn(this.apps[0], userId));
  }
}
