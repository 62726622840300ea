import { beforeEach, expect, test } from 'vitest';
import { DAY } from '#libs/kernel/clock.js';
import { MAX_AGE, MAX_IDLE } from '../../src/identity/domain/session.js';
import type { User } from '../../src/identity/domain/user.js';
import { aSession, aUser } from '../support/memory/people.js';
import { contract } from './stores.js';

const LATER = Date.parse('2030-01-07T12:34:56.789Z');

contract('Sessions', (opened) => {
  let ada: User;
  beforeEach(async () => {
    const { transactions, users } = opened();
    ada = aUser();
    await transactions.run(() => users.add(ada));
  });

  test('a session is found by its id, with all that was stored', async () => {
    const { transactions, sessions } = opened();
    const open = aSession(ada, { counter: 7, deviceName: 'Küche 📱', network: '2001:db8:1::/48' });
    const ended = aSession(ada, { endedAt: LATER });
    await transactions.run(async () => {
      await sessions.add(open);
      await sessions.add(ended);
    });
    expect(await sessions.find(open.id)).toEqual(open);
    expect(await sessions.find(ended.id)).toEqual(ended);
    expect(await sessions.find(aSession(ada).id)).toBeUndefined();
  });

  test('the counter moves on from the value that it has, and from no other', async () => {
    const { transactions, sessions } = opened();
    const session = aSession(ada, { counter: 3 });
    await transactions.run(() => sessions.add(session));
    const advance = (counter: number) => transactions.run(() => sessions.advance(session.id, counter, LATER));
    expect([await advance(2), await advance(4)]).toEqual([false, false]);
    expect(await sessions.find(session.id)).toEqual(session);
    expect(await advance(3)).toBe(true);
    expect(await sessions.find(session.id)).toEqual({ ...session, counter: 4, refreshedAt: LATER });
    expect(await advance(3)).toBe(false);
  });

  test('of 50 calls at once with one counter exactly one answers true', async () => {
    const { transactions, sessions } = opened();
    const session = aSession(ada);
    await transactions.run(() => sessions.add(session));
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => transactions.run(() => sessions.advance(session.id, 0, LATER))),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect((await sessions.find(session.id))?.counter).toBe(1);
  });

  test('the counter of a session that has ended, or is not there, does not move', async () => {
    const { transactions, sessions } = opened();
    const ended = aSession(ada, { endedAt: LATER });
    await transactions.run(() => sessions.add(ended));
    expect(await transactions.run(() => sessions.advance(ended.id, 0, LATER))).toBe(false);
    expect(await transactions.run(() => sessions.advance(aSession(ada).id, 0, LATER))).toBe(false);
    expect(await sessions.find(ended.id)).toEqual(ended);
  });

  test('an open session ends; one that has ended keeps its time; others go on', async () => {
    const { transactions, sessions } = opened();
    const [session, other] = [aSession(ada), aSession(ada)];
    await transactions.run(async () => {
      await sessions.add(session);
      await sessions.add(other);
    });
    await transactions.run(() => sessions.end(session.id, LATER));
    await transactions.run(() => sessions.end(session.id, LATER + 1));
    expect(await sessions.find(session.id)).toEqual({ ...session, endedAt: LATER });
    expect(await sessions.find(other.id)).toEqual(other);
  });

  test('those that are live are found of a user, the newest login first', async () => {
    const { transactions, sessions, users } = opened();
    const ben = aUser();
    const at = (openedAt: number, refreshedAt = openedAt) => aSession(ada, { openedAt, refreshedAt });
    const [old, idle, first, second] = [
      at(LATER - MAX_AGE, LATER),
      at(LATER - MAX_IDLE),
      at(LATER - MAX_AGE + 1, LATER - MAX_IDLE + 1),
      at(LATER),
    ] as const;
    const ended = aSession(ada, { openedAt: LATER, refreshedAt: LATER, endedAt: LATER });
    const bens = aSession(ben, { openedAt: LATER, refreshedAt: LATER });
    await transactions.run(async () => {
      await users.add(ben);
      for (const session of [old, idle, first, second, ended, bens]) await sessions.add(session);
    });
    expect(await sessions.openOf(ada.id, LATER)).toEqual([second, first]);
    expect(await sessions.openOf(ben.id, LATER)).toEqual([bens]);
    expect(await sessions.openOf(aUser().id, LATER)).toEqual([]);
  });

  test('all of a user end at once, but for one that is told, and no others', async () => {
    const { transactions, sessions, users } = opened();
    const ben = aUser();
    const [one, other, kept] = [aSession(ada), aSession(ada), aSession(ada)];
    const [ended, bens] = [aSession(ada, { endedAt: LATER - DAY }), aSession(ben)];
    await transactions.run(async () => {
      await users.add(ben);
      for (const session of [one, other, kept, ended, bens]) await sessions.add(session);
    });
    const all = () => Promise.all([one, other, kept, ended, bens].map(({ id }) => sessions.find(id)));
    const endedNow = (session: object) => ({ ...session, endedAt: LATER });
    await transactions.run(() => sessions.endAllOf(ada.id, LATER, kept.id));
    expect(await all()).toEqual([endedNow(one), endedNow(other), kept, ended, bens]);
    await transactions.run(() => sessions.endAllOf(ada.id, LATER));
    expect(await all()).toEqual([endedNow(one), endedNow(other), endedNow(kept), ended, bens]);
  });

  test('the oldest are forgotten, so many at most, and none that was opened later', async () => {
    const { transactions, sessions } = opened();
    const all = [0, 1, 2, 3].map((day) => aSession(ada, { openedAt: LATER + day * DAY }));
    await transactions.run(async () => {
      for (const session of all.toReversed()) await sessions.add(session);
    });
    const left = async () => {
      const found = await Promise.all(all.map(({ id }) => sessions.find(id)));
      return found.map((session) => session !== undefined);
    };
    const forget = (before: number, atMost: number) =>
      transactions.run(() => sessions.forget(before, atMost));
    expect(await forget(LATER, 10)).toBe(0);
    expect(await forget(LATER + 3 * DAY, 2)).toBe(2);
    expect(await left()).toEqual([false, false, true, true]);
    expect(await forget(LATER + 3 * DAY, 2)).toBe(1);
    expect(await left()).toEqual([false, false, false, true]);
  });

  test('nothing happens when a session that is not there ends', async () => {
    const { transactions, sessions } = opened();
    const nobodys = aSession(ada);
    await transactions.run(() => sessions.end(nobodys.id, LATER));
    expect(await sessions.find(nobodys.id)).toBeUndefined();
  });
});
