import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DataSource } from 'typeorm';
import { DAY, HOUR } from '#libs/kernel/clock.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';
import { Clinic, PASSWORD, SLOT_POLICY, type Member, type Person } from '../support/clinic.js';
import { onEachDatabase } from '../support/databases.js';
import { withQuickPasswords } from '../support/quick-passwords.js';

/** Monday, 08:00 in Berlin. */
const NOW = Date.parse('2030-01-07T07:00:00Z');
const MEDICAL = { medical_history: 'Arrhythmia, first seen in 2021', allergies: 'Penicillin' };
const REASON = 'Chest pain after exercise';
const close = (client: Client, password = PASSWORD) => client.post('/api/auth/me/close/', { password });

onEachDatabase('Personal data', (database) => {
  const clock = new FixedClock(NOW);
  let running: TestApp;
  let clinic: Clinic;
  let admin: Person;
  let doctor: Member;
  let patient: Member;

  beforeAll(async () => {
    running = await startApp({ database, clock, wire: withQuickPasswords });
    clinic = new Clinic(running.app);
    admin = await clinic.admin();
  });
  afterAll(() => running.close());

  beforeEach(async () => {
    clock.set(NOW);
    doctor = await clinic.doctor({ time_zone: 'Europe/Berlin' });
    patient = await clinic.patient(MEDICAL);
  });

  async function booked(date: string, time = '09:00'): Promise<string> {
    const visit = { doctor: doctor.id, date, time, reason_for_visit: REASON };
    return (await patient.client.post('/api/appointments/', visit)).body.id as string;
  }
  const confirm = (id: string) => doctor.client.post(`/api/appointments/${id}/confirm/`);

  /** All that the tables hold in which one of these stands. */
  async function rowsWith(...texts: string[]): Promise<string[]> {
    const source = running.app.get(DataSource);
    const found: string[] = [];
    for (const { tableName } of source.entityMetadatas) {
      const rows: unknown[] = await source.query(`SELECT * FROM ${source.driver.escape(tableName)}`);
      found.push(
        ...rows.map((row) => JSON.stringify(row)).filter((row) => texts.some((one) => row.includes(one))),
      );
    }
    return found;
  }

  describe('an export', () => {
    test('tells a patient all that is held about them, as a file', async () => {
      const id = await booked('2030-01-09');
      await confirm(id);
      const { status, headers, body } = await patient.client.get('/api/auth/me/export/');
      expect(status).toBe(200);
      expect(headers['content-disposition']).toBe('attachment; filename="cybermed-export.json"');
      expect(headers['cache-control']).toBe('no-store');
      expect(body).toMatchObject({
        account: { id: patient.user, email: patient.email, role: 'patient', first_name: 'Pat' },
        patient_profile: { id: patient.id, ...MEDICAL },
        doctor_profile: null,
        slot_policy: null,
        appointments: [
          {
            id,
            reason_for_visit: REASON,
            doctor_name: 'Dora Hale',
            history: [
              { to: 'pending', by: 'patient' },
              { from: 'pending', to: 'confirmed', by: 'doctor' },
            ],
          },
        ],
      });
      expect(body.sessions).toHaveLength(1);
    });

    test('tells a doctor their rules and visits, and nothing medical of a patient', async () => {
      const id = await booked('2030-01-09');
      await patient.client.post(`/api/appointments/${id}/cancel/`, { reason: REASON });
      await doctor.client.post(`/api/doctors/${doctor.id}/absences/`, {
        date_from: '2030-02-01',
        date_to: '2030-02-02',
        reason: 'Holiday',
      });
      await doctor.client.put(`/api/doctors/${doctor.id}/overrides/2030-02-04/`, { hours: [] });
      const stranger = await clinic.patient();
      const proposed = { patient: stranger.id, date: '2030-01-10', time: '10:00' };
      await doctor.client.post('/api/appointments/', proposed);
      const { body } = await doctor.client.get('/api/auth/me/export/');
      expect(body).toMatchObject({
        patient_profile: null,
        doctor_profile: { id: doctor.id },
        slot_policy: { time_zone: 'Europe/Berlin' },
        absences: [{ reason: 'Holiday' }],
        overrides: [{ date: '2030-02-04' }],
        appointments: [{ id, patient_name: 'Pat Quill' }, { patient_name: null }],
      });
      const text = JSON.stringify(body.appointments);
      for (const secret of [REASON, MEDICAL.medical_history, MEDICAL.allergies])
        expect(text).not.toContain(secret);
    });

    test('tells an admin of nobody else', async () => {
      await booked('2030-01-09');
      const { body } = await admin.client.get('/api/auth/me/export/');
      expect(body).toMatchObject({ account: { id: admin.user }, appointments: [], series: [] });
    });
  });

  describe('a patient who closes the account', () => {
    test('needs the password', async () => {
      const { status, body } = await close(patient.client, 'not the password');
      expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'wrong-password', '/password']);
      expect((await patient.client.get('/api/auth/me/')).status).toBe(200);
    });

    test('is out at once, and may open another account of that email, with nothing of the old one', async () => {
      const { body: login } = await clinic.anyone.post('/api/auth/login/', {
        email: patient.email,
        password: PASSWORD,
      });
      expect((await close(patient.client)).status).toBe(204);
      expect((await patient.client.get('/api/auth/me/')).status).toBe(401);
      const credentials = { email: patient.email, password: PASSWORD };
      expect((await clinic.anyone.post('/api/auth/login/', credentials)).status).toBe(401);
      const refresh = { refresh: login.refresh as string };
      expect((await clinic.anyone.post('/api/auth/login/refresh/', refresh)).status).toBe(401);
      const again = { ...credentials, first_name: 'Nina', last_name: 'Sand', is_patient: true };
      expect((await clinic.anyone.post('/api/auth/register/', again)).status).toBe(201);
      const client = await clinic.anyone.logIn(patient.email, PASSWORD);
      expect((await client.get('/api/appointments/')).body.results).toEqual([]);
    });

    test('has the visits to come cancelled, late where that is so, and the times are free', async () => {
      const soon = await booked('2030-01-07', '16:00');
      const later = await booked('2030-01-09');
      await confirm(soon);
      clock.set(NOW + 3 * HOUR);
      expect((await close(patient.client)).status).toBe(204);
      const seen = async (id: string) => (await doctor.client.get(`/api/appointments/${id}/`)).body as object;
      const cancelled = {
        status: 'cancelled',
        cancelled_by: 'patient',
        cancellation_reason: 'account-closed',
      };
      expect(await seen(soon)).toMatchObject({ ...cancelled, cancelled_late: true, patient_name: null });
      expect(await seen(later)).toMatchObject({ ...cancelled, cancelled_late: false });
      const { body } = await doctor.client.get(`/api/appointments/${later}/history/`);
      expect(body.results.at(-1)).toMatchObject({ to: 'cancelled', by: 'patient', reason: 'account-closed' });
      const other = await clinic.patient();
      for (const [date, time] of [
        ['2030-01-07', '16:00'],
        ['2030-01-09', '09:00'],
      ])
        expect(
          (await other.client.post('/api/appointments/', { doctor: doctor.id, date, time })).status,
        ).toBe(201);
    });

    test('leaves the medical part to who treats them, and to nobody a name', async () => {
      const id = await booked('2030-01-08');
      await confirm(id);
      const end = Date.parse('2030-01-08T08:30:00Z');
      clock.set(end);
      doctor.client = await clinic.anyone.logIn(doctor.email, PASSWORD);
      await doctor.client.post(`/api/appointments/${id}/complete/`);
      await close(await clinic.anyone.logIn(patient.email, PASSWORD));
      const card = `/api/patients/${patient.id}/`;
      expect((await doctor.client.get(card)).body).toEqual({
        id: patient.id,
        first_name: null,
        last_name: null,
        photo: null,
        date_of_birth: '1990-05-17',
        phone_number: null,
        address: null,
        emergency_contact_name: null,
        emergency_contact_phone: null,
        ...MEDICAL,
      });
      const { body } = await doctor.client.get('/api/appointments/');
      expect(body.results).toMatchObject([{ id, patient_name: null, reason_for_visit: REASON }]);
      expect((await doctor.client.get('/api/patients/')).body.results).toEqual([]);
      admin.client = await clinic.anyone.logIn(admin.email, PASSWORD);
      expect((await admin.client.get(card)).status).toBe(404);
      clock.set(end + 365 * DAY);
      doctor.client = await clinic.anyone.logIn(doctor.email, PASSWORD);
      expect((await doctor.client.get(card)).status).toBe(404);
    });

    test('is known by nothing any more in any table', async () => {
      const [first_name, last_name] = ['Quirinia', 'Zandstra'];
      const person = await clinic.user('patient', { first_name, last_name });
      const known = {
        address: 'Only Street 77',
        emergency_contact_name: 'Ottokar Zweig',
        emergency_contact_phone: '+493012345678',
        phone_number: '+493087654321',
      };
      const profile = { ...known, date_of_birth: '1980-01-01' };
      expect((await person.client.post('/api/patient-profile/', profile)).status).toBe(201);
      const visit = { doctor: doctor.id, date: '2030-01-09', time: '13:00' };
      const headers = { 'idempotency-key': 'the-key-of-quirinia-zandstra' };
      await person.client.send({ method: 'POST', url: '/api/appointments/', payload: visit, headers });
      const device = { email: person.email, password: PASSWORD, device_name: 'Quirinias phone' };
      await clinic.anyone.post('/api/auth/login/', device);
      await clinic.anyone.post('/api/auth/password/forgot/', { email: person.email });
      const texts = [first_name, last_name, 'quirinia', ...Object.values(known), person.email];
      expect((await rowsWith(...texts)).length).toBeGreaterThan(3);
      expect((await close(person.client)).status).toBe(204);
      expect(await rowsWith(...texts)).toEqual([]);
    });

    test('stays closed, and an admin sees so', async () => {
      await close(patient.client);
      const { body } = await admin.client.get(`/api/admin/users/${patient.user}/`);
      expect(body).toMatchObject({ email: null, first_name: '', last_name: '', active: false });
      expect(body.closed_at).toBe('2030-01-07T07:00:00.000Z');
      const activated = await admin.client.post(`/api/admin/users/${patient.user}/activate/`);
      expect([activated.status, activated.body.code]).toEqual([409, 'account-closed']);
    });
  });

  describe('a doctor who closes the account', () => {
    test('has no visit to come first', async () => {
      const id = await booked('2030-01-09');
      const refused = await close(doctor.client);
      expect([refused.status, refused.body.code]).toEqual([409, 'open-appointments']);
      expect((await doctor.client.get('/api/auth/me/')).status).toBe(200);
      await doctor.client.post(`/api/appointments/${id}/cancel/`);
      expect((await close(doctor.client)).status).toBe(204);
    });

    test('is refused as often as they ask with the right password, which is no guess', async () => {
      await booked('2030-01-09');
      for (let i = 0; i < 12; i++) expect((await close(doctor.client)).body.code).toBe('open-appointments');
    });

    test('is not approved any more', async () => {
      await close(doctor.client);
      const { status, body } = await admin.client.post(`/api/admin/users/${doctor.user}/approve/`);
      expect([status, body.code]).toEqual([409, 'account-closed']);
    });

    test('leaves rules to which nobody adds, not even an admin', async () => {
      const rules = `/api/doctors/${doctor.id}/`;
      await admin.client.put(`${rules}overrides/2030-02-04/`, { hours: [] });
      await close(doctor.client);
      const away = { date_from: '2030-02-01', date_to: '2030-02-02', reason: 'Gone with Quentin' };
      for (const answer of [
        await admin.client.post(`${rules}absences/`, away),
        await admin.client.post(`${rules}absences/?dry_run=true`, away),
        await admin.client.put(`${rules}overrides/2030-02-05/`, { hours: [] }),
        await admin.client.put(`${rules}slot-policy/`, { ...SLOT_POLICY, notice_minutes: 0 }),
      ])
        expect([answer.status, answer.body.code]).toEqual([409, 'account-closed']);
      expect(await rowsWith('Quentin')).toEqual([]);
      expect((await admin.client.delete(`${rules}overrides/2030-02-04/`)).status).toBe(200);
    });

    test('is not found any more, and is named where they held a visit', async () => {
      const id = await booked('2030-01-09');
      await doctor.client.post(`/api/appointments/${id}/cancel/`);
      await clinic.anyone.post('/api/auth/password/forgot/', { email: doctor.email });
      await close(doctor.client);
      expect((await patient.client.get(`/api/doctors/${doctor.id}/`)).status).toBe(404);
      expect((await patient.client.get(`/api/appointments/${id}/`)).body.doctor_name).toBe('Dora Hale');
      expect(await rowsWith(doctor.email)).toEqual([]);
    });
  });

  test('the last admin stays', async () => {
    admin.client = await clinic.anyone.logIn(admin.email, PASSWORD);
    const another = await clinic.admin();
    expect((await close(another.client)).status).toBe(204);
    const last = await close(admin.client);
    expect([last.status, last.body.code]).toEqual([409, 'last-admin']);
  });
});
