import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DAY, MINUTE } from '#libs/kernel/clock.js';
import { KeptMail } from '../../src/identity/ports.js';
import { MailPasswordResets } from '../../src/identity/use-cases/mail-password-resets.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import { tally } from '../support/client.js';
import { Clinic, PASSWORD } from '../support/clinic.js';
import { onEachDatabase } from '../support/databases.js';
import { withQuickPasswords } from '../support/quick-passwords.js';

const NOW = Date.parse('2030-01-07T07:00:00Z');
const OTHER = 'nine clouds over the lake';

onEachDatabase('An email that is to be verified', (database) => {
  const clock = new FixedClock(NOW);
  let running: TestApp;
  let clinic: Clinic;
  let email: string;

  beforeAll(async () => {
    const env = { DEMO: 'true', EMAIL_VERIFICATION: 'required' };
    running = await startApp({ database, clock, wire: withQuickPasswords, env });
    clinic = new Clinic(running.app);
  });
  afterAll(() => running.close());
  beforeEach(() => {
    email = clinic.email('owner');
  });

  const register = (more: object = {}) => {
    const person = { email, password: PASSWORD, first_name: 'Ada', last_name: 'Newman', role: 'patient' };
    return clinic.anyone.post('/api/auth/register/', { ...person, ...more });
  };
  const verify = (token: string) => clinic.anyone.post('/api/auth/email/verify/', { token });
  const logIn = (password = PASSWORD) => clinic.anyone.post('/api/auth/login/', { email, password });

  async function letters(): Promise<{ subject: string; token: string }[]> {
    await running.app.get(MailPasswordResets, { strict: false }).execute();
    const kept = (await running.app.get(KeptMail, { strict: false }).newest(200))!;
    return kept
      .filter(({ to }) => to.toLowerCase() === email.toLowerCase())
      .map(({ subject, text }) => ({ subject, token: /^[\w-]{43}$/m.exec(text)![0] }));
  }

  test('lets nobody in before the token is used, and then with the password that was chosen', async () => {
    const { status, body } = await register({ role: 'doctor' });
    expect([status, body]).toEqual([202, '']);
    const refused = await logIn();
    expect([refused.status, refused.body.code]).toEqual([401, 'invalid-credentials']);
    const [letter] = await letters();
    expect(letter!.subject).toBe('Is this your account?');
    const verified = await verify(letter!.token);
    expect([verified.status, verified.body]).toEqual([204, '']);
    const { body: tokens } = await logIn();
    const me = await clinic.anyone.with(tokens.access as string).get('/api/auth/me/');
    expect(me.body).toMatchObject({ email, first_name: 'Ada', role: 'doctor' });
  });

  test('has a token that works once, and for 30 minutes', async () => {
    await register();
    const { token } = (await letters())[0]!;
    expect(tally(await Promise.all([verify(token), verify(token), verify(token)]))).toEqual({
      204: 1,
      422: 2,
    });
    email = clinic.email('late');
    await register();
    const late = (await letters())[0]!.token;
    clock.set(clock.now() + 30 * MINUTE);
    expect((await verify(late)).body.code).toBe('token-invalid');
    expect((await logIn()).status).toBe(401);
  });

  test('answers a new and a known one alike, and tells the owner of the known one by mail', async () => {
    await register();
    await verify((await letters())[0]!.token);
    clock.set(clock.now() + 6 * MINUTE);
    const known = await register({ email: email.toUpperCase(), password: OTHER, first_name: 'Eve' });
    const unknown = await register({ email: clinic.email('new') });
    expect([known.status, known.body, unknown.status, unknown.body]).toEqual([202, '', 202, '']);
    expect(Object.keys(known.headers)).toEqual(Object.keys(unknown.headers));
    const [letter, ...earlier] = await letters();
    expect([letter!.subject, earlier.length]).toEqual(['Set a new password', 1]);
    // Its token verifies nothing, and what was written changed nothing.
    expect((await verify(letter!.token)).status).toBe(422);
    expect([(await logIn()).status, (await logIn(OTHER)).status]).toEqual([200, 401]);
  });

  test('is registered as the letter says: what comes within five minutes changes nothing, what comes later all', async () => {
    await register();
    await register({ password: OTHER });
    expect(await letters()).toHaveLength(1);
    clock.set(clock.now() + 6 * MINUTE);
    await register({ password: OTHER, first_name: 'Grace' });
    const [later, earlier] = await letters();
    expect((await verify(earlier!.token)).status).toBe(422);
    expect((await verify(later!.token)).status).toBe(204);
    expect([(await logIn()).status, (await logIn(OTHER)).status]).toEqual([401, 200]);
  });

  test('is verified, too, by setting a new password', async () => {
    await register();
    const { token } = (await letters())[0]!;
    const set = { token, new_password: OTHER };
    expect((await clinic.anyone.post('/api/auth/password/reset/', set)).status).toBe(204);
    expect((await logIn(OTHER)).status).toBe(200);
  });

  test('and that nobody verified is forgotten after a day', async () => {
    await register();
    await letters();
    clock.set(clock.now() + DAY + 31 * MINUTE);
    await register({ email: clinic.email('other') });
    await letters();
    const { body } = await register();
    expect(body).toBe('');
    expect(await letters()).toHaveLength(2);
  });

  test('of a weak password is refused, known or not', async () => {
    expect((await register({ password: 'password1234' })).body.code).toBe('weak-password');
  });
});
