import { createHmac, createSecretKey, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SigningKeys } from '../../src/identity/adapters/signing-keys.js';
import { startApp, type TestApp } from '../support/app.js';
import type { Request } from '../support/client.js';
import { Clinic, PASSWORD, type Person } from '../support/clinic.js';
import { claimsOf, forge, forgeText, mutationsOf, type Claims, type Token } from '../support/forgery.js';

let running: TestApp;
let clinic: Clinic;
let keys: SigningKeys;
let person: Person;
let ours: Token;
let theirs: Claims;

beforeAll(async () => {
  running = await startApp();
  clinic = new Clinic(running.app);
  keys = running.app.get(SigningKeys, { strict: false });
  const { access: key, kid } = keys.current;
  person = await clinic.user('patient');
  const claims = claimsOf((await logIn(person)).access);
  ours = { header: { alg: 'HS256', typ: 'JWT', kid }, claims, key };
  theirs = claimsOf((await logIn(await clinic.user('patient'))).access);
});
afterAll(() => running.close());

async function logIn({ email }: Person): Promise<{ access: string; refresh: string }> {
  const { body } = await clinic.anyone.post('/api/auth/login/', { email, password: PASSWORD });
  return body as { access: string; refresh: string };
}

const me = (token: string) => clinic.anyone.with(token).get('/api/auth/me/');
const refreshed = (refresh: string) => clinic.anyone.post('/api/auth/login/refresh/', { refresh });
const seconds = (from: number) => Math.floor(Date.now() / 1000) + from;
const foreign = createSecretKey(Buffer.alloc(32, 7));
const parts = () => forge(ours).split('.') as [header: string, claims: string, mac: string];
const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Each is made with our own key unless it says otherwise. */
const FORGERIES: readonly (readonly [string, () => string])[] = [
  // The algorithm
  ['that is unsigned (alg none)', () => forge(ours, { header: { alg: 'none' } })],
  ['that is unsigned (alg None)', () => forge(ours, { header: { alg: 'None' } })],
  ['that is unsigned (alg NONE)', () => forge(ours, { header: { alg: 'NONE' } })],
  ['that says none and is signed', () => forge(ours, { header: { alg: 'none' }, hash: 'sha256' })],
  ['that is unsigned and says HS256', () => `${forge(ours).split('.').slice(0, 2).join('.')}.`],
  ['signed with HS384', () => forge(ours, { header: { alg: 'HS384' } })],
  ['signed with HS512', () => forge(ours, { header: { alg: 'HS512' } })],
  [
    'that says HS384 and is signed with HS256',
    () => forge(ours, { header: { alg: 'HS384' }, hash: 'sha256' }),
  ],
  ['that says HS256 and is signed with HS512', () => forge(ours, { hash: 'sha512' })],
  ['that says RS256 (confusion)', () => forge(ours, { header: { alg: 'RS256' }, hash: 'sha256' })],
  ['that says ES256 (confusion)', () => forge(ours, { header: { alg: 'ES256' }, hash: 'sha256' })],
  ['that says PS256 (confusion)', () => forge(ours, { header: { alg: 'PS256' }, hash: 'sha256' })],
  ['that says EdDSA (confusion)', () => forge(ours, { header: { alg: 'EdDSA' }, hash: 'sha256' })],
  ['that says hs256', () => forge(ours, { header: { alg: 'hs256' }, hash: 'sha256' })],
  ['of an unknown algorithm', () => forge(ours, { header: { alg: 'XX' }, hash: 'sha256' })],
  ['of an empty algorithm', () => forge(ours, { header: { alg: '' }, hash: 'sha256' })],
  ['without an algorithm', () => forge(ours, { header: { alg: undefined }, hash: 'sha256' })],
  ['whose algorithm is null', () => forge(ours, { header: { alg: null }, hash: 'sha256' })],
  ['whose algorithm is a list', () => forge(ours, { header: { alg: ['HS256'] }, hash: 'sha256' })],
  // The key
  ['of an unknown key', () => forge(ours, { header: { kid: 'ffffffffffff' } })],
  ['without a key id', () => forge(ours, { header: { kid: undefined } })],
  ['whose key id is empty', () => forge(ours, { header: { kid: '' } })],
  ['whose key id is null', () => forge(ours, { header: { kid: null } })],
  ['whose key id is a list', () => forge(ours, { header: { kid: [ours.header['kid']] } })],
  ['whose key id is an object', () => forge(ours, { header: { kid: { kid: ours.header['kid'] } } })],
  ['whose key id is a number', () => forge(ours, { header: { kid: 0 } })],
  ['whose key id is a name of every object', () => forge(ours, { header: { kid: '__proto__' } })],
  ['whose key id is a path', () => forge(ours, { header: { kid: '../../../dev/null' } })],
  ['whose key id is SQL', () => forge(ours, { header: { kid: `' UNION SELECT 'key` } })],
  ['whose key id has a space', () => forge(ours, { header: { kid: `${String(ours.header['kid'])} ` } })],
  ['signed with another secret', () => forge(ours, { key: foreign })],
  ['signed with a key of zeros', () => forge(ours, { key: createSecretKey(Buffer.alloc(32)) })],
  ['signed with our key id', () => forge(ours, { key: createSecretKey(Buffer.from(keys.current.kid)) })],
  ['signed with the key of refresh tokens', () => forge(ours, { key: keys.current.refresh })],
  ['signed with the key of fingerprints', () => forge(ours, { key: keys.current.fingerprint })],
  [
    'that brings its key along',
    () => forge(ours, { key: foreign, header: { jwk: foreign.export({ format: 'jwk' }) } }),
  ],
  [
    'that says where its key is',
    () =>
      forge(ours, { key: foreign, header: { jku: 'https://example.org/keys', x5u: 'https://example.org/' } }),
  ],
  // What is claimed
  ['whose claims were changed after signing', () => `${parts()[0]}.${encoded(theirs)}.${parts()[2]}`],
  ['that has expired', () => forge(ours, { claims: { exp: seconds(-1) } })],
  ['that expired in 1970', () => forge(ours, { claims: { exp: 0 } })],
  ['without expiry', () => forge(ours, { claims: { exp: undefined } })],
  ['whose expiry is null', () => forge(ours, { claims: { exp: null } })],
  ['whose expiry is no number', () => forge(ours, { claims: { exp: 'never' } })],
  ['whose expiry is a number as text', () => forge(ours, { claims: { exp: String(seconds(60)) } })],
  ['whose expiry is true', () => forge(ours, { claims: { exp: true } })],
  ['whose expiry is a list', () => forge(ours, { claims: { exp: [seconds(60)] } })],
  [
    'that never expires',
    () => forgeText(ours, JSON.stringify({ ...ours.claims, exp: 'x' }).replace('"x"', '1e999')),
  ],
  ['that is not valid yet', () => forge(ours, { claims: { nbf: seconds(60) } })],
  ['whose beginning is text', () => forge(ours, { claims: { nbf: 'now' } })],
  ['of another issuer', () => forge(ours, { claims: { iss: 'elsewhere' } })],
  ['without issuer', () => forge(ours, { claims: { iss: undefined } })],
  ['whose issuer is a list', () => forge(ours, { claims: { iss: ['cybermed'] } })],
  ['for another audience', () => forge(ours, { claims: { aud: 'elsewhere' } })],
  ['without audience', () => forge(ours, { claims: { aud: undefined } })],
  ['for an audience that is null', () => forge(ours, { claims: { aud: null } })],
  ['for a longer audience', () => forge(ours, { claims: { aud: 'cybermed-api-of-others' } })],
  ['without user', () => forge(ours, { claims: { sub: undefined } })],
  ['of a user who is not there', () => forge(ours, { claims: { sub: randomUUID() } })],
  ['whose user is no id', () => forge(ours, { claims: { sub: { length: 36 } } })],
  ['whose user is a list', () => forge(ours, { claims: { sub: [ours.claims['sub']] } })],
  ['whose user is null', () => forge(ours, { claims: { sub: null } })],
  [
    'whose user is in capitals',
    () => forge(ours, { claims: { sub: String(ours.claims['sub']).toUpperCase() } }),
  ],
  ['without session', () => forge(ours, { claims: { sid: undefined } })],
  ['of a session that is not there', () => forge(ours, { claims: { sid: randomUUID() } })],
  ['whose session is a list', () => forge(ours, { claims: { sid: [ours.claims['sid']] } })],
  ['whose session is a condition', () => forge(ours, { claims: { sid: { $ne: null } } })],
  ['whose session is true', () => forge(ours, { claims: { sid: true } })],
  ['of the session of another user', () => forge(ours, { claims: { sid: theirs['sid'] } })],
  ['of another user in our session', () => forge(ours, { claims: { sub: theirs['sub'] } })],
  ['whose claims are a list', () => forgeText(ours, '[]')],
  ['whose claims are text', () => forgeText(ours, '"claims"')],
  ['whose claims are no JSON', () => forgeText(ours, '{"sub":')],
  ['whose claims are empty', () => forgeText(ours, '')],
  // The form
  ['that is no token', () => 'nonsense'],
  ['of two parts', () => parts().slice(0, 2).join('.')],
  ['of one part', () => parts()[0]],
  ['of four parts', () => `${forge(ours)}.${parts()[2]}`],
  ['of five parts, as an encrypted one has', () => `${forge(ours)}..`],
  ['of empty parts', () => '..'],
  ['that begins with a dot', () => `.${forge(ours)}`],
  ['whose parts changed places', () => [parts()[1], parts()[0], parts()[2]].join('.')],
  ['whose header is no JSON', () => `e30x.${parts()[1]}.${parts()[2]}`],
  ['whose header is empty', () => `.${parts()[1]}.${parts()[2]}`],
  ['whose MAC is padded', () => `${forge(ours)}=`],
  ['whose MAC lost its last letter', () => forge(ours).slice(0, -1)],
  ['whose MAC lost its first letter', () => `${parts()[0]}.${parts()[1]}.${parts()[2].slice(1)}`],
  [
    'whose MAC is in hexadecimal',
    () => [...parts().slice(0, 2), Buffer.from(parts()[2], 'base64url').toString('hex')].join('.'),
  ],
  ['whose MAC is in capitals', () => [...parts().slice(0, 2), parts()[2].toUpperCase()].join('.')],
  [
    'whose MAC is another token’s',
    () => [...parts().slice(0, 2), forge(ours, { claims: theirs }).split('.')[2]].join('.'),
  ],
  ['twice', () => `${forge(ours)},${forge(ours)}`],
];

test('a token forged with our key and nothing changed is accepted: the control of all that follow', async () => {
  expect((await me(forge(ours))).status).toBe(200);
});

test('there are at least 60 of them', () => {
  expect(FORGERIES.length).toBeGreaterThanOrEqual(60);
});

describe('a token is refused, with WWW-Authenticate,', () => {
  test.each(FORGERIES)('%s', async (_, token) => {
    const { status, body, headers } = await me(token());
    expect([status, body.code]).toEqual([401, 'not-authenticated']);
    expect(headers['www-authenticate']).toMatch(/^Bearer /);
  });

  test('that is our own but for one letter, in any part', async () => {
    const { access } = await logIn(person);
    const mutations = mutationsOf(access);
    expect(mutations.length).toBeGreaterThan(20);
    for (const mutation of mutations)
      expect([mutation, (await me(mutation)).status]).toEqual([mutation, 401]);
    expect((await me(access)).status).toBe(200);
  });

  test('that is a refresh token', async () => {
    expect((await me((await logIn(person)).refresh)).status).toBe(401);
  });

  test.each<[string, (token: string) => Partial<Request>]>([
    ['in the address', (token) => ({ url: `/api/auth/me/?access_token=${token}` })],
    ['of another scheme', (token) => ({ headers: { authorization: `Basic ${token}` } })],
    ['without a scheme', (token) => ({ headers: { authorization: token } })],
    ['in a cookie', (token) => ({ headers: { cookie: `access=${token}; authorization=Bearer ${token}` } })],
  ])('%s', async (_, request) => {
    const { status, headers } = await clinic.anyone.send({
      method: 'GET',
      url: '/api/auth/me/',
      ...request(forge(ours)),
    });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toMatch(/^Bearer /);
  });
});

describe('a refresh token is refused, and the genuine one goes on,', () => {
  type Parts = [session: string, counter: string, mac: string];
  const mac = (text: string, key = keys.current.refresh) =>
    createHmac('sha256', key).update(text).digest('base64url');

  test.each<[string, (parts: Parts) => string]>([
    ['of the next counter', ([id, , mac]) => `${id}.1.${mac}`],
    ['of a counter below none', ([id, , mac]) => `${id}.-1.${mac}`],
    ['whose counter is written otherwise', ([id, , mac]) => `${id}.00.${mac}`],
    ['whose counter is hexadecimal', ([id, , mac]) => `${id}.0x0.${mac}`],
    ['whose counter is beyond all numbers', ([id, , mac]) => `${id}.${'9'.repeat(100)}.${mac}`],
    ['of another session', ([, counter, mac]) => `${String(theirs['sid'])}.${counter}.${mac}`],
    ['of a session in capitals', ([id, ...rest]) => [id.toUpperCase(), ...rest].join('.')],
    ['of a user', ([, ...rest]) => [String(ours.claims['sub']), ...rest].join('.')],
    ['signed without the nonce', ([id, counter]) => `${id}.${counter}.${mac(`${id}.${counter}.`)}`],
    ['signed with the key of access tokens', ([id]) => `${id}.0.${mac(`${id}.0.`, keys.current.access)}`],
    ['without a MAC', ([id, counter]) => `${id}.${counter}.`],
    ['of two parts', ([id, counter]) => `${id}.${counter}`],
    ['of four parts', (all) => [...all, all[2]].join('.')],
    ['whose MAC is padded', (all) => `${all.join('.')}=`],
    ['with a space around it', (all) => ` ${all.join('.')} `],
    ['of dots', () => '..'],
  ])('%s', async (_, forgery) => {
    const { refresh } = await logIn(person);
    const { status, body } = await refreshed(forgery(refresh.split('.') as Parts));
    expect([status, body.code]).toEqual([401, 'invalid-refresh-token']);
    expect((await refreshed(refresh)).status).toBe(200);
  });

  test('that is our own but for one letter, in any part', async () => {
    const { refresh } = await logIn(person);
    const mutations = mutationsOf(refresh, 5);
    expect(mutations.length).toBeGreaterThan(15);
    for (const mutation of mutations)
      expect([mutation, (await refreshed(mutation)).status]).toEqual([mutation, 401]);
    expect((await refreshed(refresh)).status).toBe(200);
  });
});
