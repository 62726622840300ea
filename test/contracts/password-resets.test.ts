import { expect, test } from 'vitest';
import { HOUR, MINUTE } from '#libs/kernel/clock.js';
import { contract } from './stores.js';

const NOW = Date.parse('2030-01-07T12:34:56.789Z');
const ADA = 'ada@example.org';
const USER = '01900000-0000-7000-8000-000000000001';

contract('PasswordResets', (opened) => {
  const request = (email: string, at: number) => {
    const { transactions, passwordResets } = opened();
    return transactions.run(() => passwordResets.request(email, at, MINUTE));
  };
  const due = () => opened().passwordResets.due(NOW + HOUR, 10);
  const the = async (email: string) => (await due()).find(({ emailKey }) => emailKey === email)!;

  async function arm(email: string, tokenHash: string, at = NOW): Promise<boolean> {
    const { transactions, passwordResets } = opened();
    const reset = await the(email);
    return transactions.run(() => passwordResets.arm(reset, { userId: USER, tokenHash, at }));
  }

  test('a request is due until it is settled', async () => {
    const { transactions, passwordResets } = opened();
    await request(ADA, NOW);
    const reset = await the(ADA);
    expect(reset).toEqual({
      emailKey: ADA,
      requestedAt: NOW,
      triedAt: 0,
      settledAt: null,
      userId: null,
      tokenHash: null,
    });
    await transactions.run(() => passwordResets.settle(reset, NOW + 1));
    expect(await due()).toEqual([]);
  });

  test('those that were tried wait behind the others, and no more are answered than asked for', async () => {
    await request('first@example.org', NOW);
    await request('second@example.org', NOW + 1);
    await request('third@example.org', NOW + 2);
    await arm('first@example.org', 'one');
    const emails = (await opened().passwordResets.due(NOW + HOUR, 2)).map(({ emailKey }) => emailKey);
    expect(emails).toEqual(['second@example.org', 'third@example.org']);
  });

  test('one that was tried since is not due yet', async () => {
    await request(ADA, NOW);
    await arm(ADA, 'one', NOW + 1);
    const isDue = async (since: number) => (await opened().passwordResets.due(since, 10)).length === 1;
    expect([await isDue(NOW + 1), await isDue(NOW + 2)]).toEqual([false, true]);
  });

  test('a request soon after another of the email changes nothing, and says so', async () => {
    expect(await request(ADA, NOW)).toBe(true);
    await arm(ADA, 'one');
    expect(await request(ADA, NOW + MINUTE)).toBe(false);
    expect(await the(ADA)).toMatchObject({ requestedAt: NOW, tokenHash: 'one' });
  });

  test('a later one takes its place, and the token of the earlier is of no use', async () => {
    const { transactions, passwordResets } = opened();
    await request(ADA, NOW);
    const earlier = await the(ADA);
    await arm(ADA, 'one');
    await transactions.run(() => passwordResets.settle(earlier, NOW));
    expect(await request(ADA, NOW + MINUTE + 1)).toBe(true);
    expect(await the(ADA)).toMatchObject({
      requestedAt: NOW + MINUTE + 1,
      triedAt: 0,
      userId: null,
      tokenHash: null,
    });
    expect(await passwordResets.find('one')).toBeUndefined();
    const armed = { userId: USER, tokenHash: 'two', at: NOW };
    expect(await transactions.run(() => passwordResets.arm(earlier, armed))).toBe(false);
    await transactions.run(() => passwordResets.settle(earlier, NOW));
    expect(await due()).toHaveLength(1);
  });

  test('of 10 first requests at once one is kept', async () => {
    await Promise.all(Array.from({ length: 10 }, () => request(ADA, NOW)));
    expect(await due()).toHaveLength(1);
  });

  test('a token is found by its hash, and used up once', async () => {
    const { transactions, passwordResets } = opened();
    await request(ADA, NOW);
    expect(await arm(ADA, 'one')).toBe(true);
    expect(await passwordResets.find('one')).toMatchObject({ emailKey: ADA, userId: USER });
    expect(await passwordResets.find('another')).toBeUndefined();
    const consume = () => transactions.run(() => passwordResets.consume('one', NOW - HOUR));
    const answers = await Promise.all(Array.from({ length: 10 }, consume));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await passwordResets.find('one')).toBeUndefined();
  });

  test('a token is of no use for a request that is too old', async () => {
    const { transactions, passwordResets } = opened();
    await request(ADA, NOW);
    await arm(ADA, 'one');
    expect(await transactions.run(() => passwordResets.consume('one', NOW))).toBe(false);
    expect(await transactions.run(() => passwordResets.consume('one', NOW - 1))).toBe(true);
  });

  test('what is withdrawn is neither found nor due, and keeps the pause; others are left alone', async () => {
    const { transactions, passwordResets } = opened();
    await request(ADA, NOW);
    const reset = await the(ADA);
    await arm(ADA, 'one');
    await request('ben@example.org', NOW);
    await arm('ben@example.org', 'two');
    await transactions.run(() => passwordResets.withdraw(ADA, NOW));
    await transactions.run(() => passwordResets.withdraw('nobody@example.org', NOW));
    expect(await passwordResets.find('one')).toBeUndefined();
    const armed = { userId: USER, tokenHash: 'three', at: NOW };
    expect(await transactions.run(() => passwordResets.arm(reset, armed))).toBe(false);
    expect((await due()).map(({ emailKey }) => emailKey)).toEqual(['ben@example.org']);
    expect(await passwordResets.find('two')).toBeDefined();
    expect(await request(ADA, NOW + MINUTE)).toBe(false);
  });

  test('of an email that nobody has any more nothing stays noted', async () => {
    const { transactions, passwordResets } = opened();
    await request(ADA, NOW);
    const reset = await the(ADA);
    await request('ben@example.org', NOW);
    await transactions.run(() => passwordResets.dismiss(ADA, NOW, MINUTE));
    await transactions.run(() => passwordResets.dismiss('nobody@example.org', NOW, MINUTE));
    const armed = { userId: USER, tokenHash: 'one', at: NOW };
    expect(await transactions.run(() => passwordResets.arm(reset, armed))).toBe(false);
    expect((await due()).map(({ emailKey }) => emailKey)).toEqual(['ben@example.org']);
    expect(await request(ADA, NOW)).toBe(true);
  });

  test('but for a letter that was just mailed to it, for the pause', async () => {
    const { transactions, passwordResets } = opened();
    const dismiss = (at: number) => transactions.run(() => passwordResets.dismiss(ADA, at, MINUTE));
    await request(ADA, NOW);
    await arm(ADA, 'one');
    await dismiss(NOW + MINUTE);
    expect(await passwordResets.find('one')).toBeUndefined();
    expect(await due()).toEqual([]);
    expect(await request(ADA, NOW + MINUTE)).toBe(false);
    await dismiss(NOW + MINUTE + 1);
    expect(await request(ADA, NOW + MINUTE)).toBe(true);
  });

  test('what is old is forgotten, settled or not', async () => {
    const { transactions, passwordResets } = opened();
    await request(ADA, NOW);
    await request('ben@example.org', NOW + 1);
    await transactions.run(() => passwordResets.forget(NOW));
    expect((await due()).map(({ emailKey }) => emailKey)).toEqual(['ben@example.org']);
  });
});
