import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import { tally, type Client } from '../support/client.js';
import {
  Clinic,
  DOCTOR_PROFILE,
  PASSWORD,
  PATIENT_PROFILE,
  type Member,
  type Person,
} from '../support/clinic.js';
import { onEachDatabase } from '../support/databases.js';

/** A Monday; the doctors' clocks show 08:00. */
const NOW = Date.parse('2030-01-07T07:00:00Z');
const TUESDAY_NINE = { date: '2030-01-08', time: '09:00' };

onEachDatabase('The original contract', (database) => {
  let running: TestApp;
  let clinic: Clinic;
  let anyone: Client;

  beforeAll(async () => {
    running = await startApp({ database, clock: new FixedClock(NOW) });
    clinic = new Clinic(running.app);
    anyone = clinic.anyone;
  });
  afterAll(() => running.close());

  function registration(choice: object): Record<string, unknown> {
    return {
      email: clinic.email('new'),
      password: PASSWORD,
      first_name: 'Ada',
      last_name: 'Newman',
      ...choice,
    };
  }

  describe('POST /api/auth/register/', () => {
    const register = (choice: object) => anyone.post('/api/auth/register/', registration(choice));

    test('answers 201 and the user, without the password', async () => {
      const request = registration({ is_doctor: true, gender: 'female' });
      const { status, body } = await anyone.post('/api/auth/register/', request);
      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.any(String),
        email: request['email'],
        first_name: 'Ada',
        last_name: 'Newman',
        gender: 'female',
        photo: null,
        role: 'doctor',
        is_doctor: true,
        is_patient: false,
        doctor: null,
        patient: null,
      });
    });

    test.each([
      [{ is_doctor: true }, 'doctor'],
      [{ is_patient: true }, 'patient'],
      [{ is_doctor: true, is_patient: false }, 'doctor'],
      [{ is_doctor: false, is_patient: true }, 'patient'],
      [{ role: 'doctor' }, 'doctor'],
      [{ role: 'patient', is_doctor: false }, 'patient'],
      [{ role: 'patient', is_patient: true }, 'patient'],
    ])('%j registers a %s', async (choice, role) => {
      const { status, body } = await register(choice);
      expect([status, body.role, body.is_doctor, body.is_patient]).toEqual([
        201,
        role,
        role === 'doctor',
        role === 'patient',
      ]);
    });

    test.each([
      [{}],
      [{ is_doctor: false, is_patient: false }],
      [{ is_doctor: true, is_patient: true }],
      [{ role: 'doctor', is_patient: true }],
      [{ role: 'patient', is_doctor: true }],
      [{ role: 'admin' }],
      [{ role: null }],
      [{ is_doctor: 'true' }],
      [{ is_doctor: 1 }],
    ])('%j registers nobody', async (choice) => {
      const { status, body } = await register(choice);
      expect([status, body.code]).toEqual([400, 'invalid-request']);
      expect(body.errors).toHaveLength(1);
    });

    test('a gender left out is null', async () => {
      expect((await register({ role: 'patient' })).body.gender).toBeNull();
      expect((await register({ role: 'patient', gender: null })).body.gender).toBeNull();
      expect((await register({ role: 'patient', gender: 'unknown' })).status).toBe(400);
    });

    test('an email is one account in upper and lower case', async () => {
      const request = registration({ role: 'patient', email: 'Mixed.Case@Example.org' });
      expect((await anyone.post('/api/auth/register/', request)).body.email).toBe('Mixed.Case@Example.org');
      for (const email of ['Mixed.Case@Example.org', 'mixed.case@example.org', 'MIXED.CASE@EXAMPLE.ORG']) {
        const { status, body } = await anyone.post('/api/auth/register/', { ...request, email });
        expect([status, body.code]).toEqual([409, 'email-taken']);
        await anyone.logIn(email, PASSWORD);
      }
    });

    test('of 10 registrations of one email at once exactly one opens an account', async () => {
      const request = registration({ role: 'patient' });
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => anyone.post('/api/auth/register/', request)),
      );
      expect(tally(answers)).toEqual({ 201: 1, 409: 9 });
    });
  });

  describe('POST /api/auth/login/', () => {
    test('answers an access token, a refresh token and the seconds until the first expires', async () => {
      const { email } = await clinic.user('patient');
      const { status, body } = await anyone.post('/api/auth/login/', { email, password: PASSWORD });
      expect(status).toBe(200);
      const { device_token: _, ...original } = body;
      expect(original).toEqual({
        access: expect.any(String),
        refresh: expect.any(String),
        expires_in: 600,
      });
    });

    test('a wrong password and an unknown email are answered alike', async () => {
      const { email } = await clinic.user('patient');
      const wrong = await anyone.post('/api/auth/login/', { email, password: 'another tree in the wind' });
      const unknown = await anyone.post('/api/auth/login/', { email: `x${email}`, password: PASSWORD });
      expect([wrong.status, wrong.body.code]).toEqual([401, 'invalid-credentials']);
      expect({ ...unknown.body, request_id: '' }).toEqual({ ...wrong.body, request_id: '' });
      expect(Object.keys(unknown.headers)).toEqual(Object.keys(wrong.headers));
    });

    test('the space around a password counts', async () => {
      const { email } = await clinic.user('patient');
      expect((await anyone.post('/api/auth/login/', { email, password: ` ${PASSWORD}` })).status).toBe(401);
    });
  });

  describe('POST /api/auth/login/refresh/', () => {
    const refreshWith = (refresh: string) => anyone.post('/api/auth/login/refresh/', { refresh });

    async function firstRefresh(): Promise<string> {
      const { email } = await clinic.user('patient');
      return (await anyone.post('/api/auth/login/', { email, password: PASSWORD })).body.refresh as string;
    }

    test('answers the next pair, whose tokens work; the old refresh token is answered with the same again', async () => {
      const first = await firstRefresh();
      const { status, body } = await refreshWith(first);
      expect(status).toBe(200);
      expect(body).toEqual({ access: expect.any(String), refresh: expect.any(String), expires_in: 600 });
      expect((await anyone.with(body.access as string).get('/api/auth/me/')).status).toBe(200);
      const again = await refreshWith(first);
      expect([again.status, again.body.refresh]).toEqual([200, body.refresh]);
      expect((await refreshWith(body.refresh as string)).status).toBe(200);
    });

    test('refuses a token whose successor was used, and ends the session', async () => {
      const first = await firstRefresh();
      const second = (await refreshWith(first)).body.refresh as string;
      const third = (await refreshWith(second)).body.refresh as string;
      const replayed = await refreshWith(first);
      expect([replayed.status, replayed.body.code]).toEqual([401, 'invalid-refresh-token']);
      expect((await refreshWith(third)).status).toBe(401);
    });

    test('answers 50 with one token at once, all with one successor', async () => {
      const token = await firstRefresh();
      const answers = await Promise.all(Array.from({ length: 50 }, () => refreshWith(token)));
      expect(tally(answers)).toEqual({ 200: 50 });
      expect(new Set(answers.map(({ body }) => body.refresh as string)).size).toBe(1);
    });

    test('a token that was changed in any part is refused', async () => {
      const token = await firstRefresh();
      const [session, counter, mac] = token.split('.') as [string, string, string];
      const other = (await firstRefresh()).split('.')[0]!;
      const changed = [
        `${other}.${counter}.${mac}`,
        `${session}.1.${mac}`,
        `${session}.${counter}.${mac.slice(1)}x`,
        `${session}.${counter}.`,
        `${session}.${counter}`,
        `${token}.x`,
        `${session}.00.${mac}`,
        'nonsense',
      ];
      for (const one of changed) expect([one, (await refreshWith(one)).status]).toEqual([one, 401]);
      expect((await refreshWith(token)).status).toBe(200);
    });
  });

  describe.each([
    {
      path: '/api/doctor-profile/',
      role: 'doctor' as const,
      sent: {
        ...DOCTOR_PROFILE,
        qualifications: 'MD',
        hospital_affiliation: 'Charité',
        time_zone: 'Europe/Berlin',
      },
      unsent: { qualifications: null, hospital_affiliation: null, time_zone: 'UTC' },
      change: { specialty: 'Dermatology' },
      cleared: { qualifications: null, time_zone: null },
      afterwards: { qualifications: null, time_zone: 'UTC' },
    },
    {
      path: '/api/patient-profile/',
      role: 'patient' as const,
      sent: {
        ...PATIENT_PROFILE,
        phone_number: '+49 30 901821',
        medical_history: 'None',
        allergies: 'Pollen',
      },
      unsent: { phone_number: null, medical_history: null, allergies: null },
      change: { address: 'Uferweg 9\n12435 Berlin' },
      cleared: { phone_number: null, allergies: null },
      afterwards: { phone_number: null, allergies: null },
    },
  ])('$path', ({ path, role, sent, unsent, change, cleared, afterwards }) => {
    const required = Object.keys(role === 'doctor' ? DOCTOR_PROFILE : PATIENT_PROFILE);
    let person: Person;

    beforeAll(async () => {
      person = await clinic.user(role);
    });

    test('before it is filled in there is nothing to read or change', async () => {
      const read = await person.client.get(path);
      expect([read.status, read.body.code]).toEqual([404, 'not-found']);
      expect((await person.client.patch(path, change)).status).toBe(404);
    });

    test('a new profile that lacks a required field is refused, each one named', async () => {
      const { status, body } = await person.client.post(path, unsent);
      expect([status, body.code]).toEqual([400, 'invalid-request']);
      expect(body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(
        required.map((name) => `/${name}`),
      );
    });

    /** What a change of a doctor's profile answers beside it. */
    const told = role === 'doctor' ? { conflicts: [] } : {};

    test('POST fills it in (201), and the account names it', async () => {
      const { status, body } = await person.client.post(path, sent);
      expect(status).toBe(201);
      const approved = role === 'doctor' ? { approved: true } : {};
      expect(body).toEqual({ id: expect.any(String), user: person.user, ...sent, ...approved, ...told });
      const { body: account } = await person.client.get('/api/auth/me/');
      expect([account[role], account[role === 'doctor' ? 'patient' : 'doctor']]).toEqual([body.id, null]);
    });

    test('POST on an existing profile changes only what is sent (200)', async () => {
      const before = (await person.client.get(path)).body as object;
      const { status, body } = await person.client.post(path, change);
      expect([status, body]).toEqual([200, { ...before, ...change, ...told }]);
      expect((await person.client.get(path)).body).toEqual({ ...before, ...change });
    });

    test('null clears what may be absent, and nothing else', async () => {
      const before = (await person.client.get(path)).body as object;
      const { status, body } = await person.client.post(path, cleared);
      expect([status, body]).toEqual([200, { ...before, ...afterwards, ...told }]);
      for (const name of required) {
        expect([name, (await person.client.post(path, { [name]: null })).status]).toEqual([name, 400]);
      }
    });

    test('PATCH changes only what is sent, and nothing when nothing is', async () => {
      await person.client.post(path, sent);
      const before = (await person.client.get(path)).body as object;
      expect((await person.client.patch(path, {})).body).toEqual({ ...before, ...told });
      const { status, body } = await person.client.patch(path, change);
      expect([status, body]).toEqual([200, { ...before, ...change, ...told }]);
    });

    test('PATCH of all that GET answers names the fields that are read-only, and changes nothing', async () => {
      for (const url of [path, '/api/auth/me/']) {
        const read = (await person.client.get(url)).body as object;
        const { status, body } = await person.client.patch(url, { ...read, nickname: 'A' });
        const faults = body.errors as { pointer: string; code: string; message: string }[];
        const codes = new Map(faults.map(({ pointer, code }) => [pointer.slice(1), code]));
        expect([status, codes.get('nickname'), codes.get('id')]).toEqual([400, 'unknown-field', 'read-only']);
        expect(new Set(codes.values())).toEqual(new Set(['unknown-field', 'read-only']));
        expect(faults).toContainEqual({ pointer: '/id', code: 'read-only', message: 'is read-only' });
        const settable = Object.entries(read).filter(([name]) => !codes.has(name));
        const again = await person.client.patch(url, Object.fromEntries(settable));
        expect([again.status, again.body]).toMatchObject([200, read]);
      }
    });

    test('optional fields left out of a new profile are null, or the clinic’s', async () => {
      const other = await clinic.user(role);
      const request = Object.fromEntries(required.map((name) => [name, sent[name as keyof typeof sent]]));
      expect((await other.client.post(path, request)).body).toMatchObject(unsent);
    });

    test('of 10 first profiles sent at once one is made', async () => {
      const other = await clinic.user(role);
      const answers = await Promise.all(Array.from({ length: 10 }, () => other.client.post(path, sent)));
      expect(tally(answers)).toEqual({ 200: 9, 201: 1 });
      expect(new Set(answers.map(({ body }) => body.id as string)).size).toBe(1);
    });
  });

  describe('/api/appointments/', () => {
    let doctor: Member;
    let patient: Member;
    let admin: Person;

    beforeAll(async () => {
      doctor = await clinic.doctor({ time_zone: 'Europe/Berlin' });
      patient = await clinic.patient();
      admin = await clinic.admin();
    });

    test('the list is a page', async () => {
      const { status, body } = await (await clinic.user('patient')).client.get('/api/appointments/');
      expect([status, body]).toEqual([200, { results: [], next_cursor: null }]);
    });

    test('a patient books with a doctor: 201, the appointment, and where it is', async () => {
      const request = { doctor: doctor.id, ...TUESDAY_NINE };
      const { status, body, headers } = await patient.client.post('/api/appointments/', request);
      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.any(String),
        doctor: doctor.id,
        patient: patient.id,
        doctor_name: 'Dora Hale',
        patient_name: 'Pat Quill',
        ...TUESDAY_NINE,
        starts_at: '2030-01-08T08:00:00.000Z',
        ends_at: '2030-01-08T08:30:00.000Z',
        time_zone: 'Europe/Berlin',
        duration_minutes: 30,
        visit_type: 'consultation',
        reason_for_visit: 'General Checkup',
        status: 'pending',
        awaits: 'doctor',
        confirm_by: '2030-01-08T08:00:00.000Z',
        allowed_actions: ['cancel', 'reschedule'],
        cancelled_by: null,
        cancelled_late: false,
        cancellation_reason: null,
        series: null,
        created_at: '2030-01-07T07:00:00.000Z',
        updated_at: '2030-01-07T07:00:00.000Z',
        version: 1,
      });
      expect(headers['location']).toBe(`/api/appointments/${body.id}/`);
      expect((await patient.client.get(String(headers['location']))).body).toEqual(body);
      expect((await patient.client.get('/api/appointments/')).body.results).toEqual([body]);
    });

    test('a doctor schedules a patient, also outside their own hours and with another length', async () => {
      const request = { patient: patient.id, date: '2030-01-12', time: '19:05', duration_minutes: 45 };
      const { status, body } = await doctor.client.post('/api/appointments/', request);
      expect(status).toBe(201);
      expect(body).toMatchObject({
        doctor: doctor.id,
        status: 'pending',
        awaits: 'patient',
        duration_minutes: 45,
      });
    });

    test('an admin names both, and is held to the patient’s rules without a reason', async () => {
      const both = { doctor: doctor.id, patient: patient.id };
      const free = await admin.client.post('/api/appointments/', {
        ...both,
        date: '2030-01-09',
        time: '09:00',
      });
      expect([free.status, free.body.status]).toEqual([201, 'confirmed']);

      const sunday = { ...both, date: '2030-01-13', time: '12:00' };
      const refused = await admin.client.post('/api/appointments/', sunday);
      expect([refused.status, refused.body.code]).toEqual([422, 'outside-hours']);
      const reasoned = { ...sunday, exemption_reason: 'Emergency' };
      const exempt = await admin.client.post('/api/appointments/', reasoned);
      expect([exempt.status, exempt.body.status]).toEqual([201, 'confirmed']);
      const { body: history } = await admin.client.get(`/api/appointments/${exempt.body.id}/history/`);
      expect(history.results).toMatchObject([
        { from: null, to: 'confirmed', by: 'admin', reason: 'Emergency' },
      ]);
    });

    test.each([
      ['patient', { exemption_reason: 'Please' }, '/exemption_reason'],
      ['patient', { duration_minutes: 60 }, '/duration_minutes'],
      ['doctor', { exemption_reason: 'Please' }, '/exemption_reason'],
      ['admin', { duration_minutes: 60 }, '/exemption_reason'],
    ] as const)('a field that is not for the role of %s is refused: %j', async (role, field, pointer) => {
      const { client } = { patient, doctor, admin }[role];
      const both = { doctor: doctor.id, patient: patient.id, date: '2030-01-10', time: '09:00' };
      const { status, body } = await client.post('/api/appointments/', { ...both, ...field });
      expect([status, body.errors[0].pointer]).toEqual([400, pointer]);
    });

    test('the caller’s own side may be named, but only as themself, and nobody else is looked up', async () => {
      const time = { date: '2030-01-10', time: '10:00' };
      const nobody = '01900000-0000-7000-8000-00000000dead';
      const book = (by: Member, request: object) =>
        by.client.post('/api/appointments/', { ...time, ...request });
      const [other, otherDoctor] = [await clinic.patient(), await clinic.doctor()];

      for (const named of [other.id, nobody, doctor.id]) {
        const { status, body } = await book(patient, { doctor: nobody, patient: named });
        expect([status, body.code]).toEqual([403, 'forbidden']);
      }
      for (const named of [otherDoctor.id, nobody, patient.id]) {
        const { status, body } = await book(doctor, { doctor: named, patient: nobody });
        expect([status, body.code]).toEqual([403, 'forbidden']);
      }
      expect((await book(patient, { doctor: doctor.id, patient: patient.id })).status).toBe(201);
    });

    test('a doctor or a patient who is not there is not found', async () => {
      const nobody = '01900000-0000-7000-8000-00000000dead';
      const time = { date: '2030-01-10', time: '11:00' };
      const asked = [
        [patient.client, { doctor: nobody }],
        [doctor.client, { patient: nobody }],
        [admin.client, { doctor: nobody, patient: patient.id }],
        [admin.client, { doctor: doctor.id, patient: nobody }],
      ] as const;
      for (const [client, named] of asked) {
        const { status, body } = await client.post('/api/appointments/', { ...time, ...named });
        expect([status, body.code]).toEqual([404, 'not-found']);
      }
    });

    test.each([
      ['patient', '/doctor'],
      ['doctor', '/patient'],
      ['admin', '/doctor'],
    ] as const)('the other side is required of a %s', async (role, pointer) => {
      const { client } = { patient, doctor, admin }[role];
      const { status, body } = await client.post('/api/appointments/', { date: '2030-01-10', time: '11:00' });
      expect([status, body.errors[0].pointer]).toEqual([400, pointer]);
    });

    test('the status cannot be written', async () => {
      const request = { doctor: doctor.id, date: '2030-01-10', time: '11:00', status: 'confirmed' };
      const { status, body } = await patient.client.post('/api/appointments/', request);
      expect([status, body.errors[0].pointer]).toEqual([400, '/status']);
    });
  });

  describe.each(['/', ''])('with paths that end in "%s"', (slash) => {
    test('every call of the original contract is answered', async () => {
      const request = registration({ is_doctor: true });
      const { email } = request as { email: string };
      expect((await anyone.post(`/api/auth/register${slash}`, request)).status).toBe(201);
      const login = await anyone.post(`/api/auth/login${slash}`, { email, password: PASSWORD });
      expect(login.status).toBe(200);
      const { refresh } = login.body as { refresh: string };
      expect((await anyone.post(`/api/auth/login/refresh${slash}`, { refresh })).status).toBe(200);

      const doctor = anyone.with(login.body.access as string);
      expect((await doctor.post(`/api/doctor-profile${slash}`, DOCTOR_PROFILE)).status).toBe(201);
      expect((await doctor.post(`/api/doctor-profile${slash}`, { experience_years: 13 })).status).toBe(200);

      const { client: patient } = await clinic.user('patient');
      expect((await patient.post(`/api/patient-profile${slash}`, PATIENT_PROFILE)).status).toBe(201);
      expect((await patient.post(`/api/patient-profile${slash}`, { allergies: null })).status).toBe(200);

      const { doctor: id } = (await doctor.get(`/api/auth/me${slash}`)).body as { doctor: string };
      const booked = await patient.post(`/api/appointments${slash}`, { doctor: id, ...TUESDAY_NINE });
      expect(booked.status).toBe(201);
      const list = await patient.get(`/api/appointments${slash}?limit=1`);
      expect([list.status, list.body.results]).toEqual([200, [booked.body]]);
    });
  });

  describe('HEAD', () => {
    const head = (client: Client, url: string) => client.send({ method: 'HEAD', url });

    test('is guarded as GET and answers no body', async () => {
      const { client: patient } = await clinic.patient();
      const { id } = await clinic.patient();
      expect((await head(anyone, '/api/appointments/')).status).toBe(401);
      expect((await head(patient, '/api/appointments/')).status).toBe(200);
      expect((await head(patient, '/api/patients/')).status).toBe(403);
      expect((await head(patient, `/api/patients/${id}/`)).status).toBe(404);
      expect((await head(patient, '/api/auth/me')).body).toBeFalsy();
    });
  });
});
