import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR } from '#libs/kernel/clock.js';
import { InvalidCredentials, WeakPassword, WrongPassword } from '../../src/identity/domain/errors.js';
import type { User } from '../../src/identity/domain/user.js';
import type { TokenPair } from '../../src/identity/use-cases/log-in.js';
import { Accounts, claimsOf, NOW, PASSWORD, SOMEWHERE } from './accounts.js';

const NEXT = 'nine clouds over the lake';

let accounts: Accounts;
let ada: User;
beforeEach(async () => {
  accounts = new Accounts();
  ada = await accounts.register({ email: 'ada@example.org' });
});

const logIn = (password = PASSWORD) =>
  accounts.logIn.execute({ email: 'ada@example.org', password, ...SOMEWHERE });
const actorOf = async ({ access }: TokenPair) => {
  const { sub, sid } = claimsOf(access);
  return accounts.authenticate.execute({ userId: sub, sessionId: sid });
};
const change = async (pair: TokenPair, currentPassword: string, newPassword: string) =>
  accounts.changePassword.execute({ actor: (await actorOf(pair))!, currentPassword, newPassword });

describe('a new account', () => {
  test.each([
    ['a common password', 'password1234'],
    ['its own email', 'ada@example.org'],
    ['its own name', 'ada newman ada'],
  ])('with %s is refused, with the place', async (_, password) => {
    const refused = accounts.register({ email: 'b@example.org', password });
    await expect(refused).rejects.toBeInstanceOf(WeakPassword);
    await expect(refused).rejects.toMatchObject({ details: { errors: [{ pointer: '/password' }] } });
    expect(await accounts.users.findByEmail('b@example.org')).toBeUndefined();
  });
});

describe('changing the password', () => {
  test('lets the new one in and not the old one, and ends all other sessions', async () => {
    const [here, there] = [await logIn(), await logIn()];
    await change(here, PASSWORD, NEXT);
    await expect(logIn(PASSWORD)).rejects.toBeInstanceOf(InvalidCredentials);
    expect(await actorOf(await logIn(NEXT))).toMatchObject({ userId: ada.id });
    expect(await actorOf(here)).toBeDefined();
    expect(await actorOf(there)).toBeUndefined();
  });

  test('needs the present one', async () => {
    const [here, there] = [await logIn(), await logIn()];
    const refused = change(here, 'another tree in the wind', NEXT);
    await expect(refused).rejects.toMatchObject({ details: { errors: [{ pointer: '/current_password' }] } });
    await expect(refused).rejects.toBeInstanceOf(WrongPassword);
    expect(await accounts.users.find(ada.id)).toMatchObject({ passwordHash: ada.passwordHash });
    expect(await actorOf(there)).toBeDefined();
  });

  test('to a weak one is refused', async () => {
    const refused = change(await logIn(), PASSWORD, 'sunshine1990');
    await expect(refused).rejects.toMatchObject({ details: { errors: [{ pointer: '/new_password' }] } });
    expect(await accounts.users.find(ada.id)).toMatchObject({ passwordHash: ada.passwordHash });
  });

  test('twice at once happens once', async () => {
    const [here, there] = [await logIn(), await logIn()];
    const changes = [change(here, PASSWORD, NEXT), change(there, PASSWORD, 'ten clouds over the lake')];
    const settled = await Promise.allSettled(changes);
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const signedIn = await Promise.all([actorOf(here), actorOf(there)]);
    expect(signedIn.filter((actor) => actor !== undefined)).toHaveLength(1);
  });
});

describe('a login', () => {
  test('is noted on the user', async () => {
    expect(ada.lastLoginAt).toBeNull();
    accounts.clock.set(NOW + HOUR);
    await logIn();
    expect(await accounts.users.find(ada.id)).toMatchObject({ lastLoginAt: NOW + HOUR });
  });

  /** Something that happens while the password is compared. */
  function meanwhile(work: () => Promise<unknown>): void {
    const verify = accounts.hasher.verify.bind(accounts.hasher);
    accounts.hasher.verify = async (...args) => {
      const matches = await verify(...args);
      await work();
      return matches;
    };
  }

  test('that races a change of the password loses', async () => {
    meanwhile(() =>
      accounts.transactions.run(() => accounts.users.changePassword(ada, 'another hash').then(() => {})),
    );
    await expect(logIn()).rejects.toBeInstanceOf(InvalidCredentials);
    expect(accounts.transactions.rows.sessions.size).toBe(0);
  });

  test('that races a deactivation loses', async () => {
    meanwhile(() => accounts.deactivate(ada));
    await expect(logIn()).rejects.toBeInstanceOf(InvalidCredentials);
    expect(accounts.transactions.rows.sessions.size).toBe(0);
  });

  test('keeps a hash of the present parameters', async () => {
    const outdated = await accounts.hasher.outdatedHash(PASSWORD);
    await accounts.transactions.run(() => accounts.users.changePassword(ada, outdated));
    await logIn();
    const { passwordHash } = (await accounts.users.find(ada.id))!;
    expect(passwordHash).toBe(await accounts.hasher.hash(PASSWORD));
    await logIn();
  });
});
