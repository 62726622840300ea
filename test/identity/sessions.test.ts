import { beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '#libs/kernel/clock.js';
import { NotFound } from '#libs/kernel/errors.js';
import { InvalidCredentials, InvalidRefreshToken } from '../../src/identity/domain/errors.js';
import { MAX_AGE, MAX_IDLE, MAX_OPEN_SESSIONS, type Session } from '../../src/identity/domain/session.js';
import type { User } from '../../src/identity/domain/user.js';
import type { TokenPair } from '../../src/identity/use-cases/log-in.js';
import { Accounts, claimsOf, NOW, PASSWORD, SOMEWHERE } from './accounts.js';

let accounts: Accounts;
let ada: User;
beforeEach(async () => {
  accounts = new Accounts();
  ada = await accounts.register({ email: 'ada@example.org' });
});

const logIn = (password = PASSWORD, email = 'ada@example.org') =>
  accounts.logIn.execute({ email, password, ...SOMEWHERE });
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

  test('with one token many times at once is answered with one and the same successor', async () => {
    const { refresh } = await logIn();
    const answers = await Promise.all(Array.from({ length: 20 }, () => accounts.refresh.execute(refresh)));
    expect(new Set(answers.map((answer) => answer.refresh)).size).toBe(1);
    expect(await accounts.sessions.find(claimed(answers[0]!).sessionId)).toMatchObject({ counter: 1 });
    expect(await whoIs(await accounts.refresh.execute(answers[0]!.refresh))).toMatchObject({
      userId: ada.id,
    });
  });

  test('with a token that was exchanged 10 seconds before is answered with the same successor', async () => {
    const { refresh } = await logIn();
    const next = await accounts.refresh.execute(refresh);
    accounts.clock.set(NOW + 10 * SECOND);
    const again = await accounts.refresh.execute(refresh);
    expect(again.refresh).toBe(next.refresh);
    // The time that counts is that of the exchange.
    expect(await accounts.sessions.find(claimed(next).sessionId)).toMatchObject({ refreshedAt: NOW });
  });

  describe('with a token that was exchanged before ends the session, for whoever holds it', () => {
    const isDead = async (...pairs: TokenPair[]) => {
      for (const pair of pairs) {
        expect(await whoIs(pair)).toBeUndefined();
        await refusal(accounts.refresh.execute(pair.refresh));
      }
    };

    test('more than 10 seconds after', async () => {
      const first = await logIn();
      const next = await accounts.refresh.execute(first.refresh);
      accounts.clock.set(NOW + 10 * SECOND + 1);
      await refusal(accounts.refresh.execute(first.refresh));
      await isDead(first, next);
    });

    test('at once, where its successor was used', async () => {
      const first = await logIn();
      const second = await accounts.refresh.execute(first.refresh);
      const third = await accounts.refresh.execute(second.refresh);
      await refusal(accounts.refresh.execute(first.refresh));
      await isDead(first, second, third);
    });

    test('and no other session of the user', async () => {
      const [first, elsewhere] = [await logIn(), await logIn()];
      accounts.clock.set(NOW + MINUTE);
      await accounts.refresh.execute(first.refresh);
      accounts.clock.set(NOW + 2 * MINUTE);
      await refusal(accounts.refresh.execute(first.refresh));
      expect(await whoIs(elsewhere)).toMatchObject({ userId: ada.id });
      await accounts.refresh.execute(elsewhere.refresh);
    });
  });

  test('is possible for 7 days after the last, and no longer', async () => {
    const pair = await logIn();
    accounts.clock.set(NOW + MAX_IDLE - 1);
    const next = await accounts.refresh.execute(pair.refresh);
    accounts.clock.set(NOW + 2 * MAX_IDLE - 1);
    expect(await whoIs(next)).toBeUndefined();
    await refusal(accounts.refresh.execute(next.refresh));
  });

  test('is possible for 30 days after the login, and no longer', async () => {
    let pair: TokenPair = await logIn();
    for (let day = 5; day < 30; day += 5) {
      accounts.clock.set(NOW + day * DAY);
      pair = await accounts.refresh.execute(pair.refresh);
    }
    accounts.clock.set(NOW + MAX_AGE - 1);
    pair = await accounts.refresh.execute(pair.refresh);
    expect(await whoIs(pair)).toMatchObject({ userId: ada.id });
    accounts.clock.set(NOW + MAX_AGE);
    await refusal(accounts.refresh.execute(pair.refresh));
    expect(await whoIs(pair)).toBeUndefined();
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

describe('a clock that is set', () => {
  test.each([
    ['forth', HOUR],
    ['back', -HOUR],
  ])('%s an hour revives nothing that was ended, exchanged or too old', async (_, step) => {
    const late = (await logIn()).refresh;
    accounts.clock.set(NOW + MAX_IDLE);
    const [out, replayed, exchanged] = [await logIn(), await logIn(), await logIn()];
    await accounts.logOut.execute((await whoIs(out))!);
    await accounts.refresh.execute(replayed.refresh);
    await accounts.refresh.execute(exchanged.refresh);
    accounts.clock.set(NOW + MAX_IDLE + MINUTE);
    await refusal(accounts.refresh.execute(late));
    await refusal(accounts.refresh.execute(replayed.refresh));

    accounts.clock.set(NOW + MAX_IDLE + MINUTE + step);
    expect(await whoIs(out)).toBeUndefined();
    expect(await whoIs(replayed)).toBeUndefined();
    for (const dead of [late, out.refresh, replayed.refresh, exchanged.refresh])
      await refusal(accounts.refresh.execute(dead));
    expect(await whoIs(exchanged)).toBeUndefined();
  });

  test('back an hour does not open a session again that a request found too old', async () => {
    const pair = await logIn();
    accounts.clock.set(NOW + MAX_IDLE);
    expect(await whoIs(pair)).toBeUndefined();
    accounts.clock.set(NOW + MAX_IDLE - HOUR);
    expect(await whoIs(pair)).toBeUndefined();
    await refusal(accounts.refresh.execute(pair.refresh));
  });
});

describe('open sessions', () => {
  const listed = async (pair: TokenPair, limit = 100, cursor?: string) =>
    accounts.listSessions.execute({ actor: (await whoIs(pair))!, limit, cursor });

  test('are listed in pages, the newest login first, with what their devices said', async () => {
    const pairs = [];
    for (let i = 0; i < 5; i++) {
      const device = { deviceName: `Phone ${i}`, network: '192.0.2.0/24' };
      pairs.push(await accounts.logIn.execute({ email: ada.email, password: PASSWORD, ...device }));
    }
    const names = (page: { results: readonly Session[] }) => page.results.map(({ deviceName }) => deviceName);
    const first = await listed(pairs[0]!, 3);
    const rest = await listed(pairs[0]!, 3, first.nextCursor!);
    expect([names(first), names(rest)]).toEqual([
      ['Phone 4', 'Phone 3', 'Phone 2'],
      ['Phone 1', 'Phone 0'],
    ]);
    expect(rest.nextCursor).toBeNull();
    expect(first.results[0]).toMatchObject({ network: '192.0.2.0/24', openedAt: NOW });
  });

  test('are those that are live and one’s own', async () => {
    const ben = await accounts.register({ email: 'ben@example.org' });
    const [pair, out] = [await logIn(), await logIn()];
    const bens = await logIn(PASSWORD, ben.email);
    await accounts.logOut.execute((await whoIs(out))!);
    expect((await listed(pair)).results.map(({ id }) => id)).toEqual([claimed(pair).sessionId]);
    expect((await listed(bens)).results.map(({ id }) => id)).toEqual([claimed(bens).sessionId]);
  });

  test('are at most 100: the next login ends the one that was longest not refreshed', async () => {
    const first = await logIn();
    accounts.clock.set(NOW + 1);
    const idle = await logIn();
    for (let i = 2; i < MAX_OPEN_SESSIONS; i++) {
      accounts.clock.set(NOW + i);
      await logIn();
    }
    accounts.clock.set(NOW + HOUR);
    const refreshed = await accounts.refresh.execute(first.refresh);
    const last = await logIn();
    expect((await listed(last)).results).toHaveLength(MAX_OPEN_SESSIONS);
    expect(await whoIs(idle)).toBeUndefined();
    expect(await whoIs(refreshed)).toBeDefined();
    expect(await whoIs(last)).toBeDefined();
  });

  test('end one by one: here, elsewhere, and never somebody else’s', async () => {
    const ben = await accounts.register({ email: 'ben@example.org' });
    const [pair, elsewhere] = [await logIn(), await logIn()];
    const bens = await logIn(PASSWORD, ben.email);
    const end = async (id: string) => accounts.endSession.execute({ actor: (await whoIs(pair))!, id });
    for (const id of [claimed(bens).sessionId, ada.id])
      await expect(end(id)).rejects.toBeInstanceOf(NotFound);
    expect(await whoIs(bens)).toBeDefined();
    await end(claimed(elsewhere).sessionId);
    expect(await whoIs(elsewhere)).toBeUndefined();
    await expect(end(claimed(elsewhere).sessionId)).rejects.toBeInstanceOf(NotFound);
    await end(claimed(pair).sessionId);
    expect(await whoIs(pair)).toBeUndefined();
  });

  test('end everywhere, for this user only', async () => {
    const ben = await accounts.register({ email: 'ben@example.org' });
    const [pair, elsewhere] = [await logIn(), await logIn()];
    const bens = await logIn(PASSWORD, ben.email);
    await accounts.endSessions.execute(ada.id);
    expect([await whoIs(pair), await whoIs(elsewhere)]).toEqual([undefined, undefined]);
    expect(await whoIs(bens)).toBeDefined();
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
