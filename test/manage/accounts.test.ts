import { afterAll, beforeAll, expect, test } from 'vitest';
import { Transactions } from '#libs/kernel/transactions.js';
import { PasswordResets, Secrets } from '../../src/identity/ports.js';
import { startApp, type TestApp } from '../support/app.js';
import { AUDIT_KEY } from '../support/audit-key.js';
import { Client } from '../support/client.js';
import { Clinic, PASSWORD, type Member } from '../support/clinic.js';
import { onEachDatabase } from '../support/databases.js';
import { manage, type Told } from './terminal.js';

onEachDatabase('Operator commands about accounts, beside a server', (database) => {
  let running: TestApp;
  let clinic: Clinic;
  let anyone: Client;
  beforeAll(async () => {
    running = await startApp({ database, env: { DOCTOR_APPROVAL: 'manual' } });
    clinic = new Clinic(running.app);
    anyone = new Client(running.app);
  });
  afterAll(() => running.close());

  const asked = (args: readonly string[], password?: string): Promise<Told> => {
    const { url, config } = running;
    const environment = { NODE_ENV: 'test', DATA_DIR: config.dataDir, DATABASE_URL: url };
    return manage(args, { ...environment, JWT_SECRET: 'x'.repeat(32), AUDIT_KEY }, password);
  };

  test('an admin is created, is known to the server, and is the last one', async () => {
    const told = await asked(['create-admin', 'ines@example.org', '--first-name', 'Ines'], PASSWORD);
    expect([told.code, told.complaint]).toEqual([0, '']);
    expect(told.said).not.toContain(PASSWORD);
    const admin = await anyone.logIn('ines@example.org', PASSWORD);
    expect((await admin.get('/api/auth/me/')).body).toMatchObject({ role: 'admin', first_name: 'Ines' });
    expect(await asked(['deactivate', 'ines@example.org'])).toEqual({
      code: 1,
      said: '',
      complaint: 'Not done: This is the only active admin: make another one first.',
    });
  });

  test.each<[string, string[], string, RegExp]>([
    ['a short password', ['create-admin', 'a@example.org'], 'short', /^Not done: the password must have 12/],
    ['a common password', ['create-admin', 'a@example.org'], 'password1234', /^Not done: The password /],
    ['no email', ['create-admin', 'nobody'], PASSWORD, /^Not done: nobody is no email address\.$/],
    [
      'nobody',
      ['reset-password', 'no@example.org'],
      PASSWORD,
      /^Not done: nobody here is no@example\.org\.$/,
    ],
    ['nobody to approve', ['approve-doctor', 'no@example.org'], '', /^Not done: nobody here/],
  ])('%s is refused in one line', async (_, args, password, words) => {
    const { code, complaint } = await asked(args, password);
    expect(code).toBe(1);
    expect(complaint).toMatch(words);
    expect(complaint).not.toContain('\n');
  });

  test('a taken email is refused', async () => {
    const { email } = await clinic.user('patient');
    const { code, complaint } = await asked(['create-admin', email], PASSWORD);
    expect([code, complaint]).toEqual([1, 'Not done: An account of this email exists.']);
  });

  test('another password takes the place of the old one, and ends all sessions', async () => {
    const { email, client, user: userId } = await clinic.user('patient');
    const { token, hash: tokenHash } = running.app.get(Secrets, { strict: false }).next();
    const resets = running.app.get(PasswordResets, { strict: false });
    await running.app.get(Transactions, { strict: false }).run(async () => {
      await resets.request(email, Date.now(), 0);
      const [reset] = await resets.due(Date.now(), 1);
      await resets.arm(reset!, { userId, tokenHash, at: Date.now() });
    });
    expect((await asked(['reset-password', email], 'another tree in the wind')).code).toBe(0);
    expect((await client.get('/api/auth/me/')).status).toBe(401);
    const old = await anyone.post('/api/auth/login/', { email, password: PASSWORD });
    expect(old.status).toBe(401);
    const mailed = await anyone.post('/api/auth/password/reset/', { token, new_password: PASSWORD });
    expect(mailed.body.code).toBe('token-invalid');
    await anyone.logIn(email, 'another tree in the wind');
  });

  test('a doctor is approved, listed, and deactivated', async () => {
    const doctor: Member = await clinic.doctor();
    const patient = await clinic.patient();
    const seen = async () => (await patient.client.get(`/api/doctors/${doctor.id}/`)).status;
    expect(await seen()).toBe(404);
    expect((await asked(['list-users'])).said).toMatch(
      new RegExp(`${doctor.user}  doctor   active       not approved  ${doctor.email}`),
    );
    expect((await asked(['approve-doctor', doctor.email])).code).toBe(0);
    expect(await seen()).toBe(200);
    expect((await asked(['deactivate', doctor.user])).code).toBe(0);
    expect(await seen()).toBe(404);
    expect((await doctor.client.get('/api/auth/me/')).status).toBe(401);
  });
});
