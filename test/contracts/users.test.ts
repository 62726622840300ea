import { expect, test } from 'vitest';
import { EmailTaken } from '../../src/identity/domain/errors.js';
import type { User } from '../../src/identity/domain/user.js';
import { aUser } from '../support/memory/people.js';
import { contract } from './stores.js';

const LATER = Date.parse('2030-01-07T12:34:56.789Z');

contract('Users', (opened) => {
  test('an account is deactivated and activated, and nothing else changes', async () => {
    const { transactions, users } = opened();
    const [user, other] = [aUser(), aUser()];
    await transactions.run(async () => {
      await users.add(user);
      await users.add(other);
      await users.setActive(user.id, false);
    });
    expect(await users.find(user.id)).toEqual({ ...user, active: false });
    expect(await users.find(other.id)).toEqual(other);
    await transactions.run(() => users.setActive(user.id, true));
    expect(await users.find(user.id)).toEqual(user);
  });

  test('an account is closed once, by its hash: what is known of its person is gone, and it stays so', async () => {
    const { transactions, users } = opened();
    const [ada, ben] = [aUser({ gender: 'female', lastLoginAt: LATER }), aUser({ firstName: 'Ben' })];
    const closing = (user: User, keepsNames: boolean) => {
      const closed = { email: `${user.id}@closed.invalid`, passwordHash: 'gone', at: LATER, keepsNames };
      return transactions.run(() => users.close(user, closed));
    };
    await transactions.run(async () => {
      await users.add(ada);
      await users.add(ben);
    });
    expect(await closing({ ...ada, passwordHash: 'another' }, false)).toBe(false);
    expect([await closing(ada, false), await closing(ben, true)]).toEqual([true, true]);
    expect(await closing(ada, false)).toBe(false);
    const gone = { gender: null, lastLoginAt: null, active: false, passwordHash: 'gone', closedAt: LATER };
    expect(await users.find(ada.id)).toMatchObject({ ...gone, firstName: '', lastName: '' });
    expect(await users.find(ben.id)).toMatchObject({ ...gone, firstName: 'Ben' });
    expect(await users.findByEmail(ada.email)).toBeUndefined();
    await transactions.run(async () => {
      await users.setActive(ada.id, true);
      await users.change(ada.id, { firstName: 'Ada' });
      expect(await users.holdActive(ada.id)).toBe(false);
    });
    expect(await users.find(ada.id)).toMatchObject({ ...gone, firstName: '' });
  });

  test('a photo takes the place of another, which is answered, and of nobody else’s', async () => {
    const { transactions, users } = opened();
    const [user, other] = [aUser(), aUser({ photo: 'c'.repeat(32) })];
    await transactions.run(async () => {
      await users.add(user);
      await users.add(other);
    });
    const replaced: (string | null | undefined)[] = [];
    for (const photo of ['a'.repeat(32), 'b'.repeat(32), null, null]) {
      replaced.push(await transactions.run(() => users.replacePhoto(user.id, photo)));
      expect(await users.find(user.id)).toEqual({ ...user, photo });
    }
    expect(replaced).toEqual([null, 'a'.repeat(32), 'b'.repeat(32), null]);
    expect(await users.find(other.id)).toEqual(other);
    await transactions.run(() => users.setActive(other.id, false));
    for (const { id } of [aUser(), other])
      expect(await transactions.run(() => users.replacePhoto(id, null))).toBeUndefined();
    expect(await users.find(other.id)).toEqual({ ...other, active: false });
  });

  test('of 10 photos at once each takes the place of another', async () => {
    const { transactions, users } = opened();
    const user = aUser();
    await transactions.run(() => users.add(user));
    const photos = Array.from({ length: 10 }, (_, i) => String(i).repeat(32));
    const replaced = await Promise.all(
      photos.map((photo) => transactions.run(() => users.replacePhoto(user.id, photo))),
    );
    const { photo: last } = (await users.find(user.id))!;
    expect(new Set([...replaced, last])).toEqual(new Set([null, ...photos]));
  });

  test('the active admins are told, by id', async () => {
    const { transactions, users } = opened();
    const admins = [aUser({ role: 'admin' }), aUser({ role: 'admin' })];
    const told = await transactions.run(async () => {
      for (const user of [...admins, aUser(), aUser({ role: 'admin', active: false })]) await users.add(user);
      return users.lockActiveAdmins();
    });
    expect(told).toEqual(admins.map(({ id }) => id).toSorted());
  });

  test('a user is found by id and by email, with all that was stored', async () => {
    const { transactions, users } = opened();
    const ada = aUser({ email: 'Ada@Example.org', gender: 'female', role: 'admin', active: false });
    await transactions.run(() => users.add(ada));
    expect(await users.find(ada.id)).toEqual(ada);
    expect(await users.findByEmail(ada.email)).toEqual(ada);
  });

  test('nobody is found by the id or the email of nobody', async () => {
    const { transactions, users } = opened();
    await transactions.run(() => users.add(aUser()));
    expect(await users.find(aUser().id)).toBeUndefined();
    expect(await users.findByEmail('nobody@example.org')).toBeUndefined();
  });

  test('upper and lower case of an email make no difference, of any letter', async () => {
    const { transactions, users } = opened();
    const ada = aUser({ email: 'ÖZLEM.Newman@Example.org' });
    await transactions.run(() => users.add(ada));
    for (const email of [
      'özlem.newman@example.org',
      'ÖZLEM.NEWMAN@EXAMPLE.ORG',
      'Özlem.Newman@example.ORG',
    ]) {
      expect(await users.findByEmail(email)).toEqual(ada);
    }
  });

  test.each(['ada@example.org', 'ADA@example.org'])(
    'a second account for ada@example.org as %s is EmailTaken',
    async (email) => {
      const { transactions, users } = opened();
      await transactions.run(() => users.add(aUser({ email: 'ada@example.org' })));
      const second = aUser({ email });
      await expect(transactions.run(() => users.add(second))).rejects.toBeInstanceOf(EmailTaken);
      expect(await users.find(second.id)).toBeUndefined();
    },
  );

  test('of 10 accounts added at once for one email one is there', async () => {
    const { transactions, users } = opened();
    const rivals = Array.from({ length: 10 }, () => aUser({ email: 'ada@example.org' }));
    const added = await Promise.allSettled(rivals.map((rival) => transactions.run(() => users.add(rival))));
    expect(added.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const found = await Promise.all(rivals.map(({ id }) => users.find(id)));
    expect(found.filter((user) => user !== undefined)).toHaveLength(1);
  });

  test('it is empty until the first user', async () => {
    const { transactions, users } = opened();
    expect(await users.isEmpty()).toBe(true);
    await transactions.run(() => users.add(aUser()));
    expect(await users.isEmpty()).toBe(false);
  });

  test('a change changes what is given and leaves the rest', async () => {
    const { transactions, users } = opened();
    const ada = aUser({ gender: 'female' });
    const ben = aUser();
    await transactions.run(async () => {
      await users.add(ada);
      await users.add(ben);
      await users.change(ada.id, { firstName: 'Grace' });
    });
    expect(await users.find(ada.id)).toEqual({ ...ada, firstName: 'Grace' });
    await transactions.run(() => users.change(ada.id, { lastName: 'Hopper', gender: null }));
    expect(await users.find(ada.id)).toEqual({
      ...ada,
      firstName: 'Grace',
      lastName: 'Hopper',
      gender: null,
    });
    expect(await users.find(ben.id)).toEqual(ben);
  });

  test.each([[{}], [{ firstName: undefined, gender: undefined }]])(
    'a change of nothing (%o) changes nothing',
    async (change) => {
      const { transactions, users } = opened();
      const ada = aUser();
      await transactions.run(() => users.add(ada));
      await transactions.run(() => users.change(ada.id, change));
      expect(await users.find(ada.id)).toEqual(ada);
    },
  );

  test('a login is noted by the present password of an active user, and by nothing else', async () => {
    const { transactions, users } = opened();
    const [ada, ben] = [aUser({ passwordHash: 'hers' }), aUser({ passwordHash: 'his', active: false })];
    await transactions.run(async () => {
      await users.add(ada);
      await users.add(ben);
    });
    const record = (user: User, passwordHash: string, at: number) =>
      transactions.run(() => users.recordLogin({ id: user.id, passwordHash }, at));
    expect(await record(ada, 'hers', LATER)).toBe(true);
    expect(await users.find(ada.id)).toEqual({ ...ada, lastLoginAt: LATER });
    // Also in the same millisecond.
    expect(await record(ada, 'hers', LATER)).toBe(true);
    expect(await record(ada, 'another', LATER + 1)).toBe(false);
    expect(await record(ben, 'his', LATER + 1)).toBe(false);
    expect(await record(aUser(), 'hers', LATER + 1)).toBe(false);
    expect(await users.find(ada.id)).toEqual({ ...ada, lastLoginAt: LATER });
    expect(await users.find(ben.id)).toEqual(ben);
  });

  test('a login may bring another hash of the same password', async () => {
    const { transactions, users } = opened();
    const ada = aUser({ passwordHash: 'old' });
    await transactions.run(() => users.add(ada));
    expect(await transactions.run(() => users.recordLogin(ada, LATER, 'new'))).toBe(true);
    expect(await users.find(ada.id)).toEqual({ ...ada, passwordHash: 'new', lastLoginAt: LATER });
  });

  test('of 10 changes of one password at once one happens', async () => {
    const { transactions, users } = opened();
    const ada = aUser({ passwordHash: 'old' });
    await transactions.run(() => users.add(ada));
    const hashes = Array.from({ length: 10 }, (_, i) => `new ${i}`);
    const changed = await Promise.all(
      hashes.map((hash) => transactions.run(() => users.changePassword(ada, hash))),
    );
    expect(changed.filter(Boolean)).toHaveLength(1);
    expect(await users.find(ada.id)).toEqual({ ...ada, passwordHash: hashes[changed.indexOf(true)] });
  });

  test('the password of a user who is not active, or not there, does not change', async () => {
    const { transactions, users } = opened();
    const ada = aUser({ active: false });
    await transactions.run(() => users.add(ada));
    for (const user of [ada, aUser()])
      expect(await transactions.run(() => users.changePassword(user, 'another'))).toBe(false);
    expect(await users.find(ada.id)).toEqual(ada);
  });

  test('an account that is to be verified is added, takes the place of another such one, and waits until it is', async () => {
    const { transactions, users } = opened();
    const first = aUser({ email: 'ada@example.org', verifyBy: LATER });
    const second = aUser({
      email: 'ADA@example.org',
      firstName: 'Grace',
      role: 'doctor',
      verifyBy: LATER + 1,
    });
    await transactions.run(() => users.addUnverified(first));
    expect(await users.findByEmail('ada@example.org')).toEqual(first);
    await transactions.run(() => users.addUnverified(second));
    expect(await users.findByEmail('ada@example.org')).toEqual({ ...second, id: first.id });
    await transactions.run(() => users.verify(first.id));
    expect(await users.find(first.id)).toEqual({ ...second, id: first.id, verifyBy: null });
  });

  test('an account that is to be verified changes nothing of one that is', async () => {
    const { transactions, users } = opened();
    const ada = aUser({ email: 'ada@example.org' });
    await transactions.run(() => users.add(ada));
    const other = aUser({ email: 'ADA@example.org', verifyBy: LATER });
    await transactions.run(() => users.addUnverified(other));
    expect(await users.findByEmail('ada@example.org')).toEqual(ada);
    expect(await users.find(other.id)).toBeUndefined();
  });

  test('accounts that nobody verified in time are forgotten, and no others', async () => {
    const { transactions, users } = opened();
    const [late, inTime, verified] = [aUser({ verifyBy: LATER - 1 }), aUser({ verifyBy: LATER }), aUser()];
    await transactions.run(async () => {
      for (const user of [late, inTime, verified]) await users.add(user);
    });
    await transactions.run(() => users.forgetUnverified(LATER));
    const found = await Promise.all([late, inTime, verified].map(({ id }) => users.find(id)));
    expect(found).toEqual([undefined, inTime, verified]);
  });

  test('nothing happens to a user who is not there', async () => {
    const { transactions, users } = opened();
    const nobody = aUser();
    await transactions.run(() => users.change(nobody.id, { firstName: 'Grace' }));
    expect(await users.find(nobody.id)).toBeUndefined();
  });
});
