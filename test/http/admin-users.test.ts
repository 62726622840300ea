import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';
import { Clinic, PASSWORD, type Member } from '../support/clinic.js';

const SUNDAY = Date.parse('2030-01-06T12:00:00Z');
const NINE = { date: '2030-01-07', time: '09:00' };

let running: TestApp;
let clinic: Clinic;
let admin: Client;
let adminId: string;
let doctor: Member;
let patient: Member;

beforeAll(async () => {
  running = await startApp({ env: { DOCTOR_APPROVAL: 'manual' }, clock: new FixedClock(SUNDAY) });
  clinic = new Clinic(running.app);
  ({ client: admin, user: adminId } = await clinic.admin());
  patient = await clinic.patient();
});
afterAll(() => running.close());
beforeEach(async () => {
  doctor = await clinic.doctor();
});

const to = (user: string, action: string, query = '') =>
  admin.post(`/api/admin/users/${user}/${action}/${query}`);

test('a doctor waits for approval: found by nobody, and then by all', async () => {
  const seen = () =>
    Promise.all(
      [`/api/doctors/${doctor.id}/`, `/api/doctors/${doctor.id}/slots/`].map(
        async (url) => (await patient.client.get(url)).status,
      ),
    );
  const book = () => patient.client.post('/api/appointments/', { doctor: doctor.id, ...NINE });
  expect(await seen()).toEqual([404, 404]);
  expect((await book()).status).toBe(404);
  expect((await doctor.client.get('/api/doctor-profile/')).body).toMatchObject({ approved: false });
  expect((await doctor.client.get(`/api/doctors/${doctor.id}/slot-policy/`)).status).toBe(200);
  const listed = async (query: string) =>
    ((await admin.get(`/api/admin/users/?${query}`)).body.results as { id: string }[]).map(({ id }) => id);
  expect(await listed('approved=false')).toContain(doctor.user);
  expect((await to(doctor.user, 'approve')).body).toMatchObject({ approved: true, conflicts: [] });
  expect(await listed('approved=false')).not.toContain(doctor.user);
  expect(await listed(`approved=true&q=${doctor.email.toUpperCase()}`)).toEqual([doctor.user]);
  expect(await seen()).toEqual([200, 200]);
  expect((await book()).status).toBe(201);
  expect((await to(doctor.user, 'withdraw-approval', '?dry_run=true')).body).toMatchObject({
    approved: false,
    conflicts: [{ reasons: ['doctor-not-approved'] }],
  });
  expect(await seen()).toEqual([200, 200]);
  expect((await to(doctor.user, 'withdraw-approval')).body.conflicts).toHaveLength(1);
  expect(await seen()).toEqual([404, 404]);
  expect((await admin.get(`/api/doctors/${doctor.id}/`)).status).toBe(200);
});

test('a deactivated person is nobody from the next request on, and cannot log in until let in again', async () => {
  const { user, email, client } = await clinic.user('patient');
  expect((await to(user, 'deactivate')).body).toMatchObject({ active: false, conflicts: [] });
  expect((await client.get('/api/auth/me/')).status).toBe(401);
  const login = () => clinic.anyone.post('/api/auth/login/', { email, password: PASSWORD });
  expect((await login()).body.code).toBe('invalid-credentials');
  expect((await to(user, 'deactivate')).status).toBe(200);
  expect((await to(user, 'activate')).body).toMatchObject({ active: true });
  expect((await client.get('/api/auth/me/')).status, 'the sessions ended for good').toBe(401);
  expect((await login()).status).toBe(200);
});

test('sessions end, and the person logs in again', async () => {
  const { user, email, client } = await clinic.user('patient');
  expect((await to(user, 'end-sessions')).status).toBe(204);
  expect((await client.get('/api/auth/me/')).status).toBe(401);
  await clinic.anyone.logIn(email, PASSWORD);
});

test('the last admin stays, whoever asks', async () => {
  expect((await to(adminId, 'deactivate')).body).toMatchObject({ status: 409, code: 'last-admin' });
  expect((await to(adminId, 'deactivate', '?dry_run=true')).status).toBe(409);
  const other = await clinic.admin();
  expect((await to(other.user, 'deactivate')).status).toBe(200);
  expect((await to(adminId, 'deactivate')).status).toBe(409);
});

test('only a doctor profile is approved', async () => {
  expect((await to(patient.user, 'approve')).body.code).toBe('no-doctor-profile');
  const { user } = await clinic.user('doctor');
  expect((await to(user, 'approve')).body.code).toBe('no-doctor-profile');
});

test('an account that was closed is found by no email, not even by the one that stands in its place', async () => {
  const closing = await clinic.patient();
  await closing.client.post('/api/auth/me/close/', { password: PASSWORD });
  for (const q of ['closed-', '.invalid', closing.email])
    expect((await admin.get(`/api/admin/users/?q=${q}`)).body.results).toEqual([]);
  const { body } = await admin.get('/api/admin/users/?active=false&limit=100');
  expect((body.results as { id: string }[]).map(({ id }) => id)).toContain(closing.user);
});

test('accounts are listed page by page, by role and state', async () => {
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await admin.get(`/api/admin/users/?limit=2&role=doctor${cursor}`);
    seen.push(...(body.results as { id: string; role: string }[]).map(({ id }) => id));
    cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor as string}`;
  } while (cursor !== '');
  expect(seen).toContain(doctor.user);
  expect(seen).toEqual([...new Set(seen)].toSorted());
  const { body } = await admin.get('/api/admin/users/?active=false');
  expect((body.results as { active: boolean }[]).every(({ active }) => !active)).toBe(true);
  expect(JSON.stringify(body)).not.toContain('assword');
});
