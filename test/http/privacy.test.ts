import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DataSource } from 'typeorm';
import { DAY } from '#libs/kernel/clock.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { Clinic, PASSWORD, PATIENT_PROFILE, type Member, type Person } from '../support/clinic.js';
import { onEachDatabase } from '../support/databases.js';
import { withQuickPasswords } from '../support/quick-passwords.js';

/** Monday, 08:00 in Berlin. */
const NOW = Date.parse('2030-01-07T07:00:00Z');
const TUESDAY = { date: '2030-01-08', time: '09:00' };
const MEDICAL = { medical_history: 'Arrhythmia, first seen in 2021', allergies: 'Penicillin' };

const clock = new FixedClock(NOW);
onEachDatabase('Privacy', (database) => {
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

  const book = (more: object = {}) =>
    patient.client.post('/api/appointments/', { doctor: doctor.id, ...TUESDAY, ...more });
  const propose = (more: object = {}) =>
    doctor.client.post('/api/appointments/', { patient: patient.id, ...TUESDAY, ...more });
  const act = (client: Client, { body }: Answer, action: string, reason?: string) =>
    client.post(`/api/appointments/${body.id}/${action}/`, reason === undefined ? undefined : { reason });

  /** The patient's name in every place where the doctor could read it. */
  async function namesSeenByDoctor(id: string): Promise<Set<string | null>> {
    const one = await doctor.client.get(`/api/appointments/${id}/`);
    const { body } = await doctor.client.get(`/api/appointments/?patient=${patient.id}`);
    const rows = body.results as { patient_name: string | null }[];
    return new Set([one.body.patient_name, ...rows.map(({ patient_name }) => patient_name)]);
  }

  const cardStatus = async (): Promise<number> => {
    // No session lives for as long as a card stays open.
    const client = await clinic.anyone.logIn(doctor.email, PASSWORD);
    return (await client.get(`/api/patients/${patient.id}/`)).status;
  };

  describe('a patient’s name', () => {
    test('is null to a doctor whose proposal the patient has not confirmed', async () => {
      const proposal = await propose();
      expect(proposal.body.patient_name).toBeNull();
      expect(await namesSeenByDoctor(proposal.body.id as string)).toEqual(new Set([null]));
      expect((await patient.client.get('/api/appointments/')).body.results[0].patient_name).toBe('Pat Quill');
      expect(
        (await admin.client.get(`/api/appointments/?patient=${patient.id}`)).body.results[0].patient_name,
      ).toBe('Pat Quill');
    });

    test('stays null when the patient declines', async () => {
      const proposal = await propose();
      await act(patient.client, proposal, 'cancel');
      expect(await namesSeenByDoctor(proposal.body.id as string)).toEqual(new Set([null]));
    });

    test('is told once the patient confirms', async () => {
      const proposal = await propose();
      await act(patient.client, proposal, 'confirm');
      expect(await namesSeenByDoctor(proposal.body.id as string)).toEqual(new Set(['Pat Quill']));
    });

    test('is told in what the patient booked or an admin made, but not in the proposal beside it', async () => {
      const booked = await book();
      expect((await doctor.client.get(`/api/appointments/${booked.body.id}/`)).body.patient_name).toBe(
        'Pat Quill',
      );
      const proposal = await propose({ time: '11:00' });
      expect(proposal.body.patient_name).toBeNull();
      await act(admin.client, proposal, 'confirm', 'By phone');
      expect(await namesSeenByDoctor(proposal.body.id as string)).toEqual(new Set(['Pat Quill']));
    });
  });

  describe('when a patient is busy', () => {
    test('is told to a doctor who does not treat them exactly as the doctor’s own time being taken', async () => {
      const elsewhere = await clinic.doctor({ time_zone: 'Europe/Berlin' });
      await patient.client.post('/api/appointments/', { doctor: elsewhere.id, ...TUESDAY });
      const other = await clinic.patient();
      await other.client.post('/api/appointments/', { doctor: doctor.id, date: '2030-01-09', time: '09:00' });

      const patientBusy = await propose();
      const doctorBusy = await propose({ date: '2030-01-09' });
      expect([patientBusy.status, patientBusy.body.code]).toEqual([409, 'slot-taken']);
      expect({ ...patientBusy.body, request_id: '' }).toEqual({ ...doctorBusy.body, request_id: '' });
      expect(patientBusy.body).not.toHaveProperty('alternatives');
    });

    test('is told as it is, with alternatives, to a doctor who treats them', async () => {
      await act(doctor.client, await book({ time: '14:00' }), 'confirm');
      const elsewhere = await clinic.doctor({ time_zone: 'Europe/Berlin' });
      await patient.client.post('/api/appointments/', { doctor: elsewhere.id, ...TUESDAY });
      const { status, body } = await propose();
      expect([status, body.code]).toEqual([409, 'patient-busy']);
      expect(body.alternatives).toHaveLength(3);
    });

    test('shows in no list of free slots but the patient’s own', async () => {
      const elsewhere = await clinic.doctor({ time_zone: 'Europe/Berlin' });
      await patient.client.post('/api/appointments/', { doctor: elsewhere.id, ...TUESDAY });
      const times = async (client: Client) =>
        (
          (await client.get(`/api/doctors/${doctor.id}/slots/?date_from=2030-01-08&date_to=2030-01-08`)).body
            .results as { time: string }[]
        ).map(({ time }) => time);
      expect(await times(patient.client)).not.toContain('09:00');
      for (const { client } of [doctor, admin, await clinic.patient()])
        expect(await times(client)).toContain('09:00');
    });
  });

  describe('a patient’s card', () => {
    test('is closed to a doctor before anything is confirmed, and after it is cancelled', async () => {
      expect(await cardStatus()).toBe(404);
      const booked = await book();
      expect(await cardStatus()).toBe(404);
      await act(doctor.client, booked, 'confirm');
      expect(await cardStatus()).toBe(200);
      await act(patient.client, booked, 'cancel');
      expect(await cardStatus()).toBe(404);
      expect((await doctor.client.get('/api/patients/')).body.results).toEqual([]);
    });

    test('is open until 365 days after the end of a visit', async () => {
      const booked = await book();
      await act(doctor.client, booked, 'confirm');
      const end = Date.parse(booked.body.ends_at as string);
      clock.set(end);
      await act(doctor.client, booked, 'complete');
      clock.set(end + 365 * DAY - 1);
      expect(await cardStatus()).toBe(200);
      clock.set(end + 365 * DAY);
      expect(await cardStatus()).toBe(404);
    });

    test('tells a doctor who treats them all of it, and an admin nothing medical', async () => {
      await act(doctor.client, await book(), 'confirm');
      const card = `/api/patients/${patient.id}/`;
      expect((await doctor.client.get(card)).body).toEqual({
        id: patient.id,
        first_name: 'Pat',
        last_name: 'Quill',
        photo: null,
        phone_number: null,
        ...PATIENT_PROFILE,
        ...MEDICAL,
      });
      const { body } = await admin.client.get(card);
      expect(body).toEqual({
        ...(await patient.client.get(card)).body,
        medical_history: null,
        allergies: null,
      });
    });

    test('a list of patients shows id, name and date of birth only', async () => {
      for (const row of (await admin.client.get('/api/patients/')).body.results as object[]) {
        expect(Object.keys(row).toSorted()).toEqual(['date_of_birth', 'first_name', 'id', 'last_name']);
      }
    });
  });

  describe('the reason for a visit', () => {
    const REASON = 'Chest pain after exercise';

    test('is null to an admin in every answer, and told to the two people', async () => {
      const { body: booked } = await book({ reason_for_visit: REASON });
      const url = `/api/appointments/${booked.id}/`;
      const seen = [
        await admin.client.get(url),
        await admin.client.post(`${url}confirm/`, { reason: 'By phone' }),
        await admin.client.post(`${url}cancel/`),
      ].map(({ body }) => body.reason_for_visit as unknown);
      const { body: list } = await admin.client.get(`/api/appointments/?patient=${patient.id}`);
      expect([...seen, list.results[0].reason_for_visit]).toEqual([null, null, null, null]);
      for (const client of [patient.client, doctor.client]) {
        expect((await client.get(url)).body.reason_for_visit).toBe(REASON);
      }
    });

    test('is null to the admin who gave it, too', async () => {
      const both = { doctor: doctor.id, patient: patient.id };
      const request = { ...both, ...TUESDAY, reason_for_visit: REASON };
      expect((await admin.client.post('/api/appointments/', request)).body.reason_for_visit).toBeNull();
    });
  });

  describe('a doctor', () => {
    test('is shown without phone number', async () => {
      const { body } = await patient.client.get(`/api/doctors/${doctor.id}/`);
      expect(JSON.stringify(body)).not.toContain('901820');
    });

    test('whose user is not active is as if they were not there', async () => {
      await running.app.get(DataSource).query(`UPDATE users SET active = FALSE WHERE id = '${doctor.user}'`);
      expect((await patient.client.get(`/api/doctors/${doctor.id}/`)).status).toBe(404);
      expect((await patient.client.get(`/api/doctors/${doctor.id}/slots/`)).status).toBe(404);
      expect((await book()).status).toBe(404);
      const { body } = await patient.client.get('/api/doctors/?limit=100');
      expect((body.results as { id: string }[]).map(({ id }) => id)).not.toContain(doctor.id);
    });
  });
});
