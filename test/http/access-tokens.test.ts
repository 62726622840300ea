import { createHmac, createSecretKey, randomUUID, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataSource } from 'typeorm';
import { SigningKeys } from '../../src/identity/adapters/signing-keys.js';
import { startApp, type TestApp } from '../support/app.js';
import type { Request } from '../support/client.js';
import { Clinic, PASSWORD, type Person } from '../support/clinic.js';

type Claims = Record<string, unknown>;
interface Token {
  header: Record<string, unknown>;
  claims: Claims;
  key: KeyObject;
}

const HASHES: Record<string, string> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

let running: TestApp;
let clinic: Clinic;
let ours: Token;
let somebodyElses: Claims;

beforeAll(async () => {
  running = await startApp();
  clinic = new Clinic(running.app);
  const { access: key, kid } = running.app.get(SigningKeys, { strict: false }).current;
  const claims = claimsOf(await accessOf(await clinic.user('patient')));
  ours = { header: { alg: 'HS256', typ: 'JWT', kid }, claims, key };
  somebodyElses = claimsOf(await accessOf(await clinic.user('patient')));
});
afterAll(() => running.close());

async function accessOf({ email }: Person): Promise<string> {
  const { body } = await clinic.anyone.post('/api/auth/login/', { email, password: PASSWORD });
  return body.access as string;
}

function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Claims;
}

/** Our own token with something changed, signed with whatever its header says. */
function forged(change: { header?: object; claims?: object; key?: KeyObject }): string {
  const header = { ...ours.header, ...change.header };
  const text = [header, { ...ours.claims, ...change.claims }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const hash = HASHES[String(header['alg'])];
  const mac =
    hash === undefined
      ? ''
      : createHmac(hash, change.key ?? ours.key)
          .update(text)
          .digest('base64url');
  return `${text}.${mac}`;
}

const me = (token: string) => clinic.anyone.with(token).get('/api/auth/me/');
const seconds = (from: number) => Math.floor(Date.now() / 1000) + from;
const foreign = createSecretKey(Buffer.alloc(32, 7));

test('the access token carries no personal data, and expires within ten minutes', () => {
  expect(Object.keys(ours.claims).toSorted()).toEqual(['aud', 'exp', 'iat', 'iss', 'sid', 'sub']);
  expect(Number(ours.claims['exp']) - Number(ours.claims['iat'])).toBe(600);
});

test('a token forged with our key and nothing changed is accepted: the control of all that follow', async () => {
  expect((await me(forged({}))).status).toBe(200);
});

describe('a token is refused, with WWW-Authenticate,', () => {
  test.each<[string, () => string]>([
    ['that is unsigned (alg none)', () => forged({ header: { alg: 'none' } })],
    ['that is unsigned (alg None)', () => forged({ header: { alg: 'None' } })],
    ['signed with HS384', () => forged({ header: { alg: 'HS384' } })],
    ['signed with HS512', () => forged({ header: { alg: 'HS512' } })],
    ['of an unknown algorithm', () => forged({ header: { alg: 'XX' } })],
    ['without an algorithm', () => forged({ header: { alg: undefined } })],
    ['of an unknown key', () => forged({ header: { kid: 'ffffffffffff' } })],
    ['without a key id', () => forged({ header: { kid: undefined } })],
    ['whose key id is no text', () => forged({ header: { kid: ['a'] } })],
    ['signed with another secret', () => forged({ key: foreign })],
    ['whose claims were changed after signing', () => tampered()],
    ['that has expired', () => forged({ claims: { exp: seconds(-1) } })],
    ['without expiry', () => forged({ claims: { exp: undefined } })],
    ['whose expiry is no number', () => forged({ claims: { exp: 'never' } })],
    ['that is not valid yet', () => forged({ claims: { nbf: seconds(60) } })],
    ['of another issuer', () => forged({ claims: { iss: 'elsewhere' } })],
    ['without issuer', () => forged({ claims: { iss: undefined } })],
    ['for another audience', () => forged({ claims: { aud: 'elsewhere' } })],
    ['without audience', () => forged({ claims: { aud: undefined } })],
    ['without user', () => forged({ claims: { sub: undefined } })],
    ['of a user who is not there', () => forged({ claims: { sub: randomUUID() } })],
    ['whose user is no id', () => forged({ claims: { sub: { length: 36 } } })],
    ['without session', () => forged({ claims: { sid: undefined } })],
    ['of a session that is not there', () => forged({ claims: { sid: randomUUID() } })],
    ['of the session of another user', () => forged({ claims: { sid: somebodyElses['sid'] } })],
    ['of another user in our session', () => forged({ claims: { sub: somebodyElses['sub'] } })],
    ['that is no token', () => 'nonsense'],
    ['of two parts', () => forged({}).split('.').slice(0, 2).join('.')],
    ['of empty parts', () => '..'],
    ['whose header is no JSON', () => `e30x.${forged({}).split('.').slice(1).join('.')}`],
  ])('%s', async (_, token) => {
    const { status, body, headers } = await me(token());
    expect([status, body.code]).toEqual([401, 'not-authenticated']);
    expect(headers['www-authenticate']).toMatch(/^Bearer /);
  });

  function tampered(): string {
    const [header, , mac] = forged({}).split('.');
    const claims = Buffer.from(JSON.stringify(somebodyElses)).toString('base64url');
    return `${header}.${claims}.${mac}`;
  }

  test.each<[string, (token: string) => Partial<Request>]>([
    ['in the address', (token) => ({ url: `/api/auth/me/?access_token=${token}` })],
    ['of another scheme', (token) => ({ headers: { authorization: `Basic ${token}` } })],
    ['without a scheme', (token) => ({ headers: { authorization: token } })],
    ['in a cookie', (token) => ({ headers: { cookie: `access=${token}; authorization=Bearer ${token}` } })],
  ])('%s', async (_, request) => {
    const { status, headers } = await clinic.anyone.send({
      method: 'GET',
      url: '/api/auth/me/',
      ...request(forged({})),
    });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toMatch(/^Bearer /);
  });
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
    const token = forged({
      claims: claimsOf(body.access as string),
      header: { kid: old.kid },
      key: old.access,
    });
    expect((await people.anyone.with(token).get('/api/auth/me/')).status).toBe(status);
    await app.close();
  }
});
