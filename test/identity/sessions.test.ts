import { beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR } from '#libs/kernel/clock.js';
import { InvalidCredentials, InvalidRefreshToken } from '../../src/identity/domain/errors.js';
import type { User } from '../../src/identity/domain/user.js';
import type { TokenPair } from '../../src/identity/use-cases/log-in.js';
import { Accounts, claimsOf, NOW, PASSWORD } from './accounts.js';

let accounts: Accounts;
let ada: User;
beforeEach(async () => {
  accounts = new Accounts();
  ada = await accounts.register({ email: 'ada@example.org' });
});

const logIn = (password = PASSWORD, email = 'ada@example.org') => accounts.logIn.execute({ email, password });
const claimed = ({ access }: TokenPair) => ({
  userId: claimsOf(access).sub,
  sessionId: claimsOf(access).sid,
});
const whoIs = (pair: TokenPair) => accounts.authenticate.execute(claimed(pair));
const refusal = (work: Promise<unknown>) => expect(work).rejects.toBeInstanceOf(InvalidRefreshToken);

describe('logging in', () => {
  test('opens a session of the user, with a nonce of its own', async () => {
    const [one, other] = [await logIn(), await logIn()];
    const sessions = [...accounts.transactions.rows.sessions.values()];
    expect(sessions).toMatchObject(
      [one, other].map((pair) => ({
        id: claimed(pair).sessionId,
        userId: ada.id,
        counter: 0,
        openedAt: NOW,
        refreshedAt: NOW,
        endedAt: null,
      })),
    );
    expect(new Set(sessions.map(({ nonce }) => nonce)).size).toBe(2);
    for (const { nonce } of sessions) expect(Buffer.from(nonce, 'base64url')).toHaveLength(32);
  });

  test('answers an access token by which the user is known', async () => {
    const pair = await logIn();
    expect(await whoIs(pair)).toEqual({
      userId: ada.id,
      role: 'patient',
      sessionId: claimed(pair).sessionId,
    });
  });

  test('upper and lower case of the email make no difference', async () => {
    expect(await whoIs(await logIn(PASSWORD, 'ADA@EXAMPLE.ORG'))).toMatchObject({ userId: ada.id });
  });

  test.each([
    ['a wrong password', 'ada@example.org', 'another tree in the wind'],
    ['an empty password', 'ada@example.org', ''],
    ['an unknown email', 'eve@example.org', PASSWORD],
  ])('with %s is InvalidCredentials, and opens no session', async (_, email, password) => {
    await expect(logIn(password, email)).rejects.toEqual(new InvalidCredentials());
    expect(accounts.transactions.rows.sessions.size).toBe(0);
  });

  test('to a deactivated account is refused in the same words', async () => {
    await accounts.deactivate(ada);
    await expect(logIn()).rejects.toEqual(new InvalidCredentials());
  });
});

describe('refreshing', () => {
  test('answers a new pair of the same session, and keeps the time', async () => {
    const pair = await logIn();
    accounts.clock.set(NOW + HOUR);
    const next = await accounts.refresh.execute(pair.refresh);
    expect(claimed(next)).toEqual(claimed(pair));
    expect(next.refresh).not.toBe(pair.refresh);
    expect(await accounts.sessions.find(claimed(pair).sessionId)).toMatchObject({
      counter: 1,
      openedAt: NOW,
      refreshedAt: NOW + HOUR,
    });
  });

  test('each token works once; the newest goes on', async () => {
    let { refresh } = await logIn();
    const used: string[] = [];
    for (let i = 0; i < 3; i++) {
      used.push(refresh);
      ({ refresh } = await accounts.refresh.execute(refresh));
    }
    for (const old of used) await refusal(accounts.refresh.execute(old));
    expect(await whoIs(await accounts.refresh.execute(refresh))).toMatchObject({ userId: ada.id });
  });

  test('of 20 refreshes with one token at once exactly one is answered', async () => {
    const { refresh } = await logIn();
    const settled = await Promise.allSettled(
      Array.from({ length: 20 }, () => accounts.refresh.execute(refresh)),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test.each<[string, (token: string[]) => string]>([
    ['of the next counter', ([session, , mac]) => `${session}.1.${mac}`],
    ['of another session', ([, counter, mac]) => `01900000-0000-7000-8000-000000000001.${counter}.${mac}`],
    ['without a MAC', ([session, counter]) => `${session}.${counter}.`],
    ['of two parts', ([session, counter]) => `${session}.${counter}`],
    ['of four parts', ([session, counter, mac]) => `${session}.${counter}.${mac}.${mac}`],
    ['whose MAC lost a letter', ([session, counter, mac]) => `${session}.${counter}.${mac!.slice(1)}`],
    ['whose MAC is in capitals', ([session, counter, mac]) => `${session}.${counter}.${mac!.toUpperCase()}`],
    ['whose counter is written otherwise', ([session, , mac]) => `${session}.00.${mac}`],
    ['whose counter is no whole number', ([session, , mac]) => `${session}.0e0.${mac}`],
    ['whose counter is beyond all numbers', ([session, , mac]) => `${session}.${'9'.repeat(400)}.${mac}`],
    ['that is empty', () => ''],
    ['that is an access token', () => 'e30.e30.x'],
  ])('with a token %s is refused, and the genuine one still works', async (_, forge) => {
    const { refresh } = await logIn();
    const forged = forge(refresh.split('.'));
    expect(forged).not.toBe(refresh);
    await refusal(accounts.refresh.execute(forged));
    await accounts.refresh.execute(refresh);
  });

  test('is refused for a deactivated user', async () => {
    const { refresh } = await logIn();
    await accounts.deactivate(ada);
    await refusal(accounts.refresh.execute(refresh));
  });
});

describe('logging out', () => {
  test('ends this session at once, for both of its tokens, and no other', async () => {
    const [pair, elsewhere] = [await logIn(), await logIn()];
    accounts.clock.set(NOW + HOUR);
    await accounts.logOut.execute((await whoIs(pair))!);
    expect(await whoIs(pair)).toBeUndefined();
    await refusal(accounts.refresh.execute(pair.refresh));
    expect(await accounts.sessions.find(claimed(pair).sessionId)).toMatchObject({ endedAt: NOW + HOUR });
    expect(await whoIs(elsewhere)).toMatchObject({ userId: ada.id });
    await accounts.refresh.execute(elsewhere.refresh);
  });

  test('twice keeps the time of the first', async () => {
    const pair = await logIn();
    const actor = (await whoIs(pair))!;
    await accounts.logOut.execute(actor);
    accounts.clock.set(NOW + DAY);
    await accounts.logOut.execute(actor);
    expect(await accounts.sessions.find(actor.sessionId)).toMatchObject({ endedAt: NOW });
  });
});

describe('an access token stands for nobody', () => {
  test.each<
    [
      string,
      (claims: { userId: string; sessionId: string }) => Promise<{ userId: string; sessionId: string }>,
    ]
  >([
    ['whose session is not there', async ({ userId }) => ({ userId, sessionId: ada.id })],
    ['whose user is not there', async ({ sessionId }) => ({ userId: sessionId, sessionId })],
    [
      'whose session is another user’s',
      async ({ sessionId }) => ({
        userId: (await accounts.register({ email: 'b@example.org' })).id,
        sessionId,
      }),
    ],
  ])('%s', async (_, change) => {
    const claims = claimed(await logIn());
    expect(await accounts.authenticate.execute(claims)).toBeDefined();
    expect(await accounts.authenticate.execute(await change(claims))).toBeUndefined();
  });

  test('whose user is deactivated, from the next request on', async () => {
    const pair = await logIn();
    await accounts.deactivate(ada);
    expect(await whoIs(pair)).toBeUndefined();
  });
});
