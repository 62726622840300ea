import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataSource } from 'typeorm';
import { Overloaded } from '#libs/kernel/errors.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { problemCatalogue } from '../../src/app.module.js';
import { Reader } from '../../src/database/database.module.js';
import { DoctorDirectory } from '../../src/doctors/index.js';
import { Users } from '../../src/identity/index.js';
import { startApp, type TestApp } from '../support/app.js';
import type { Answer, Client, Request } from '../support/client.js';
import { Clinic, PASSWORD, type Member } from '../support/clinic.js';
import { at, operationsIn } from '../support/operations.js';

const NOBODY = '01900000-0000-7000-8000-00000000dead';
const JSON_TYPE = { 'content-type': 'application/json' };

let running: TestApp;
let clinic: Clinic;
let doctor: Member;
let patient: Member;
let admin: Client;

beforeAll(async () => {
  running = await startApp();
  clinic = new Clinic(running.app);
  doctor = await clinic.doctor();
  patient = await clinic.patient();
  admin = (await clinic.admin()).client;
});
afterAll(() => running.close());

describe('every error is a problem document', () => {
  const registration = { first_name: 'A', last_name: 'B', password: PASSWORD, role: 'patient' };
  const cases: [number, string, () => Promise<Answer>][] = [
    [400, 'invalid-request', () => patient.client.get('/api/doctors/?limit=0')],
    [400, 'invalid-request', () => patient.client.get('/api/doctors/%zz/')],
    [401, 'not-authenticated', () => clinic.anyone.get('/api/auth/me/')],
    [401, 'invalid-credentials', () => logIn('wrong password')],
    [403, 'forbidden', () => patient.client.get('/api/patients/')],
    [404, 'not-found', () => patient.client.get(`/api/doctors/${NOBODY}/`)],
    [404, 'not-found', () => patient.client.get('/nothing/here/')],
    [409, 'email-taken', () => register({ ...registration, email: patient.email })],
    [413, 'body-too-large', () => logIn('x'.repeat(70_000))],
    [404, 'not-found', () => patient.client.get(`/api/doctors/${'x'.repeat(2000)}/`)],
    [415, 'unsupported-media-type', () => send({ headers: { 'content-type': 'text/plain' }, payload: 'x' })],
    [422, 'in-the-past', () => book({ date: '2001-01-01', time: '09:00' })],
  ];

  const register = (payload: object) => clinic.anyone.post('/api/auth/register/', payload);
  const logIn = (password: string) =>
    clinic.anyone.post('/api/auth/login/', { email: patient.email, password });
  const send = (request: Partial<Request>) =>
    clinic.anyone.send({ method: 'POST', url: '/api/auth/login/', ...request });
  const book = (when: object) => patient.client.post('/api/appointments/', { doctor: doctor.id, ...when });

  test.each(cases)('%i %s', async (status, code, ask) => {
    const { body, headers, status: answered } = await ask();
    expect(answered).toBe(status);
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(headers['cache-control']).toBe('no-store');
    expect(body).toMatchObject({
      type: `/problems/${code}`,
      code,
      status,
      title: problemCatalogue.find(code)!.title,
    });
    expect(body.detail).toMatch(/\S.*\.$/);
    expect(headers['x-request-id']).toBe(body.request_id);
    const members = ['type', 'title', 'status', 'detail', 'code', 'request_id'];
    const extra = ['errors', 'alternatives', 'allowed_actions'];
    expect([...members, ...extra]).toEqual(expect.arrayContaining(Object.keys(body as object)));
    expect(headers['www-authenticate'] !== undefined).toBe(status === 401);
  });

  test.each(problemCatalogue.all())(
    'its type leads to a page that explains it: $code',
    async ({ code, title }) => {
      for (const slash of ['', '/']) {
        const { status, headers, body } = await clinic.anyone.get(`/problems/${code}${slash}`);
        expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
        expect(body).toContain(`<h1>${title}</h1>`);
      }
    },
  );

  test('a page of a problem that is none is not found', async () => {
    for (const code of ['nothing', 'constructor', '__proto__', '%3Cscript%3E']) {
      const { status, body } = await clinic.anyone.get(`/problems/${code}`);
      expect([status, body.code]).toEqual([404, 'not-found']);
    }
  });

  test('it stays small, however much is wrong', async () => {
    const fields = Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`field${i}`, 1]));
    const parameters = Array.from({ length: 2000 }, (_, i) => `parameter${i}=1`).join('&');
    const answers = [
      await patient.client.patch('/api/auth/me/', fields),
      await patient.client.patch('/api/auth/me/', { ['x'.repeat(60_000)]: 1 }),
      await patient.client.post('/api/auth/logout/', fields),
      await patient.client.get(`/api/auth/me/?${parameters}`),
      await patient.client.get(`/api/doctors/?${parameters}`),
    ];
    for (const { status, body } of answers) {
      expect([status, JSON.stringify(body).length < 8000]).toEqual([400, true]);
    }
  });
});

describe('what the API answers', () => {
  test('is kept by no cache, however the address is spelled', async () => {
    for (const url of ['/api/auth/me/', '/api/auth/me', '/%61pi/auth/me/', '/ap%69/doctors/']) {
      const { status, headers } = await patient.client.get(url);
      expect([url, status, headers['cache-control']]).toEqual([url, 200, 'no-store']);
    }
  });
});

describe('what the server fails at', () => {
  test('is told as an internal error, without its words, its stack or its SQL', async () => {
    class Broken {
      list() {
        throw new Error('SELECT secret FROM patients at /home/clinic/secret.ts');
      }
    }
    const broken = await startApp({
      wire: (builder) => builder.overrideProvider(DoctorDirectory).useValue(new Broken()),
    });
    broken.app.useLogger(false);
    const people = new Clinic(broken.app);
    const { body } = await people.anyone.post('/api/auth/login/', await credentials(people));
    const answer = await broken.app.inject({
      url: '/api/doctors/',
      headers: { authorization: `Bearer ${body.access}` },
    });
    broken.app.useLogger(['error', 'fatal']);
    expect(answer.json()).toEqual({
      type: '/problems/internal-error',
      title: 'The server failed',
      status: 500,
      detail: 'A fault of the server, not of the request. Report it with the request_id.',
      code: 'internal-error',
      request_id: answer.headers['x-request-id'],
    });
    await broken.close();
  });

  test('for too much waiting work is 503 with Retry-After, and reading goes on', async () => {
    const full = { run: () => Promise.reject(new Overloaded()) };
    const wired = await startApp({
      data: 'demo',
      wire: (builder) =>
        builder.overrideProvider(TypeOrmTransactions).useFactory({
          inject: [DataSource, Reader],
          factory: (writer: DataSource, reader: Reader) =>
            new TypeOrmTransactions(writer, reader.dataSource, full),
        }),
    });
    const people = new Clinic(wired.app);
    const login = { email: 'lena.fischer@demo.cybermed.example', password: 'demo-password' };
    const { status, body, headers } = await people.anyone.post('/api/auth/login/', login);
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'overloaded', '1']);
    expect(await wired.app.get(Users, { strict: false }).isEmpty()).toBe(false);
    await wired.close();
  });

  test('a database that does not answer makes it not ready, while it lives on', async () => {
    const wired = await startApp();
    await wired.app.get(Reader).dataSource.destroy();
    const people = new Clinic(wired.app);
    const { status, body, headers } = await people.anyone.get('/health/ready/');
    expect([status, body.code, headers['retry-after']]).toEqual([503, 'not-ready', '1']);
    expect((await people.anyone.get('/health/live/')).status).toBe(200);
    await wired.app.get(Reader).dataSource.initialize();
    await wired.close();
  });

  async function credentials(people: Clinic): Promise<object> {
    return { email: (await people.user('patient')).email, password: PASSWORD };
  }
});

describe('X-Request-Id', () => {
  test('is a new id on every answer, and never the caller’s', async () => {
    const answers = [
      await clinic.anyone.get('/health/live/'),
      await clinic.anyone.get('/nothing'),
      await clinic.anyone.get('/%zz'),
      await clinic.anyone.send({ method: 'GET', url: '/health/live', headers: { 'x-request-id': NOBODY } }),
    ];
    const ids = answers.map(({ headers }) => String(headers['x-request-id']));
    expect(new Set(ids).size).toBe(answers.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(ids).not.toContain(NOBODY);
  });
});

describe('an id in a path', () => {
  const MALFORMED = [
    '1',
    'null',
    'undefined',
    '%20',
    `${NOBODY}0`,
    NOBODY.slice(1),
    NOBODY.replaceAll('-', ''),
  ];
  const STRANGE = [
    '00000000-0000-0000-0000-000000000000',
    '..%2f..',
    '%00',
    '{id}',
    '%C3%A9',
    "'%20OR%201=1--",
  ];

  test('that could not be one names nothing: 404 on every route', async () => {
    const withId = operationsIn(running.app).filter(({ path }) => path.includes('{id}'));
    expect(withId.length).toBeGreaterThan(5);
    for (const { method, path, roles } of withId) {
      const client = { patient: patient.client, doctor: doctor.client, admin }[roles![0]!];
      for (const id of [...MALFORMED, ...STRANGE]) {
        const { status, body } = await client.send({ method, url: at(path, { id }) });
        expect([method, path, id, status, body.code]).toEqual([method, path, id, 404, 'not-found']);
      }
    }
  });

  test('is the same in upper case', async () => {
    expect((await patient.client.get(`/api/doctors/${doctor.id.toUpperCase()}/`)).body.id).toBe(doctor.id);
  });
});

describe('a route that is not there', () => {
  test.each(['/api/', '/api/nothing/', '/api/doctors/x/y/z/', '/API/doctors/', '/api//doctors/'])(
    '%s is 404, with and without a token',
    async (url) => {
      for (const client of [clinic.anyone, patient.client]) {
        const { status, body } = await client.get(url);
        expect([status, body.code]).toEqual([404, 'not-found']);
      }
    },
  );

  test('a path that has other methods is 405, and names them', async () => {
    const asked = [
      ['PUT', '/api/appointments/', 'GET, HEAD, POST'],
      ['DELETE', '/api/appointments?status=pending', 'GET, HEAD, POST'],
      ['OPTIONS', '/api/appointments/', 'GET, HEAD, POST'],
      ['PUT', '/api/doctor-profile/', 'GET, HEAD, POST, PATCH'],
      ['PATCH', `/api/doctors/${doctor.id}/slot-policy/`, 'GET, HEAD, PUT'],
      ['GET', '/api/auth/login/', 'POST'],
    ] as const;
    for (const [method, url, allow] of asked) {
      for (const client of [clinic.anyone, patient.client]) {
        const { status, body, headers } = await client.send({ method, url });
        expect([url, status, body.code, headers['allow']]).toEqual([url, 405, 'method-not-allowed', allow]);
      }
    }
    const { body: refused } = await clinic.anyone.send({ method: 'GET', url: '/api/auth/login/' });
    expect(refused.detail).toBe(
      'This path does not have this method: Allow lists those that it has. Where no path of the API has the method, Allow lists those that the API uses.',
    );
    const nowhere = await clinic.anyone.send({ method: 'DELETE', url: '/api/nothing/' });
    expect([nowhere.status, nowhere.headers['allow']]).toEqual([404, undefined]);
  });
});

describe('a body', () => {
  const post = (headers: Record<string, string>, payload: string | Buffer) =>
    clinic.anyone.send({ method: 'POST', url: '/api/auth/login/', headers, payload });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/jsonp',
    'application/json-patch+json',
    'application/problem+json',
    'text/json',
    '*/*',
  ])('of the type %s is 415', async (type) => {
    const { status, body } = await post({ 'content-type': type }, '{}');
    expect([status, body.code]).toEqual([415, 'unsupported-media-type']);
  });

  test.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
  ])('of the type %s is read', async (type) => {
    const credentials = JSON.stringify({ email: patient.email, password: PASSWORD });
    expect((await post({ 'content-type': type }, credentials)).status).toBe(200);
  });

  test('of 64 KiB is read, and of one byte more is 413', async () => {
    const ofBytes = (bytes: number) => `{"email":"${'x'.repeat(bytes - 12)}"}`;
    expect((await post(JSON_TYPE, ofBytes(65_536))).status).toBe(400);
    const { status, body } = await post(JSON_TYPE, ofBytes(65_537));
    expect([status, body.code]).toEqual([413, 'body-too-large']);
  });

  test.each([
    ['nothing but an open brace', '{'],
    ['a trailing comma', '{"email":"a@example.org",}'],
    ['a comment', '{/**/}'],
    ['single quotes', "{'email':'a'}"],
    ['a list', '[]'],
    ['null', 'null'],
    ['text', '"{}"'],
    ['a number', '1'],
    ['space', ' '],
    ['two objects', '{}{}'],
    ['a raw NUL', '{"email":"\u0000"}'],
    ['a field named __proto__', '{"__proto__":{"email":"a@example.org"}}'],
    ['a field named __proto__, escaped and deep', '{"email":{"a":[{"\\u005f_proto__":1}]}}'],
    ['nine levels of lists', `{"email":${'['.repeat(9)}${']'.repeat(9)}}`],
    ['thousands of levels', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`],
  ])('of %s is 400, and no field is blamed', async (_, text) => {
    const { status, body } = await post(JSON_TYPE, text);
    expect([status, body.code, body.errors]).toMatchObject([
      400,
      'invalid-request',
      [{ pointer: '', code: 'json' }],
    ]);
  });

  test.each([
    ['/email', '{"email":"a@example.org","password":"x","email":"b@example.org"}'],
    ['/email', '{"email":"a@example.org","\\u0065mail" : "b@example.org"}'],
    ['/a~1b', '{"a/b":1,"a/b":1}'],
    ['', '{"email":{"a":1,"b":2,"a":3}}'],
    ['', '{"email":[{"a":1},{"a":1,"a":1}]}'],
  ])('that names a field twice is 400, and %j is blamed: %s', async (pointer, text) => {
    const { status, body } = await post(JSON_TYPE, text);
    expect([status, body.errors]).toEqual([
      400,
      [{ pointer, code: 'twice', message: 'stands twice in one object' }],
    ]);
  });

  test('may have one name in different objects, in texts, and as a value', async () => {
    const text = '{"email":{"a":{"a":"a"},"b":[{"a":1},{"a":2}],"c":"{\\"a\\":1,\\"a\\":2}","d":"email"}}';
    const { body } = await post(JSON_TYPE, text);
    expect(body.errors).toMatchObject([{ pointer: '/email', code: 'email' }, { pointer: '/password' }]);
  });

  test('that is not UTF-8 is 400', async () => {
    const { status } = await post(JSON_TYPE, Buffer.from('{"email":"\xff"}', 'latin1'));
    expect(status).toBe(400);
  });

  test('that is empty is no body, whatever type is announced', async () => {
    const { status, body } = await post(JSON_TYPE, '');
    expect(body.errors).toMatchObject([{ pointer: '/email' }, { pointer: '/password' }]);
    expect(status).toBe(400);
    const none = { method: 'POST' as const, url: `/api/appointments/${NOBODY}/cancel/` };
    expect((await patient.client.send({ ...none, headers: JSON_TYPE })).status).toBe(404);
    expect((await patient.client.send({ ...none, headers: JSON_TYPE, payload: '' })).status).toBe(404);
    expect((await patient.client.send(none)).status).toBe(404);
  });
});
