import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '#libs/kernel/clock.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import { ExpireAppointments } from '../../src/scheduling/index.js';
import type { Answer, Client } from '../support/client.js';
import { Clinic, SLOT_POLICY, type Member, type Person } from '../support/clinic.js';
import { Crowd } from '../support/crowd.js';
import { onEachDatabase } from '../support/databases.js';
import { withQuickPasswords } from '../support/quick-passwords.js';

interface When {
  date: string;
  time: string;
}

/** Monday, 08:00 in Berlin. */
const NOW = Date.parse('2030-01-07T07:00:00Z');
const at = (date: string, time: string): When => ({ date, time });

onEachDatabase('Refusals', (database) => {
  const clock = new FixedClock(NOW);
  let running: TestApp;
  let clinic: Clinic;
  let crowd: Crowd;
  let admin: Person;
  /** New for each test, so that agendas are empty. */
  let doctor: Member;
  let patient: Member;

  beforeAll(async () => {
    running = await startApp({ database, clock, wire: withQuickPasswords });
    clinic = new Clinic(running.app);
    crowd = new Crowd([running.app]);
    admin = await clinic.admin();
  });
  afterAll(() => running.close());

  beforeEach(async () => {
    clock.set(NOW);
    doctor = await crowd.doctor('Europe/Berlin');
    patient = await crowd.patient();
  });

  const send = (client: Client, request: object) => client.post('/api/appointments/', request);
  const book = (when: When, more: object = {}, by = patient) =>
    send(by.client, { doctor: doctor.id, ...when, ...more });
  const schedule = (when: When, more: object = {}) =>
    send(doctor.client, { patient: patient.id, ...when, ...more });
  const arrange = (when: When, more: object = {}) =>
    send(admin.client, { doctor: doctor.id, patient: patient.id, ...when, ...more });
  const act = (client: Client, id: string, action: string, body?: object) =>
    client.post(`/api/appointments/${id}/${action}/`, body);

  async function made(answer: Promise<Answer>): Promise<string> {
    const { status, body } = await answer;
    expect([status, body.code]).toEqual([201, undefined]);
    return body.id as string;
  }

  async function refusal(answer: Promise<Answer>): Promise<[number, string]> {
    const { status, body } = await answer;
    return [status, body.code as string];
  }

  describe('a patient is refused', () => {
    const LATER = 'other rules speak against it too';

    test.each<[[number, string], string, When, object]>([
      [
        [422, 'unknown-visit-type'],
        'a visit type that the doctor does not offer',
        at('2030-01-08', '09:00'),
        { visit_type: 'surgery' },
      ],
      [[422, 'unknown-visit-type'], LATER, at('2030-01-05', '03:02'), { visit_type: 'surgery' }],
      [[422, 'no-such-time'], 'a wall time that the clocks skip', at('2030-03-31', '02:30'), {}],
      [[422, 'in-the-past'], 'a start before now', at('2030-01-04', '09:00'), {}],
      [[422, 'in-the-past'], LATER, at('2030-01-05', '03:02'), {}],
      [[422, 'too-soon'], 'a start within the notice of an hour', at('2030-01-07', '08:55'), {}],
      [[422, 'too-far'], 'a date beyond the horizon of 90 days', at('2030-04-08', '09:00'), {}],
      [[422, 'too-far'], LATER, at('2030-04-13', '03:02'), {}],
      [[422, 'outside-hours'], 'a start before the hours', at('2030-01-08', '08:30'), {}],
      [[422, 'outside-hours'], 'a start at the end of the hours', at('2030-01-08', '17:00'), {}],
      [[422, 'outside-hours'], 'a visit that ends after the hours', at('2030-01-08', '16:45'), {}],
      [[422, 'outside-hours'], 'a day without hours', at('2030-01-12', '09:00'), {}],
      [[422, 'off-grid'], 'a start between two slots', at('2030-01-08', '09:10'), {}],
      [[422, 'off-grid'], 'a start that is no multiple of five minutes', at('2030-01-08', '09:01'), {}],
    ])('%j: %s', async (expected, _, when, more) => {
      expect(await refusal(book(when, more))).toEqual(expected);
    });

    test('slot-taken: a time that another patient holds, pending or confirmed', async () => {
      const other = await clinic.patient();
      const id = await made(book(at('2030-01-08', '09:00'), {}, other));
      expect(await refusal(book(at('2030-01-08', '09:00')))).toEqual([409, 'slot-taken']);
      await act(doctor.client, id, 'confirm');
      expect(await refusal(book(at('2030-01-08', '09:00')))).toEqual([409, 'slot-taken']);
      await made(book(at('2030-01-08', '09:30')));
      await act(doctor.client, id, 'cancel');
      await made(book(at('2030-01-08', '09:00')));
    });

    test('slot-taken: a time that overlaps another, wherever it starts', async () => {
      await made(schedule(at('2030-01-08', '09:45'), { duration_minutes: 60 }));
      const other = await clinic.patient();
      for (const time of ['09:30', '10:00', '10:30']) {
        expect([time, await refusal(book(at('2030-01-08', time), {}, other))]).toEqual([
          time,
          [409, 'slot-taken'],
        ]);
      }
      await made(book(at('2030-01-08', '09:00'), {}, other));
      await made(book(at('2030-01-08', '11:00'), {}, other));
    });

    test('slot-taken: a time that the patient holds already, told as their own, and of others as occupied', async () => {
      const id = await made(book(at('2030-01-08', '09:00')));
      const OWN = /^Your own appointment with this doctor/;
      const detailOf = async (answer: Promise<Answer>) => {
        const { status, body } = await answer;
        expect([status, body.code]).toEqual([409, 'slot-taken']);
        return body.detail as string;
      };
      expect(await detailOf(book(at('2030-01-08', '09:00')))).toMatch(OWN);
      const other = await clinic.patient();
      const hers = await made(book(at('2030-01-08', '10:00'), {}, other));
      expect(await detailOf(book(at('2030-01-08', '09:00'), {}, other))).not.toMatch(OWN);
      expect(await detailOf(arrange(at('2030-01-08', '09:00')))).not.toMatch(OWN);
      // The one that is moved is not in its own way.
      expect(await detailOf(act(patient.client, id, 'reschedule', at('2030-01-08', '10:00')))).not.toMatch(
        OWN,
      );
      await act(other.client, hers, 'cancel');
      await made(book(at('2030-01-08', '09:30')));
      expect(await detailOf(act(patient.client, id, 'reschedule', at('2030-01-08', '09:30')))).toMatch(OWN);
    });

    test('patient-limit: a sixth open appointment with one doctor', async () => {
      const days = ['08', '09', '10', '11', '14'];
      const ids = [];
      for (const day of days) ids.push(await made(book(at(`2030-01-${day}`, '09:00'))));
      const sixth = await book(at('2030-01-15', '09:00'));
      expect([sixth.status, sixth.body.code, sixth.body.alternatives]).toEqual([409, 'patient-limit', []]);
      expect((await patient.client.get(`/api/doctors/${doctor.id}/slots/`)).body.results).toEqual([]);
      await act(patient.client, ids[0]!, 'cancel');
      await made(book(at('2030-01-15', '09:00')));
    });

    test('patient-busy: a time that the patient spends with another doctor', async () => {
      const elsewhere = await clinic.doctor({ time_zone: 'Europe/London' });
      await made(send(patient.client, { doctor: elsewhere.id, ...at('2030-01-08', '09:00') }));
      const { status, body } = await book(at('2030-01-08', '10:00'));
      expect([status, body.code]).toEqual([409, 'patient-busy']);
      expect(body.alternatives.map(({ time }: When) => time)).toEqual(['09:30', '10:30', '09:00']);
    });

    test('with up to three alternatives that can be booked, nearest first', async () => {
      const asked = [
        at('2030-01-05', '10:00'),
        at('2030-01-12', '12:00'),
        at('2030-01-08', '09:10'),
        at('2030-03-31', '02:30'),
      ];
      for (const when of asked) {
        const { alternatives } = (await book(when)).body as { alternatives: When[] };
        expect(alternatives).toHaveLength(3);
        const { date, time } = alternatives[0]!;
        await act(patient.client, await made(book({ date, time })), 'cancel');
      }
      const monday = (await book(at('2030-01-12', '12:00'))).body.alternatives as When[];
      expect(monday.map(({ date, time }) => `${date} ${time}`)).toEqual([
        '2030-01-11 16:30',
        '2030-01-11 16:00',
        '2030-01-11 15:30',
      ]);
    });

    test("with the numbers of the doctor's own rules, which a time that is explained tells too", async () => {
      await doctor.client.put(`/api/doctors/${doctor.id}/slot-policy/`, {
        ...SLOT_POLICY,
        grid_minutes: 20,
        notice_minutes: 90,
        horizon_days: 1,
        patient_limit: 1,
        cancellation_notice_minutes: 2880,
      });
      const told: [When, string, RegExp][] = [
        [at('2030-01-07', '09:20'), 'too-soon', /a notice of 90 minutes before/],
        [at('2030-01-09', '09:00'), 'too-far', /open for 1 day ahead/],
        [at('2030-01-08', '09:30'), 'off-grid', /every 20 minutes from the start of the hours/],
      ];
      for (const [when, code, words] of told) {
        const { body } = await book(when);
        expect([body.code, body.detail]).toEqual([code, expect.stringMatching(words)]);
        const url = `/api/doctors/${doctor.id}/slots/explain/?date=${when.date}&time=${when.time}`;
        const explained = (await patient.client.get(url)).body.refusals as object[];
        expect(explained).toEqual([{ code, title: body.title, detail: body.detail }]);
      }
      const id = await made(book(at('2030-01-08', '09:00')));
      expect((await book(at('2030-01-08', '10:00'))).body.detail).toMatch(
        /at most 1 coming appointment with/,
      );
      const late = await act(patient.client, id, 'reschedule', at('2030-01-08', '10:00'));
      expect([late.body.code, late.body.detail]).toEqual([
        'too-late-to-change',
        expect.stringMatching(/cancellation notice of 48 hours\./),
      ]);
    });

    test('the second of two wall times that are the same cannot be started in', async () => {
      clock.set(Date.parse('2030-10-20T09:00:00Z'));
      const london = await clinic.doctor({ time_zone: 'Europe/London' });
      const visit = { patient: patient.id, ...at('2030-10-27', '01:30') };
      const { body } = await send(london.client, visit);
      expect([body.starts_at, body.ends_at]).toEqual([
        '2030-10-27T00:30:00.000Z',
        '2030-10-27T01:00:00.000Z',
      ]);
    });
  });

  describe('the doctor, and an admin with a reason,', () => {
    const EXEMPT: [string, When, object][] = [
      ['notice', at('2030-01-07', '08:05'), {}],
      ['horizon', at('2030-12-02', '09:00'), {}],
      ['hours', at('2030-01-12', '03:00'), {}],
      ['grid', at('2030-01-08', '09:10'), {}],
      ['length', at('2030-01-08', '09:00'), { duration_minutes: 480 }],
    ];
    const reasoned = { exemption_reason: 'Emergency' };

    test.each(EXEMPT)('are exempt from %s', async (_, when, more) => {
      await act(doctor.client, await made(schedule(when, more)), 'cancel');
      await made(arrange(when, { ...more, ...reasoned }));
    });

    test.each<[[number, string], When]>([
      [[422, 'in-the-past'], at('2030-01-04', '09:00')],
      [[422, 'no-such-time'], at('2030-03-31', '02:30')],
      [[422, 'off-grid'], at('2030-01-08', '09:01')],
      [[422, 'outside-hours'], at('2030-01-08', '23:45')],
    ])('are never exempt from %j', async (expected, when) => {
      expect(await refusal(schedule(when))).toEqual(expected);
      expect(await refusal(arrange(when, reasoned))).toEqual(expected);
    });

    test('are never exempt from either agenda', async () => {
      const other = await clinic.patient();
      await made(book(at('2030-01-08', '09:00'), {}, other));
      expect(await refusal(schedule(at('2030-01-08', '08:45')))).toEqual([409, 'slot-taken']);
      expect(await refusal(arrange(at('2030-01-08', '08:45'), reasoned))).toEqual([409, 'slot-taken']);

      const elsewhere = await clinic.doctor({ time_zone: 'Europe/Berlin' });
      await made(send(patient.client, { doctor: elsewhere.id, ...at('2030-01-08', '11:00') }));
      expect(await refusal(arrange(at('2030-01-08', '11:15'), reasoned))).toEqual([409, 'patient-busy']);
    });

    test('are exempt from the limit of open appointments', async () => {
      for (const day of ['08', '09', '10', '11', '14']) await made(book(at(`2030-01-${day}`, '09:00')));
      await made(schedule(at('2030-01-15', '09:00')));
      await made(arrange(at('2030-01-15', '10:00'), reasoned));
      expect(await refusal(arrange(at('2030-01-15', '11:00')))).toEqual([409, 'patient-limit']);
    });

    const HINT = /exemption_reason/;

    test.each(EXEMPT.slice(0, 4))(
      'an admin without a reason is held to %s, and told that a reason would do',
      async (_, when) => {
        const { status, body } = await arrange(when);
        expect([status, body.detail]).toEqual([422, expect.stringMatching(HINT)]);
        expect((await book(when)).body.detail).not.toMatch(HINT);
      },
    );

    test('an admin is told so of a move and a series too, but not of a rule that holds for everyone', async () => {
      const id = await made(book(at('2030-01-08', '09:00')));
      const saturday = at('2030-01-12', '09:00');
      expect((await act(admin.client, id, 'reschedule', saturday)).body.detail).toMatch(HINT);
      const series = { doctor: doctor.id, patient: patient.id, every_weeks: 1, count: 2 };
      const refused = await admin.client.post('/api/series/', { ...series, ...saturday });
      expect([refused.body.code, refused.body.detail]).toEqual([
        'series-refused',
        expect.stringMatching(HINT),
      ]);

      const other = await clinic.patient();
      const taken = { doctor: doctor.id, patient: other.id, ...at('2030-01-08', '09:00') };
      const everyone = [
        await send(admin.client, taken),
        await admin.client.post('/api/series/', { ...series, ...taken }),
        await arrange(at('2030-01-04', '09:00')),
        await arrange(at('2030-01-08', '09:01')),
        await arrange(at('2030-01-08', '23:45')),
        await arrange(at('2030-01-08', '10:00'), { visit_type: 'surgery' }),
      ];
      expect(everyone.map(({ body }) => [body.code, HINT.test(body.detail as string)])).toEqual([
        ['slot-taken', false],
        ['series-refused', false],
        ['in-the-past', false],
        ['off-grid', false],
        ['outside-hours', false],
        ['unknown-visit-type', false],
      ]);
    });
  });

  describe('nobody without a profile makes an appointment', () => {
    test('neither a patient nor a doctor: 409 profile-required', async () => {
      const [nobody, noDoctor] = [await clinic.user('patient'), await clinic.user('doctor')];
      const when = at('2030-01-08', '09:00');
      expect(await refusal(send(nobody.client, { doctor: doctor.id, ...when }))).toEqual([
        409,
        'profile-required',
      ]);
      expect(await refusal(send(noDoctor.client, { patient: patient.id, ...when }))).toEqual([
        409,
        'profile-required',
      ]);
      expect((await nobody.client.get('/api/appointments/')).body.results).toEqual([]);
      expect((await nobody.client.get(`/api/doctors/${doctor.id}/slots/`)).status).toBe(200);
    });
  });

  describe('an unknown visit type', () => {
    test('has no free slots to list', async () => {
      const { status, body } = await patient.client.get(
        `/api/doctors/${doctor.id}/slots/?visit_type=surgery`,
      );
      expect([status, body.code]).toEqual([422, 'unknown-visit-type']);
    });
  });

  describe('to a patient whom the doctor has not seen', () => {
    const LIMIT = [409, 'proposal-limit'];

    test('there is one open proposal at most', async () => {
      const id = await made(schedule(at('2030-01-08', '09:00')));
      expect(await refusal(schedule(at('2030-01-09', '09:00')))).toEqual(LIMIT);
      await act(doctor.client, id, 'cancel');
      await made(schedule(at('2030-01-09', '09:00')));
    });

    test('there is none after a declined one, until the patient books', async () => {
      await act(patient.client, await made(schedule(at('2030-01-08', '09:00'))), 'cancel');
      expect(await refusal(schedule(at('2030-01-09', '09:00')))).toEqual(LIMIT);
      await made(book(at('2030-01-10', '09:00')));
      await made(schedule(at('2030-01-09', '09:00')));
    });

    test('a proposal is confirmed by the patient, not by the doctor', async () => {
      const id = await made(schedule(at('2030-01-08', '09:00')));
      const own = await act(doctor.client, id, 'confirm');
      expect([own.status, own.body.code, own.body.allowed_actions]).toEqual([
        409,
        'action-not-allowed',
        ['cancel', 'reschedule'],
      ]);
      expect((await act(patient.client, id, 'confirm')).body.status).toBe('confirmed');
      await made(schedule(at('2030-01-09', '09:00')));
    });
  });

  describe('an action that the state rules out is 409 action-not-allowed, with those that are allowed', () => {
    const NOT_ALLOWED = (allowed: string[]) => [409, 'action-not-allowed', allowed];
    async function tried(client: Client, id: string, action: string, body?: object) {
      const answer = await act(client, id, action, body);
      return [answer.status, answer.body.code, answer.body.allowed_actions];
    }

    test('pending: the patient confirms nothing, and nobody checks it in or ends it', async () => {
      const id = await made(book(at('2030-01-08', '09:00')));
      expect(await tried(patient.client, id, 'confirm')).toEqual(NOT_ALLOWED(['cancel', 'reschedule']));
      for (const { client } of [doctor, admin]) {
        for (const action of ['check-in', 'complete', 'no-show']) {
          expect(await tried(client, id, action)).toEqual(NOT_ALLOWED(['confirm', 'cancel', 'reschedule']));
        }
      }
    });

    test('confirmed: it is confirmed once, checked in on its date, and ended after its start', async () => {
      const id = await made(arrange(at('2030-01-08', '09:00')));
      for (const action of ['confirm', 'check-in', 'complete', 'no-show']) {
        expect(await tried(doctor.client, id, action)).toEqual(NOT_ALLOWED(['cancel', 'reschedule']));
      }
      clock.set(Date.parse('2030-01-07T23:00:00Z'));
      expect((await act(doctor.client, id, 'check-in')).body.status).toBe('checked_in');
      for (const action of ['check-in', 'complete', 'no-show']) {
        expect(await tried(doctor.client, id, action)).toEqual(NOT_ALLOWED(['cancel']));
      }
      expect(await tried(doctor.client, id, 'reschedule', at('2030-01-09', '09:00'))).toEqual(
        NOT_ALLOWED(['cancel']),
      );
      clock.set(Date.parse('2030-01-08T08:00:00Z'));
      expect((await act(doctor.client, id, 'complete')).body.status).toBe('completed');
    });

    test('completed and no-show: corrected until 24 hours after the end, and then nothing is allowed', async () => {
      const id = await made(arrange(at('2030-01-08', '09:00')));
      clock.set(Date.parse('2030-01-08T08:30:00Z'));
      expect((await act(doctor.client, id, 'no-show')).body.status).toBe('no_show');
      expect(await tried(doctor.client, id, 'no-show')).toEqual(NOT_ALLOWED(['complete']));
      clock.set(Date.parse('2030-01-09T08:30:00Z') - 1);
      expect((await act(admin.client, id, 'complete')).body.status).toBe('completed');
      expect(await tried(doctor.client, id, 'cancel')).toEqual(NOT_ALLOWED(['no-show']));
      clock.set(Date.parse('2030-01-09T08:30:00Z'));
      expect(await tried(doctor.client, id, 'no-show')).toEqual(NOT_ALLOWED([]));
    });

    test('cancelled, and completed a day ago: nothing is allowed', async () => {
      const [done, gone] = [
        await made(arrange(at('2030-01-08', '09:00'))),
        await made(arrange(at('2030-01-08', '10:00'))),
      ];
      await act(patient.client, gone, 'cancel');
      clock.set(Date.parse('2030-01-08T08:30:00Z'));
      await act(doctor.client, done, 'complete');
      clock.set(Date.parse('2030-01-09T08:30:00Z'));
      const bodies = { confirm: { reason: 'Late' }, cancel: {}, reschedule: at('2030-01-15', '09:00') };
      for (const id of [done, gone]) {
        for (const [action, body] of Object.entries(bodies)) {
          expect(await tried(admin.client, id, action, body)).toEqual(NOT_ALLOWED([]));
        }
        for (const action of ['check-in', 'complete', 'no-show']) {
          expect(await tried(admin.client, id, action)).toEqual(NOT_ALLOWED([]));
        }
      }
    });

    test('a patient cancels before the start, the doctor also after it', async () => {
      const id = await made(arrange(at('2030-01-08', '09:00')));
      clock.set(Date.parse('2030-01-08T08:00:00Z'));
      expect(await tried(patient.client, id, 'cancel')).toEqual(NOT_ALLOWED([]));
      expect(
        (await act(doctor.client, id, 'cancel', { reason: 'The patient did not come' })).body,
      ).toMatchObject({
        status: 'cancelled',
        cancelled_by: 'doctor',
        cancellation_reason: 'The patient did not come',
      });
    });

    test('of an action and its opposite at once exactly one wins', async () => {
      const id = await made(book(at('2030-01-08', '09:00')));
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) => act(i % 2 ? doctor.client : patient.client, id, 'cancel')),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect((await patient.client.get(`/api/appointments/${id}/`)).body.version).toBe(2);
      expect((await patient.client.get(`/api/appointments/${id}/history/`)).body.results).toHaveLength(2);
    });
  });

  describe('a move', () => {
    const WHEN = at('2030-01-10', '09:00');
    const move = (client: Client, id: string, when: When, more: object = {}) =>
      act(client, id, 'reschedule', { ...when, ...more });
    let id: string;

    beforeEach(async () => {
      id = await made(book(WHEN));
    });

    test.each<[[number, string], When, object]>([
      [[422, 'unknown-visit-type'], at('2030-01-11', '09:00'), { visit_type: 'surgery' }],
      [[422, 'no-such-time'], at('2030-03-31', '02:30'), {}],
      [[422, 'in-the-past'], at('2030-01-04', '09:00'), {}],
      [[422, 'too-soon'], at('2030-01-07', '08:55'), {}],
      [[422, 'too-far'], at('2030-04-08', '09:00'), {}],
      [[422, 'outside-hours'], at('2030-01-12', '09:00'), {}],
      [[422, 'off-grid'], at('2030-01-11', '09:10'), {}],
    ])('of a patient is refused with alternatives: %j', async (expected, when, more) => {
      const { status, body } = await move(patient.client, id, when, more);
      expect([status, body.code]).toEqual(expected);
      const alternatives = body.alternatives as { starts_at: string }[];
      expect(alternatives).toHaveLength(expected[1] === 'unknown-visit-type' ? 0 : 3);
      expect((await patient.client.get(`/api/appointments/${id}/`)).body.version).toBe(1);
    });

    test('slot-taken and patient-busy, with alternatives that can be taken, of which none is where it is', async () => {
      const other = await clinic.patient();
      await made(book(at('2030-01-10', '09:30'), {}, other));
      const taken = await move(patient.client, id, at('2030-01-10', '09:30'));
      expect([taken.status, taken.body.code]).toEqual([409, 'slot-taken']);
      expect(taken.body.alternatives.map(({ time }: When) => time)).toEqual(['10:00', '10:30', '11:00']);

      const elsewhere = await clinic.doctor({ time_zone: 'Europe/Berlin' });
      await made(send(patient.client, { doctor: elsewhere.id, ...at('2030-01-10', '10:00') }));
      const busy = await move(patient.client, id, at('2030-01-10', '10:00'));
      expect([busy.status, busy.body.code]).toEqual([409, 'patient-busy']);
      const { date, time } = busy.body.alternatives[0] as When;
      expect((await move(patient.client, id, { date, time })).status).toBe(200);
    });

    test('of the last of five open ones is not refused for being the sixth', async () => {
      for (const day of ['08', '09', '11', '14']) await made(book(at(`2030-01-${day}`, '09:00')));
      expect(await refusal(book(at('2030-01-15', '09:00')))).toEqual([409, 'patient-limit']);
      expect((await move(patient.client, id, at('2030-01-15', '09:00'))).status).toBe(200);
    });

    test('to a time that overlaps its own is no overlap', async () => {
      const moved = await move(doctor.client, id, at('2030-01-10', '09:15'), { duration_minutes: 60 });
      expect([moved.status, moved.body.time, moved.body.duration_minutes]).toEqual([200, '09:15', 60]);
    });

    test('keeps id, people and reason; answers the new time, and the history tells the old one', async () => {
      const { status, body } = await move(patient.client, id, at('2030-01-11', '10:00'), { reason: 'Work' });
      expect([status, body]).toEqual([
        200,
        expect.objectContaining({
          id,
          doctor: doctor.id,
          patient: patient.id,
          ...at('2030-01-11', '10:00'),
          starts_at: '2030-01-11T09:00:00.000Z',
          reason_for_visit: 'General Checkup',
          status: 'pending',
          awaits: 'doctor',
          confirm_by: new Date(NOW + 72 * HOUR).toISOString(),
          version: 2,
        }),
      ]);
      const { results } = (await doctor.client.get(`/api/appointments/${id}/history/`)).body;
      expect(results[1]).toMatchObject({
        by: 'patient',
        reason: 'Work',
        moved_from: '2030-01-10T08:00:00.000Z',
        duration_minutes_before: null,
        visit_type_before: null,
      });
      const other = await clinic.patient();
      await made(book(WHEN, {}, other));
      expect(await refusal(book(at('2030-01-11', '10:00'), {}, other))).toEqual([409, 'slot-taken']);
    });

    test('of the length alone is told in the history as that, and as no move', async () => {
      expect((await move(doctor.client, id, WHEN, { duration_minutes: 45 })).status).toBe(200);
      const { results } = (await patient.client.get(`/api/appointments/${id}/history/`)).body;
      expect(results[1]).toMatchObject({
        moved_from: null,
        duration_minutes_before: 30,
        visit_type_before: null,
      });
    });

    test('too-late-to-change: of a patient, later than 24 hours before the start; the practice still can', async () => {
      await act(doctor.client, id, 'confirm');
      const start = Date.parse('2030-01-10T08:00:00Z');
      clock.set(start - DAY + 1);
      const late = await move(patient.client, id, at('2030-01-11', '10:00'));
      expect([late.status, late.body.code, late.body.allowed_actions]).toEqual([
        409,
        'too-late-to-change',
        ['cancel'],
      ]);
      clock.set(start - DAY);
      const inTime = await move(patient.client, id, at('2030-01-10', '09:30'));
      expect(inTime.body.status).toBe('pending');
      await act(doctor.client, id, 'confirm');
      clock.set(start - 1);
      const byDoctor = await move(doctor.client, id, at('2030-01-11', '10:00'));
      expect([byDoctor.status, byDoctor.body.status]).toEqual([200, 'confirmed']);
    });

    test('to the time and visit that it has changes nothing, whoever asks', async () => {
      for (const status of ['pending', 'confirmed']) {
        if (status === 'confirmed') await act(doctor.client, id, 'confirm');
        const before = (await patient.client.get(`/api/appointments/${id}/`)).body;
        clock.set(NOW + HOUR);
        for (const { client } of [patient, doctor, admin]) {
          const same = { visit_type: before.visit_type, reason: 'Again' };
          const { status: answered, headers } = await move(client, id, WHEN, same);
          expect([answered, headers['etag']]).toEqual([200, `"${before.version}"`]);
        }
        expect((await patient.client.get(`/api/appointments/${id}/`)).body).toEqual(before);
      }
    });

    test('by the doctor of a pending one awaits the patient; by an admin it is confirmed', async () => {
      const byDoctor = await move(doctor.client, id, at('2030-01-11', '10:00'));
      expect([byDoctor.body.status, byDoctor.body.awaits]).toEqual(['pending', 'patient']);
      const byAdmin = await move(admin.client, id, at('2030-01-11', '11:00'));
      expect([byAdmin.body.status, byAdmin.body.awaits]).toEqual(['confirmed', null]);
    });

    test('of an admin is under the rules for patients, unless they say why not', async () => {
      expect(await refusal(move(admin.client, id, at('2030-01-11', '08:00')))).toEqual([
        422,
        'outside-hours',
      ]);
      const exempt = { exemption_reason: 'Agreed', duration_minutes: 20 };
      const moved = await move(admin.client, id, at('2030-01-11', '08:00'), exempt);
      expect([moved.status, moved.body.duration_minutes]).toEqual([200, 20]);
    });

    test('takes no field that its sender may not give', async () => {
      const when = at('2030-01-11', '10:00');
      const faults: [Client, object, string][] = [
        [patient.client, { duration_minutes: 20 }, '/duration_minutes'],
        [patient.client, { exemption_reason: 'Please' }, '/exemption_reason'],
        [doctor.client, { exemption_reason: 'Please' }, '/exemption_reason'],
        [admin.client, { duration_minutes: 20 }, '/exemption_reason'],
        [admin.client, { doctor: doctor.id }, '/doctor'],
        [admin.client, { status: 'confirmed' }, '/status'],
      ];
      for (const [client, more, pointer] of faults) {
        const { status, body } = await move(client, id, when, more);
        expect([status, body.errors[0].pointer]).toEqual([400, pointer]);
      }
      expect((await act(patient.client, id, 'reschedule', {})).status).toBe(400);
    });

    test('to where a patient is busy tells a doctor who does not treat them only that it is taken', async () => {
      const elsewhere = await clinic.doctor({ time_zone: 'Europe/Berlin' });
      await made(send(patient.client, { doctor: elsewhere.id, ...at('2030-01-10', '11:00') }));
      const { status, body } = await move(doctor.client, id, at('2030-01-10', '11:00'));
      expect([status, body.code, body.alternatives]).toEqual([409, 'slot-taken', undefined]);
    });

    test('is kept under its key and its version like every action', async () => {
      const sendMove = (headers: Record<string, string>) =>
        patient.client.send({
          method: 'POST',
          url: `/api/appointments/${id}/reschedule/`,
          payload: at('2030-01-11', '10:00'),
          headers,
        });
      expect((await sendMove({ 'if-match': '"2"' })).status).toBe(412);
      const key = { 'idempotency-key': `move-of-${id}` };
      const answers = [await sendMove(key), await sendMove(key)];
      expect(answers.map(({ status, body }) => [status, body.version])).toEqual([
        [200, 2],
        [200, 2],
      ]);
      expect(answers[1]!.headers['idempotency-replayed']).toBe('true');
    });
  });

  describe('what nobody confirms in time', () => {
    test('expires: it is cancelled by the system, and its time is free at once', async () => {
      const id = await made(book(at('2030-01-17', '09:00')));
      const other = await clinic.patient();
      clock.set(NOW + 72 * HOUR);
      expect(await refusal(act(doctor.client, id, 'confirm'))).toEqual([409, 'action-not-allowed']);
      expect(await refusal(book(at('2030-01-17', '09:00'), {}, other))).toEqual([409, 'slot-taken']);
      await running.app.get(ExpireAppointments, { strict: false }).execute();
      const { body } = await patient.client.get(`/api/appointments/${id}/`);
      expect(body).toMatchObject({
        status: 'cancelled',
        cancelled_by: 'system',
        cancellation_reason: 'expired',
        cancelled_late: false,
        allowed_actions: [],
      });
      await made(book(at('2030-01-17', '09:00'), {}, other));
    });
  });

  test('needs_outcome lists what is confirmed or checked in and over, until it is said what became of it', async () => {
    const [confirmed, present, early] = [
      await made(arrange(at('2030-01-08', '09:00'))),
      await made(arrange(at('2030-01-08', '10:00'))),
      await made(arrange(at('2030-01-08', '11:00'))),
    ];
    await made(book(at('2030-01-08', '09:30')));
    clock.set(Date.parse('2030-01-08T07:00:00Z'));
    await act(doctor.client, present, 'check-in');
    clock.set(Date.parse('2030-01-08T09:45:00Z'));
    const listed = async (flag: boolean) =>
      (await doctor.client.get(`/api/appointments/?needs_outcome=${flag}&status=confirmed&status=checked_in`))
        .body.results as { id: string; status: string }[];
    expect((await listed(true)).map(({ id, status }) => [id, status])).toEqual([
      [confirmed, 'confirmed'],
      [present, 'checked_in'],
    ]);
    expect((await listed(false)).map(({ id }) => id)).toEqual([early]);
    await act(doctor.client, confirmed, 'no-show');
    await act(doctor.client, present, 'complete');
    expect(await listed(true)).toEqual([]);
  });

  describe('confirming', () => {
    test('is possible until confirm_by, 72 hours after booking, and no longer', async () => {
      const [soon, late] = [await book(at('2030-01-17', '09:00')), await book(at('2030-01-17', '10:00'))];
      expect(soon.body.confirm_by).toBe(new Date(NOW + 72 * HOUR).toISOString());
      clock.set(NOW + 72 * HOUR - 1);
      expect((await act(doctor.client, soon.body.id as string, 'confirm')).status).toBe(200);
      clock.set(NOW + 72 * HOUR);
      for (const client of [doctor.client, admin.client]) {
        const { status, body } = await act(client, late.body.id as string, 'confirm', { reason: 'Late' });
        expect([status, body.code, body.allowed_actions]).toEqual([409, 'action-not-allowed', ['cancel']]);
      }
    });

    test('is possible at the latest until the start', async () => {
      const { body } = await book(at('2030-01-08', '09:00'));
      expect(body.confirm_by).toBe(body.starts_at);
    });

    test('by an admin needs a reason, which is kept', async () => {
      const id = await made(book(at('2030-01-08', '09:00')));
      for (const body of [undefined, {}, { reason: null }]) {
        const answer = await act(admin.client, id, 'confirm', body);
        expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, '/reason']);
      }
      expect((await act(admin.client, id, 'confirm', { reason: 'By phone' })).status).toBe(200);
      const { body } = await doctor.client.get(`/api/appointments/${id}/history/`);
      expect(body.results[1]).toMatchObject({
        from: 'pending',
        to: 'confirmed',
        by: 'admin',
        reason: 'By phone',
      });
    });
  });

  describe('a cancellation is late', () => {
    const START = Date.parse('2030-01-10T08:00:00Z');
    const WHEN = at('2030-01-10', '09:00');

    async function cancelled(by: Client, id: string, when: number): Promise<boolean> {
      clock.set(when);
      return (await act(by, id, 'cancel')).body.cancelled_late as boolean;
    }
    async function confirmed(): Promise<string> {
      const id = await made(book(WHEN));
      await act(doctor.client, id, 'confirm');
      return id;
    }

    test.each([
      [false, START - DAY],
      [true, START - DAY + 1],
      [true, START - 1],
    ])('%s for a patient’s, of a confirmed one, at %d', async (late, when) => {
      expect(await cancelled(patient.client, await confirmed(), when)).toBe(late);
    });

    test('not when it is pending, nor by another side', async () => {
      expect(await cancelled(patient.client, await made(book(WHEN)), START - HOUR)).toBe(false);
      clock.set(NOW);
      expect(await cancelled(doctor.client, await confirmed(), START - HOUR)).toBe(false);
      clock.set(NOW);
      expect(await cancelled(admin.client, await confirmed(), START - HOUR)).toBe(false);
    });

    test('not when the other side chose the time, nor within 15 minutes of choosing it', async () => {
      expect(await cancelled(patient.client, await made(arrange(WHEN)), START - HOUR)).toBe(false);
      clock.set(START - 2 * HOUR);
      const first = await confirmed();
      expect(await cancelled(patient.client, first, START - 2 * HOUR + 15 * MINUTE)).toBe(false);
      clock.set(START - 2 * HOUR);
      const second = await confirmed();
      expect(await cancelled(patient.client, second, START - 2 * HOUR + 15 * MINUTE + 1)).toBe(true);
    });
  });
});
