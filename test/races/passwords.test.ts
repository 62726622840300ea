import { setTimeout as sleep } from 'node:timers/promises';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { expect, onTestFinished, test } from 'vitest';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { TypeOrmUsers } from '../../src/identity/adapters/typeorm-users.js';
import { PasswordHasher, Users } from '../../src/identity/index.js';
import { startApp } from '../support/app.js';
import { Clinic, PASSWORD } from '../support/clinic.js';
import { onEachDatabase, type DatabaseKind } from '../support/databases.js';
import { PlainPasswordHasher } from '../support/memory/plain-password-hasher.js';

/** No more than an account has tries, since each takes one while its password is compared. */
const LOGINS = 8;
const TIMEOUT = 60_000;

type Wire = (builder: TestingModuleBuilder) => TestingModuleBuilder;

/** Holds logins that have compared the password, until it lets them go on. */
class HeldPasswordHasher extends PlainPasswordHasher {
  readonly #held: (() => void)[] = [];
  #left = 0;

  /** Holds the next so many, and answers when they are all there. */
  async hold(count: number): Promise<void> {
    this.#left = count;
    while (this.#held.length < count) await sleep(1);
  }

  letGo(count: number): void {
    for (const goOn of this.#held.splice(0, count)) goOn();
  }

  override async verify(hash: string | undefined, password: string): Promise<boolean> {
    const matches = await super.verify(hash, password);
    if (this.#left-- > 0) await new Promise<void>((goOn) => this.#held.push(goOn));
    return matches;
  }
}

/** Notes a login whatever became of the password meanwhile. */
class HeedlessUsers extends TypeOrmUsers {
  override async recordLogin(): Promise<boolean> {
    return true;
  }
}

const heedless: Wire = (builder) =>
  builder.overrideProvider(Users).useFactory({
    factory: (transactions: TypeOrmTransactions) => new HeedlessUsers(transactions),
    inject: [TypeOrmTransactions],
  });

/** How many of many logins with the old password, at two nodes, are still signed in when it has been changed at one of them. */
async function signedInAfterChange(
  database: DatabaseKind,
  wire: Wire = (builder) => builder,
): Promise<number> {
  const hasher = new HeldPasswordHasher();
  const held: Wire = (builder) => wire(builder.overrideProvider(PasswordHasher).useValue(hasher));
  const one = await startApp({ database, wire: held });
  onTestFinished(() => one.close());
  const other = await startApp({ wire: held, env: { DATABASE_URL: one.url } });
  onTestFinished(() => other.close());
  const [here, there] = [new Clinic(one.app), new Clinic(other.app)];
  const { client, email } = await here.user('patient');
  const isHeld = hasher.hold(LOGINS);
  const logins = Array.from({ length: LOGINS }, async (_, i) => {
    const node = i % 2 ? here : there;
    const { status, body } = await node.anyone.post('/api/auth/login/', { email, password: PASSWORD });
    return status === 200 ? node.anyone.with(body.access as string) : undefined;
  });
  await isHeld;
  const body = { current_password: PASSWORD, new_password: 'nine clouds over the lake' };
  const changed = client.post('/api/auth/password/change/', body);
  // Some race the change; to the others it has happened.
  hasher.letGo(LOGINS / 2);
  expect((await changed).status).toBe(204);
  hasher.letGo(LOGINS / 2);
  const opened = (await Promise.all(logins)).filter((login) => login !== undefined);
  const statuses = await Promise.all(opened.map(async (login) => (await login.get('/api/auth/me/')).status));
  return statuses.filter((status) => status === 200).length;
}

onEachDatabase('Logging in while the password is changed', (database) => {
  test('leaves nobody signed in who used the old one', { timeout: TIMEOUT }, async () => {
    expect(await signedInAfterChange(database)).toBe(0);
  });

  test(
    'leaves some where a login is not held against the password (control)',
    { timeout: TIMEOUT },
    async () => {
      expect(await signedInAfterChange(database, heedless)).toBeGreaterThan(0);
    },
  );
});
