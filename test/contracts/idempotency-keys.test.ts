import { expect, test } from 'vitest';
import { contract } from './stores.js';

const ask = (more: Partial<{ user: string; key: string; request: string }> = {}) => ({
  user: '01900000-0000-7000-8000-000000000001',
  key: 'a key of someone',
  request: 'what was asked',
  ...more,
});
const ANSWER = { status: 201, appointment: '01900000-0000-7000-8000-0000000000f1' };

contract('IdempotencyKeys', (opened) => {
  const taken = async (request = ask(), now = 1000, since = 0) => {
    const { transactions, idempotencyKeys } = opened();
    return transactions.run(async () => {
      const kept = await idempotencyKeys.take(request, now, since);
      if (kept === undefined) await idempotencyKeys.keep(request, ANSWER);
      return kept;
    });
  };

  test('a key that is free is taken, and then answers what was kept', async () => {
    expect(await taken()).toBeUndefined();
    expect(await taken()).toEqual({ ...ANSWER, isSameRequest: true });
  });

  test('a key that stands for another request says so', async () => {
    await taken();
    expect(await taken(ask({ request: 'something else' }))).toEqual({ ...ANSWER, isSameRequest: false });
  });

  test('another user, or another key, is another matter', async () => {
    await taken();
    expect(await taken(ask({ user: '01900000-0000-7000-8000-000000000002' }))).toBeUndefined();
    expect(await taken(ask({ key: 'A key of someone' }))).toBeUndefined();
  });

  test('a key that was taken long ago is free again', async () => {
    await taken(ask(), 1000);
    expect(await taken(ask(), 5000, 1000)).toEqual({ ...ANSWER, isSameRequest: true });
    expect(await taken(ask(), 5000, 1001)).toBeUndefined();
    expect(await taken(ask(), 6000, 1001)).toEqual({ ...ANSWER, isSameRequest: true });
  });

  test('keys that were taken before an instant are forgotten, the oldest first, at most so many', async () => {
    const { transactions, idempotencyKeys } = opened();
    const forget = (before: number, atMost: number) =>
      transactions.run(() => idempotencyKeys.forget(before, atMost));
    const keys = ['the fourth of all', 'the third of all', 'the second of all', 'the first of all'];
    for (const [index, key] of keys.entries()) await taken(ask({ key }), 4000 - 1000 * index);
    expect(await forget(1000, 10)).toBe(0);
    expect(await forget(3001, 2)).toBe(2);
    expect(await taken(ask({ key: 'the first of all' }), 5000)).toBeUndefined();
    expect(await taken(ask({ key: 'the second of all' }), 5000)).toBeUndefined();
    expect(await taken(ask({ key: 'the third of all' }), 5000)).toBeDefined();
    expect(await forget(3001, 2)).toBe(1);
    expect(await forget(3001, 2)).toBe(0);
    expect(await taken(ask({ key: 'the fourth of all' }), 5000)).toBeDefined();
  });

  test('a unit that fails leaves its key free', async () => {
    const { transactions, idempotencyKeys } = opened();
    const failing = transactions.run(async () => {
      await idempotencyKeys.take(ask(), 1000, 0);
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
    expect(await taken()).toBeUndefined();
  });

  test('of 20 twins at once one has the effect, and all others are told of it', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => taken()));
    expect(all.filter((kept) => kept === undefined)).toHaveLength(1);
    expect(all.filter((kept) => kept?.isSameRequest)).toHaveLength(19);
  });
});
