import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import type { Client, Request } from '../support/client.js';
import { Clinic, DOCTOR_PROFILE, PASSWORD, PATIENT_PROFILE } from '../support/clinic.js';
import { onEachDatabase } from '../support/databases.js';
import { withQuickPasswords } from '../support/quick-passwords.js';
import { Walkthrough } from '../support/walkthrough.js';

interface Slot {
  date: string;
  time: string;
  starts_at: string;
}

/** The main job of the system on an empty database, each step on top of the one before. */
onEachDatabase('a doctor and a patient, from registration to the visit', (database) => {
  /** Monday, 08:00 in Berlin. */
  const clock = new FixedClock(Date.parse('2030-01-07T07:00:00Z'));
  let running: TestApp;
  let clinic: Clinic;
  let doctor: Client;
  let patient: Client;
  let other: Client;
  const ids = { doctor: '', patient: '', appointment: '', second: '' };
  let wanted: Slot;

  beforeAll(async () => {
    running = await startApp({ database, clock, wire: withQuickPasswords });
    clinic = new Clinic(running.app);
  });
  afterAll(() => running.close());

  async function signUp(choice: object): Promise<Client> {
    const name = { first_name: 'Ada', last_name: 'Newman' };
    const account = { email: clinic.email('journey'), password: PASSWORD };
    const { status } = await clinic.anyone.post('/api/auth/register/', { ...account, ...name, ...choice });
    expect(status).toBe(201);
    return clinic.anyone.logIn(account.email, PASSWORD);
  }

  const slots = async (client: Client, query = ''): Promise<Slot[]> =>
    (await client.get(`/api/doctors/${ids.doctor}/slots/${query}`)).body.results as Slot[];
  const starts = (found: readonly Slot[]): string[] => found.map(({ starts_at }) => starts_at);
  const book = (client: Client, slot: Pick<Slot, 'date' | 'time'>) =>
    client.post('/api/appointments/', { doctor: ids.doctor, date: slot.date, time: slot.time });

  test('both register and log in', async () => {
    doctor = await signUp({ is_doctor: true, first_name: 'Clara', last_name: 'Sommer' });
    patient = await signUp({ is_patient: true, first_name: 'Lena', last_name: 'Fischer' });
    other = (await clinic.patient()).client;
  });

  test('both fill in their profiles, and the patient finds the doctor', async () => {
    const profile = { ...DOCTOR_PROFILE, time_zone: 'Europe/Berlin' };
    ids.doctor = (await doctor.post('/api/doctor-profile/', profile)).body.id as string;
    ids.patient = (await patient.post('/api/patient-profile/', PATIENT_PROFILE)).body.id as string;

    const { body: found } = await patient.get('/api/doctors/?specialty=CARDIOLOGY&q=somm');
    expect(found.results).toMatchObject([{ id: ids.doctor, first_name: 'Clara', last_name: 'Sommer' }]);
    expect((await patient.get(`/api/doctors/${ids.doctor}/`)).body).toEqual(found.results[0]);
    expect(found.results[0]).not.toHaveProperty('phone_number');
  });

  test('the patient sees the free slots of two weeks of working days', async () => {
    const free = await slots(patient);
    expect(free[0]).toMatchObject({
      date: '2030-01-07',
      time: '09:00',
      starts_at: '2030-01-07T08:00:00.000Z',
    });
    expect(free).toHaveLength(10 * 16);
    expect(await slots(patient, '?date_from=2030-01-12&date_to=2030-01-13')).toEqual([]);
    wanted = (await slots(patient, '?date_from=2030-01-08&date_to=2030-01-08'))[4]!;
    expect(wanted.time).toBe('11:00');
  });

  test('the patient books one, and it is free no longer', async () => {
    const { status, body } = await book(patient, wanted);
    expect([status, body.status, body.awaits]).toEqual([201, 'pending', 'doctor']);
    ids.appointment = body.id as string;
    expect(starts(await slots(patient))).not.toContain(wanted.starts_at);
    expect(starts(await slots(other))).not.toContain(wanted.starts_at);
  });

  test('the same slot is refused with up to three alternatives, each of which can be booked', async () => {
    const { status, body } = await book(other, wanted);
    expect([status, body.code]).toEqual([409, 'slot-taken']);
    const alternatives = body.alternatives as Slot[];
    expect(alternatives.map(({ time }) => time)).toEqual(['10:30', '11:30', '10:00']);
    expect(starts(await slots(other))).toEqual(expect.arrayContaining(starts(alternatives)));
    for (const alternative of alternatives) {
      const booked = await book(other, alternative);
      expect([booked.status, booked.body.starts_at]).toEqual([201, alternative.starts_at]);
      await other.post(`/api/appointments/${booked.body.id}/cancel/`);
    }
  });

  test('before the doctor confirms, the patient’s card does not exist for the doctor', async () => {
    expect((await doctor.get(`/api/patients/${ids.patient}/`)).status).toBe(404);
    expect((await doctor.get('/api/patients/')).body.results).toEqual([]);
    const { body } = await doctor.get(`/api/appointments/${ids.appointment}/`);
    expect([body.patient_name, body.allowed_actions]).toEqual([
      'Lena Fischer',
      ['confirm', 'cancel', 'reschedule'],
    ]);
  });

  test('only the doctor can confirm, and once', async () => {
    const confirm = (client: Client) => client.post(`/api/appointments/${ids.appointment}/confirm/`);
    const tooEager = await confirm(patient);
    expect([tooEager.status, tooEager.body.code, tooEager.body.allowed_actions]).toEqual([
      409,
      'action-not-allowed',
      ['cancel', 'reschedule'],
    ]);
    expect((await confirm(other)).status).toBe(404);
    const { status, body } = await confirm(doctor);
    expect([status, body.status, body.awaits, body.confirm_by, body.version]).toEqual([
      200,
      'confirmed',
      null,
      null,
      2,
    ]);
    expect((await confirm(doctor)).status).toBe(409);
  });

  test('both sides list it, and nobody else does', async () => {
    for (const client of [doctor, patient]) {
      const { body } = await client.get('/api/appointments/?status=confirmed&date_from=2030-01-08');
      expect(body).toMatchObject({
        results: [{ id: ids.appointment, status: 'confirmed' }],
        next_cursor: null,
      });
    }
    expect((await other.get('/api/appointments/?status=confirmed')).body.results).toEqual([]);
  });

  test('now the doctor may open the patient’s card', async () => {
    const { status, body } = await doctor.get(`/api/patients/${ids.patient}/`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: ids.patient, first_name: 'Lena', ...PATIENT_PROFILE });
    expect((await doctor.get('/api/patients/?q=FISCH')).body.results).toEqual([
      {
        id: ids.patient,
        first_name: 'Lena',
        last_name: 'Fischer',
        date_of_birth: PATIENT_PROFILE.date_of_birth,
      },
    ]);
  });

  test('a second one is cancelled by the patient, and its time is free at once', async () => {
    const [slot] = await slots(patient, '?date_from=2030-01-10&date_to=2030-01-10');
    ids.second = (await book(patient, slot!)).body.id as string;
    await doctor.post(`/api/appointments/${ids.second}/confirm/`, {});
    const { status, body } = await patient.post(`/api/appointments/${ids.second}/cancel/`, {
      reason: 'On holiday',
    });
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        status: 'cancelled',
        cancelled_by: 'patient',
        cancellation_reason: 'On holiday',
        cancelled_late: false,
        allowed_actions: [],
      }),
    ]);
    expect(starts(await slots(other))).toContain(slot!.starts_at);
    expect((await book(other, slot!)).status).toBe(201);
  });

  test('the visit cannot be completed before it begins', async () => {
    clock.set(Date.parse(wanted.starts_at) - 1);
    const { status, body } = await doctor.post(`/api/appointments/${ids.appointment}/complete/`);
    expect([status, body.code]).toEqual([409, 'action-not-allowed']);
  });

  test('after its begin it needs an outcome, can no longer be cancelled by the patient, and is completed', async () => {
    clock.set(Date.parse(wanted.starts_at) + 30 * 60_000);
    const open = await doctor.get('/api/appointments/?needs_outcome=true');
    expect(open.body.results).toMatchObject([
      { id: ids.appointment, allowed_actions: ['cancel', 'check-in', 'complete', 'no-show'] },
    ]);
    expect((await patient.post(`/api/appointments/${ids.appointment}/cancel/`)).status).toBe(409);

    const { status, body } = await doctor.post(`/api/appointments/${ids.appointment}/complete/`);
    expect([status, body.status]).toEqual([200, 'completed']);
    expect((await doctor.get('/api/appointments/?needs_outcome=true')).body.results).toEqual([]);
  });

  test('the history tells each step, to both sides', async () => {
    const { body } = await patient.get(`/api/appointments/${ids.appointment}/history/`);
    const unchanged = { moved_from: null, duration_minutes_before: null, visit_type_before: null };
    const plain = { reason: null, ...unchanged };
    expect(body.results).toEqual([
      { at: '2030-01-07T07:00:00.000Z', from: null, to: 'pending', by: 'patient', ...plain },
      { at: '2030-01-07T07:00:00.000Z', from: 'pending', to: 'confirmed', by: 'doctor', ...plain },
      { at: '2030-01-08T10:30:00.000Z', from: 'confirmed', to: 'completed', by: 'doctor', ...plain },
    ]);
    expect((await doctor.get(`/api/appointments/${ids.appointment}/history/`)).body).toEqual(body);
    expect((await other.get(`/api/appointments/${ids.appointment}/history/`)).status).toBe(404);
  });

  test('a patient whom the doctor has seen is scheduled without asking', async () => {
    const request = { patient: ids.patient, date: '2030-01-09', time: '18:00' };
    const { status, body } = await doctor.post('/api/appointments/', request);
    expect([status, body.status, body.patient_name]).toEqual([201, 'confirmed', 'Lena Fischer']);
  });

  test.runIf(database === 'sqlite')('docs/first-appointment.md prints what is answered', async () => {
    const logIns: Record<string, [string, string]> = {
      MARA: ['mara.vogel@example.org', 'lamp river seven'],
      ADA: ['ada.newman@example.org', 'a tree in the wind'],
      BEN: ['ben.okafor@example.org', 'seven slow boats'],
    };
    const people = new Map<string, Client>();
    const send = async (name: string | undefined, request: Request) => {
      if (name === undefined) return clinic.anyone.send(request);
      if (!people.has(name)) people.set(name, await clinic.anyone.logIn(...logIns[name]!));
      return people.get(name)!.send(request);
    };
    const halves = readFileSync('docs/first-appointment.md', 'utf8').split(/^(?=# The doctor's side)/m);
    const walk = new Walkthrough();
    for (const [half, now] of ['2026-11-24T05:00:00Z', '2026-11-26T05:00:00Z'].entries()) {
      clock.set(Date.parse(now));
      people.clear();
      const { sent, differences } = await walk.run(halves[half]!, send);
      expect(differences).toEqual([]);
      expect(sent).toBeGreaterThan(10);
    }
  });
});
