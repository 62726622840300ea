import { beforeEach, expect, test } from 'vitest';
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
    const open = aSession(ada, { counter: 7 });
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

  test('nothing happens when a session that is not there ends', async () => {
    const { transactions, sessions } = opened();
    const nobodys = aSession(ada);
    await transactions.run(() => sessions.end(nobodys.id, LATER));
    expect(await sessions.find(nobodys.id)).toBeUndefined();
  });
});
