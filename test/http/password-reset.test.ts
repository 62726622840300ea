import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE } from '#libs/kernel/clock.js';
import { SealAudit } from '../../src/audit/index.js';
import { banner } from '../../src/banner.js';
import { fillDemoClinic } from '../../src/demo/fill-demo-clinic.js';
import { KeptMail, Mail, Users } from '../../src/identity/ports.js';
import { MailPasswordResets } from '../../src/identity/use-cases/mail-password-resets.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import { tally, type Client } from '../support/client.js';
import { Clinic, PASSWORD, PATIENT_PROFILE, type Person } from '../support/clinic.js';
import { onEachDatabase } from '../support/databases.js';
import { withQuickPasswords } from '../support/quick-passwords.js';

const NOW = Date.parse('2030-01-07T07:00:00Z');
const NEXT = 'nine clouds over the lake';

onEachDatabase('A forgotten password', (database) => {
  const clock = new FixedClock(NOW);
  let running: TestApp;
  let clinic: Clinic;

  beforeAll(async () => {
    running = await startApp({ database, clock, wire: withQuickPasswords, env: { DEMO: 'true' } });
    clinic = new Clinic(running.app);
  });
  afterAll(() => running.close());

  const forgot = (email: string) => clinic.anyone.post('/api/auth/password/forgot/', { email });
  const reset = (token: string, new_password = NEXT) =>
    clinic.anyone.post('/api/auth/password/reset/', { token, new_password });
  const logIn = (email: string, password: string) =>
    clinic.anyone.post('/api/auth/login/', { email, password });
  const runJob = () => running.app.get(MailPasswordResets, { strict: false }).execute();

  async function lettersTo(email: string): Promise<string[]> {
    const kept = (await running.app.get(KeptMail, { strict: false }).newest(50)) ?? [];
    return kept.filter(({ to }) => to === email).map(({ text }) => text);
  }

  async function mailedTo({ email }: Pick<Person, 'email'>): Promise<string> {
    clock.set(clock.now() + 6 * MINUTE);
    await forgot(email);
    await runJob();
    return /^[\w-]{43}$/m.exec((await lettersTo(email))[0]!)![0];
  }

  test('is set anew by a token that was mailed; no session is opened, and all are ended', async () => {
    const person = await clinic.patient();
    const { status, body } = await reset(await mailedTo(person));
    expect([status, body]).toEqual([204, '']);
    expect((await person.client.get('/api/auth/me/')).status).toBe(401);
    expect((await logIn(person.email, PASSWORD)).status).toBe(401);
    expect((await logIn(person.email, NEXT)).status).toBe(200);
  });

  test('is set once by one token, also of many at once', async () => {
    const token = await mailedTo(await clinic.patient());
    expect(tally(await Promise.all(Array.from({ length: 10 }, () => reset(token))))).toEqual({
      204: 1,
      422: 9,
    });
    expect((await reset(token)).body.code).toBe('token-invalid');
  });

  test('is set within 30 minutes of the request, and not later', async () => {
    const [early, late] = [await clinic.patient(), await clinic.patient()];
    const inTime = await mailedTo(early);
    clock.set(clock.now() + 30 * MINUTE - 1);
    expect((await reset(inTime)).status).toBe(204);
    const tooLate = await mailedTo(late);
    clock.set(clock.now() + 30 * MINUTE);
    expect((await reset(tooLate)).body.code).toBe('token-invalid');
    expect((await logIn(late.email, PASSWORD)).status).toBe(200);
  });

  test('may be mailed to nobody: the answer is the same, and nothing is sent', async () => {
    const person = await clinic.patient();
    const known = await forgot(person.email);
    const unknown = await forgot('nobody@example.org');
    expect([known.status, known.body]).toEqual([202, '']);
    expect([unknown.status, unknown.body]).toEqual([202, '']);
    expect(Object.keys(unknown.headers)).toEqual(Object.keys(known.headers));
    await runJob();
    expect(await lettersTo('nobody@example.org')).toEqual([]);
    expect(await lettersTo(person.email)).toHaveLength(1);
  });

  test('is mailed once, however often it is asked for within five minutes', async () => {
    const person = await clinic.patient();
    for (let i = 0; i < 3; i++) {
      await forgot(person.email.toUpperCase());
      await runJob();
    }
    expect(await lettersTo(person.email)).toHaveLength(1);
  });

  test('asked for again makes the earlier token useless', async () => {
    const person = await clinic.patient();
    const earlier = await mailedTo(person);
    const later = await mailedTo(person);
    expect((await reset(earlier)).status).toBe(422);
    expect((await reset(later)).status).toBe(204);
  });

  test('stays forgotten with a weak one, after which the token is still good', async () => {
    const token = await mailedTo(await clinic.patient());
    const weak = await reset(token, 'password1234');
    expect([weak.status, weak.body.code, weak.body.errors[0].pointer]).toEqual([
      422,
      'weak-password',
      '/new_password',
    ]);
    expect((await reset(token, 'short')).status).toBe(400);
    expect((await reset(token)).status).toBe(204);
  });

  test('is how a person who was taken in at the desk gets one', async () => {
    const admin = await clinic.admin();
    const email = clinic.email('desk');
    const person = { email, first_name: 'Otto', last_name: 'Brandt', ...PATIENT_PROFILE };
    expect((await admin.client.post('/api/admin/patients/', person)).status).toBe(201);
    expect((await reset(await mailedTo({ email }))).status).toBe(204);
    expect((await logIn(email, NEXT)).status).toBe(200);
  });

  test.each(['', 'nonsense', 'A'.repeat(43), 'x'.repeat(200)])(
    'is not set by the token %j',
    async (token) => {
      expect((await reset(token)).status).toBe(token === '' ? 400 : 422);
    },
  );
});

describe('the page of a demo’s mail', () => {
  test('shows letters, the newest first, nothing in them is markup, and who starts a demo is shown the way', async () => {
    const running = await startApp({ data: 'demo', env: { DEMO: 'true' } });
    const clinic = new Clinic(running.app);
    const mail = running.app.get(Mail, { strict: false });
    await mail.send({ to: 'a@example.org', subject: 'First', text: 'Hello' });
    await mail.send({
      to: 'b@example.org',
      subject: 'Second <b>',
      text: '<script>alert(1)</script> & "more"',
    });
    const { status, body, headers } = await clinic.anyone.get('/dev/mail/');
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;');
    expect(body).not.toContain('<script');
    expect(body.indexOf('Second &lt;b&gt;')).toBeLessThan(body.indexOf('First'));
    await welcomes(running, clinic.anyone);
    await running.close();
  });

  /** What is shown to who has just started a demo. */
  async function welcomes({ app, config, url }: TestApp, anyone: Client): Promise<void> {
    const here = 'http://127.0.0.1:3000';
    const printed = banner(config, here, await fillDemoClinic(config, app.get(Users, { strict: false })));
    const landing = String((await anyone.get('/')).body);
    const named = [
      ...[...printed.matchAll(/http:\/\/127\.0\.0\.1:3000(\S*)/g)].map(([, path]) => path!),
      ...[...landing.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href!),
    ];
    for (const path of named) expect([path, (await anyone.get(path)).status]).toEqual([path, 200]);
    expect(named.filter((path) => path === '/dev/mail/')).toHaveLength(2);
    // To start afresh is to remove each of these, or the audit trail would miss what the checkpoints tell of.
    await app.get(SealAudit, { strict: false }).execute();
    const kept = readdirSync(config.dataDir);
    expect(kept.toSorted()).toEqual(['audit-checkpoints.log', 'mail']);
    for (const name of [...kept, 'photos', url.replace('sqlite:', '')]) expect(printed).toContain(name);
  }

  test.each([
    ['without the demo', { DEMO: 'false' }],
    ['where mail is sent', { DEMO: 'true', SMTP_URL: 'smtp://127.0.0.1:2525', MAIL_FROM: 'a@b.example' }],
    ['in production', { NODE_ENV: 'production', DEMO: 'true' }],
  ])('is not there %s', async (_, env) => {
    const running = await startApp({ env });
    const clinic = new Clinic(running.app);
    expect((await clinic.anyone.get('/dev/mail/')).status).toBe(404);
    await running.close();
  });
});
