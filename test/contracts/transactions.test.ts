import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { aSession, aUser } from '../support/memory/people.js';
import { contract } from './stores.js';

const SOON = 20;

contract('Transactions', (opened) => {
  test('all that a unit writes is there when it has ended, and its result is answered', async () => {
    const { transactions, users } = opened();
    const [ada, ben] = [aUser(), aUser()];
    const result = await transactions.run(async () => {
      await users.add(ada);
      await users.add(ben);
      return 'both';
    });
    expect(result).toBe('both');
    expect([await users.find(ada.id), await users.find(ben.id)]).toEqual([ada, ben]);
  });

  test('nothing of a unit that fails is there, and its error is thrown as it was', async () => {
    const { transactions, users, sessions } = opened();
    const [ada, ben] = [aUser(), aUser()];
    const login = aSession(ada);
    await transactions.run(async () => {
      await users.add(ada);
      await sessions.add(login);
    });
    const failure = new Error('after all writes');
    const failing = transactions.run(async () => {
      await users.add(ben);
      await users.change(ada.id, { firstName: 'Changed' });
      await sessions.advance(login.id, 0, 1);
      await sessions.end(login.id, 1);
      throw failure;
    });
    await expect(failing).rejects.toBe(failure);
    expect(await users.find(ben.id)).toBeUndefined();
    expect(await users.find(ada.id)).toEqual(ada);
    expect(await sessions.find(login.id)).toEqual(login);
  });

  test('a unit that fails takes nothing from the units before and after it', async () => {
    const { transactions, users } = opened();
    const [before, failed, after] = [aUser(), aUser(), aUser()];
    await Promise.allSettled(
      [before, failed, after].map((user) =>
        transactions.run(async () => {
          await users.add(user);
          await sleep(1);
          if (user === failed) throw new Error('fails');
        }),
      ),
    );
    const found = await Promise.all([before, failed, after].map(({ id }) => users.find(id)));
    expect(found).toEqual([before, undefined, after]);
  });

  test('a unit sees what it has written', async () => {
    const { transactions, users } = opened();
    const ada = aUser();
    await transactions.run(async () => {
      await users.add(ada);
      expect(await users.find(ada.id)).toEqual(ada);
      await users.change(ada.id, { firstName: 'Grace' });
      expect(await users.find(ada.id)).toEqual({ ...ada, firstName: 'Grace' });
    });
  });

  test('a unit inside a unit joins it: both are there together', async () => {
    const { transactions, users } = opened();
    const [outer, inner] = [aUser(), aUser()];
    await transactions.run(async () => {
      await users.add(outer);
      await transactions.run(async () => {
        expect(await users.find(outer.id)).toEqual(outer);
        await users.add(inner);
      });
      expect(await users.find(inner.id)).toEqual(inner);
    });
    expect([await users.find(outer.id), await users.find(inner.id)]).toEqual([outer, inner]);
  });

  test('a unit inside a unit is undone when the outer one fails after it', async () => {
    const { transactions, users } = opened();
    const inner = aUser();
    const failing = transactions.run(async () => {
      await transactions.run(() => users.add(inner));
      throw new Error('the outer one');
    });
    await expect(failing).rejects.toThrow('the outer one');
    expect(await users.find(inner.id)).toBeUndefined();
  });

  test('a unit that fails inside a unit undoes both, also where its error is caught', async () => {
    const { transactions, users } = opened();
    const [outer, inner] = [aUser(), aUser()];
    const failing = transactions.run(async () => {
      await users.add(outer);
      await transactions
        .run(async () => {
          await users.add(inner);
          throw new Error('the inner one');
        })
        .catch(() => 'overlooked');
    });
    await expect(failing).rejects.toThrow('the inner one');
    expect([await users.find(outer.id), await users.find(inner.id)]).toEqual([undefined, undefined]);
  });

  test('units at the same time do not see what has not ended well', async () => {
    const { transactions, users } = opened();
    const [dropped, kept] = [aUser(), aUser()];
    const seen: unknown[] = [];
    await Promise.allSettled([
      transactions.run(async () => {
        await users.add(dropped);
        await sleep(SOON);
        throw new Error('fails');
      }),
      transactions.run(async () => {
        seen.push(await users.find(dropped.id));
        await users.add(kept);
        await sleep(SOON);
        seen.push(await users.find(dropped.id));
      }),
    ]);
    expect(seen).toEqual([undefined, undefined]);
    expect(await users.find(kept.id)).toEqual(kept);
  });

  test('who reads outside a unit sees only what has ended well, and does not wait for a unit', async () => {
    const { transactions, users } = opened();
    const ada = aUser();
    let added = (): void => {};
    let looked = (): void => {};
    const whenAdded = new Promise<void>((resolve) => (added = resolve));
    const whenLooked = new Promise<void>((resolve) => (looked = resolve));
    const unit = transactions.run(async () => {
      await users.add(ada);
      added();
      await whenLooked;
    });
    await whenAdded;
    expect(await users.find(ada.id)).toBeUndefined();
    looked();
    await unit;
    expect(await users.find(ada.id)).toEqual(ada);
  });

  test('nothing is written outside a unit', async () => {
    const { transactions, users } = opened();
    const [ada, ben] = [aUser(), aUser()];
    await transactions.run(() => users.add(ada));
    await expect(users.add(ben)).rejects.toThrow();
    await expect(users.change(ada.id, { firstName: 'Grace' })).rejects.toThrow();
    expect([await users.find(ada.id), await users.find(ben.id)]).toEqual([ada, undefined]);
  });

  test('work that goes on after its unit has ended is refused', async () => {
    const { transactions, users } = opened();
    const [ada, ben] = [aUser(), aUser()];
    let late: Promise<unknown> = Promise.resolve();
    await transactions.run(async () => {
      await users.add(ada);
      late = sleep(SOON).then(() => users.add(ben));
      late.catch(() => {});
    });
    await expect(late).rejects.toThrow('after its unit of work had ended');
    expect(await users.find(ben.id)).toBeUndefined();
  });

  test('200 units at once that lock, read and then write make 200 distinct results', async () => {
    const { transactions, users, sessions, agendas } = opened();
    const ada = aUser();
    const login = aSession(ada);
    await transactions.run(async () => {
      await users.add(ada);
      await sessions.add(login);
    });
    const results = await Promise.all(
      Array.from({ length: 200 }, () =>
        transactions.run(async () => {
          await agendas.lock('doctor', 'patient');
          const { counter } = (await sessions.find(login.id))!;
          await Promise.resolve();
          await sessions.advance(login.id, counter, counter);
          return counter;
        }),
      ),
    );
    expect(new Set(results).size).toBe(200);
    expect((await sessions.find(login.id))?.counter).toBe(200);
  });
});
