import { afterAll, beforeAll, expect, test } from 'vitest';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import { Clinic, PASSWORD, PATIENT_PROFILE, type Member, type Person } from '../support/clinic.js';
import { onEachDatabase } from '../support/databases.js';
import { withQuickPasswords } from '../support/quick-passwords.js';

const PATH = '/api/admin/patients/';

onEachDatabase('Patients made at the desk', (database) => {
  let running: TestApp;
  let clinic: Clinic;
  let admin: Person;
  let doctor: Member;

  beforeAll(async () => {
    const clock = new FixedClock(Date.parse('2030-01-07T07:00:00Z'));
    running = await startApp({ database, clock, wire: withQuickPasswords });
    clinic = new Clinic(running.app);
    admin = await clinic.admin();
    doctor = await clinic.doctor({ time_zone: 'Europe/Berlin' });
  });
  afterAll(() => running.close());

  const otto = (change: object = {}) => ({
    email: clinic.email('otto'),
    first_name: 'Otto',
    last_name: 'Brandt',
    ...PATIENT_PROFILE,
    ...change,
  });

  test('are answered with their profile’s id, and can be booked for at once', async () => {
    const request = otto();
    const { status, body, headers } = await admin.client.post(PATH, request);
    expect([status, body]).toEqual([
      201,
      { id: expect.any(String), user: expect.any(String), gender: null, phone_number: null, ...request },
    ]);
    expect((await admin.client.get(String(headers['location']))).body.first_name).toBe('Otto');
    const visit = { doctor: doctor.id, patient: body.id, date: '2030-01-08', time: '09:00' };
    const booked = await admin.client.post('/api/appointments/', visit);
    expect([booked.status, booked.body.patient_name]).toEqual([201, 'Otto Brandt']);
  });

  test('cannot log in, and are told what anybody with a wrong password is told', async () => {
    const request = otto();
    await admin.client.post(PATH, request);
    const tried = async (email: string) => {
      const { status, body } = await clinic.anyone.post('/api/auth/login/', { email, password: PASSWORD });
      return [status, { ...body, request_id: null }];
    };
    expect(await tried(request.email)).toEqual(await tried('nobody@example.org'));
    const again = {
      email: request.email,
      password: PASSWORD,
      first_name: 'O',
      last_name: 'B',
      role: 'patient',
    };
    expect((await clinic.anyone.post('/api/auth/register/', again)).body.code).toBe('email-taken');
  });

  test('need an email that nobody has, and every field of a profile', async () => {
    const request = otto();
    await admin.client.post(PATH, request);
    const taken = await admin.client.post(PATH, { ...request, email: request.email.toUpperCase() });
    expect([taken.status, taken.body.code]).toEqual([409, 'email-taken']);
    for (const name of ['email', 'first_name', 'last_name', ...Object.keys(PATIENT_PROFILE)]) {
      const { status, body } = await admin.client.post(PATH, otto({ [name]: undefined }));
      expect([name, status, body.errors[0].pointer]).toEqual([name, 400, `/${name}`]);
    }
  });

  test('get no password and no medical fields from an admin', async () => {
    for (const more of [{ password: PASSWORD }, { allergies: 'Dust' }, { medical_history: 'None' }]) {
      expect((await admin.client.post(PATH, otto(more))).status).toBe(400);
    }
  });
});
