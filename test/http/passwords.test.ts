import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FifoQueue } from '#libs/persistence/fifo-queue.js';
import { Argon2PasswordHasher } from '../../src/identity/adapters/argon2-password-hasher.js';
import { PasswordHasher } from '../../src/identity/index.js';
import { startApp, type TestApp } from '../support/app.js';

import { Clinic, PASSWORD } from '../support/clinic.js';
import { withQuickPasswords } from '../support/quick-passwords.js';

const NEXT = 'nine clouds over the lake';
const CHANGE = '/api/auth/password/change/';

let running: TestApp;
let clinic: Clinic;
beforeAll(async () => {
  running = await startApp({ wire: withQuickPasswords });
  clinic = new Clinic(running.app);
});
afterAll(() => running.close());

const logIn = (email: string, password: string) =>
  clinic.anyone.post('/api/auth/login/', { email, password });
const change = (client: Clinic['anyone'], current_password: string, new_password: string) =>
  client.post(CHANGE, { current_password, new_password });

describe('a new account is refused', () => {
  test.each([
    ['password1234', 'common'],
    ['QwertyUiop[]12', 'common'],
    ['Ada Newman 1990', 'personal'],
    ['ada.newman@example.org', 'personal'],
  ])('with the password %s, which is %s', async (password, code) => {
    const person = {
      email: 'ada.newman@example.org',
      first_name: 'Ada',
      last_name: 'Newman',
      role: 'patient',
    };
    const answer = await clinic.anyone.post('/api/auth/register/', { ...person, password });
    expect([answer.status, answer.body.code]).toEqual([422, 'weak-password']);
    expect(answer.body.errors).toEqual([{ pointer: '/password', code, message: expect.any(String) }]);
    expect(JSON.stringify(answer.body)).not.toContain(password);
  });
});

describe('a password is changed', () => {
  test('by whoever knows it, and they are signed out everywhere else', async () => {
    const { client, email } = await clinic.user('patient');
    const elsewhere = await clinic.anyone.logIn(email, PASSWORD);
    const { status, body } = await change(client, PASSWORD, NEXT);
    expect([status, body]).toEqual([204, '']);
    expect((await client.get('/api/auth/me/')).status).toBe(200);
    expect((await elsewhere.get('/api/auth/me/')).status).toBe(401);
    expect((await logIn(email, PASSWORD)).status).toBe(401);
    expect((await logIn(email, NEXT)).status).toBe(200);
  });

  test('by nobody else', async () => {
    const { client, email } = await clinic.user('patient');
    const { status, body } = await change(client, NEXT, NEXT);
    expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'wrong-password', '/current_password']);
    expect((await logIn(email, PASSWORD)).status).toBe(200);
  });

  test('to none that is too short, too long, common or one’s own name', async () => {
    const { client, email } = await clinic.user('patient');
    for (const [password, status] of [
      ['x'.repeat(11), 400],
      ['x'.repeat(129), 400],
      ['password1234', 422],
      [email, 422],
    ] as const) {
      const { body, ...answer } = await change(client, PASSWORD, password);
      expect([answer.status, body.errors[0].pointer]).toEqual([status, '/new_password']);
    }
    expect((await logIn(email, PASSWORD)).status).toBe(200);
  });
});

describe('passwords that wait to be hashed', () => {
  test('are so many and no more: the next are told to come again, and nothing else waits for them', async () => {
    const queue = new FifoQueue(2, 1);
    const hasher = new Argon2PasswordHasher(queue);
    const full = await startApp({
      wire: (builder) => builder.overrideProvider(PasswordHasher).useValue(hasher),
    });
    const people = new Clinic(full.app);
    const { email, client } = await people.user('patient');
    const login = () => people.anyone.post('/api/auth/login/', { email, password: PASSWORD });
    let letGo = () => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    // One is hashed and two wait.
    const hashes = Array.from({ length: 3 }, () => queue.run(() => held));

    const refused = await login();
    expect([refused.status, refused.body.code]).toEqual([503, 'overloaded']);
    expect(refused.headers['retry-after']).toBe('1');
    expect((await client.get('/api/auth/me/')).status).toBe(200);
    letGo();
    await Promise.all(hashes);
    expect((await login()).status).toBe(200);
    await full.close();
  });
});
