import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataSource } from 'typeorm';
import { SigningKeys } from '../../src/identity/adapters/signing-keys.js';
import { startApp, type TestApp } from '../support/app.js';
import { Clinic, PASSWORD, type Person } from '../support/clinic.js';
import { claimsOf, forge, type Token } from '../support/forgery.js';

let running: TestApp;
let clinic: Clinic;
let ours: Token;

beforeAll(async () => {
  running = await startApp();
  clinic = new Clinic(running.app);
  const { access: key, kid } = running.app.get(SigningKeys, { strict: false }).current;
  const claims = claimsOf(await accessOf(await clinic.user('patient')));
  ours = { header: { alg: 'HS256', typ: 'JWT', kid }, claims, key };
});
afterAll(() => running.close());

async function accessOf({ email }: Person): Promise<string> {
  const { body } = await clinic.anyone.post('/api/auth/login/', { email, password: PASSWORD });
  return body.access as string;
}

const me = (token: string) => clinic.anyone.with(token).get('/api/auth/me/');

test('the access token carries no personal data, and expires within ten minutes', () => {
  expect(Object.keys(ours.claims).toSorted()).toEqual(['aud', 'exp', 'iat', 'iss', 'sid', 'sub']);
  expect(Number(ours.claims['exp']) - Number(ours.claims['iat'])).toBe(600);
});

test('requests at once are each answered to their own caller', async () => {
  const people = await Promise.all(Array.from({ length: 8 }, () => clinic.user('patient')));
  const asked = Array.from({ length: 80 }, (_, i) => people[i % people.length]!);
  const answers = await Promise.all(asked.map(({ client }) => client.get('/api/auth/me/')));
  expect(answers.map(({ body }) => body.id as string)).toEqual(asked.map(({ user }) => user));
});

describe('a session ends at once', () => {
  const login = async (email: string) =>
    (await clinic.anyone.post('/api/auth/login/', { email, password: PASSWORD })).body as {
      access: string;
      refresh: string;
    };

  test('logging out takes effect on the next request, for the access and the refresh token', async () => {
    const { email } = await clinic.user('patient');
    const [one, other] = [await login(email), await login(email)];
    expect((await me(one.access)).status).toBe(200);
    expect((await clinic.anyone.with(one.access).post('/api/auth/logout/')).status).toBe(204);
    expect((await me(one.access)).status).toBe(401);
    const refreshed = await clinic.anyone.post('/api/auth/login/refresh/', { refresh: one.refresh });
    expect([refreshed.status, refreshed.body.code]).toEqual([401, 'invalid-refresh-token']);
    expect((await me(other.access)).status).toBe(200);
  });

  test('the access token of before a refresh goes on until the session ends', async () => {
    const { email } = await clinic.user('patient');
    const { access, refresh } = await login(email);
    const next = (await clinic.anyone.post('/api/auth/login/refresh/', { refresh })).body as {
      access: string;
    };
    expect((await me(access)).status).toBe(200);
    await clinic.anyone.with(next.access).post('/api/auth/logout/');
    expect([(await me(access)).status, (await me(next.access)).status]).toEqual([401, 401]);
  });

  test('of refreshes beside a logout none is accepted after it was answered', async () => {
    const { email } = await clinic.user('patient');
    let { access, refresh } = await login(email);
    const loggedOut = clinic.anyone.with(access).post('/api/auth/logout/');
    for (;;) {
      const { status, body } = await clinic.anyone.post('/api/auth/login/refresh/', { refresh });
      if (status !== 200) break;
      ({ access, refresh } = body as { access: string; refresh: string });
    }
    await loggedOut;
    expect((await me(access)).status).toBe(401);
  });

  test('a user who is no longer active is signed out, and cannot sign in or refresh', async () => {
    const person = await clinic.user('patient');
    const { access, refresh } = await login(person.email);
    await running.app.get(DataSource).query('UPDATE users SET active = 0 WHERE id = ?', [person.user]);
    expect((await me(access)).status).toBe(401);
    expect((await clinic.anyone.post('/api/auth/login/refresh/', { refresh })).status).toBe(401);
    const again = await clinic.anyone.post('/api/auth/login/', { email: person.email, password: PASSWORD });
    expect([again.status, again.body.code]).toEqual([401, 'invalid-credentials']);
  });
});

test('a token of the secret before the present one is accepted while that secret is listed', async () => {
  const before = { JWT_SECRET: 'b'.repeat(32) };
  const after = { JWT_SECRET: 'a'.repeat(32), JWT_PREVIOUS_SECRETS: 'b'.repeat(32) };
  for (const [env, status] of [
    [after, 200],
    [{ JWT_SECRET: 'a'.repeat(32) }, 401],
  ] as const) {
    const old = new SigningKeys(before.JWT_SECRET).current;
    const app = await startApp({ env });
    const people = new Clinic(app.app);
    const person = await people.user('patient');
    const { body } = await people.anyone.post('/api/auth/login/', {
      email: person.email,
      password: PASSWORD,
    });
    const claims = claimsOf(body.access as string);
    const token = forge(ours, { claims, header: { kid: old.kid }, key: old.access });
    expect((await people.anyone.with(token).get('/api/auth/me/')).status).toBe(status);
    await app.close();
  }
});
