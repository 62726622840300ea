import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { Clinic, SLOT_POLICY, type Member, type Person } from '../support/clinic.js';
import { Crowd } from '../support/crowd.js';
import { onEachDatabase } from '../support/databases.js';
import { withQuickPasswords } from '../support/quick-passwords.js';

interface Slot {
  date: string;
  time: string;
  doctor?: string;
}

/** Monday, 08:00 in Berlin. */
const NOW = Date.parse('2030-01-07T07:00:00Z');
const TUESDAY = '2030-01-08';
/** The clocks go from 02:00 to 03:00. */
const SPRING = '2030-03-31';
const TRAINING = {
  date_from: TUESDAY,
  date_to: TUESDAY,
  time_from: '10:00',
  time_to: '12:00',
  reason: 'Surgery',
};

onEachDatabase('Availability', (database) => {
  const clock = new FixedClock(NOW);
  let running: TestApp;
  let clinic: Clinic;
  let crowd: Crowd;
  let admin: Person;
  /** New for each test, with the default rules. */
  let doctor: Member;
  let patient: Member;
  let rules: string;

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
    rules = `/api/doctors/${doctor.id}`;
  });

  const setPolicy = (change: object, by: Client = doctor.client) =>
    by.put(`${rules}/slot-policy/`, { ...SLOT_POLICY, ...change });
  const addAbsence = (absence: object, by: Client = doctor.client) => by.post(`${rules}/absences/`, absence);
  const setHours = (date: string, hours: object[], query = '') =>
    doctor.client.put(`${rules}/overrides/${date}/${query}`, { hours });
  const book = (date: string, time: string, by = patient) =>
    by.client.post('/api/appointments/', { doctor: doctor.id, date, time });
  const explain = (date: string, time: string, by: Client = patient.client, more = '') =>
    by.get(`${rules}/slots/explain/?date=${date}&time=${time}${more}`);

  async function timesOn(date: string, more = ''): Promise<string[]> {
    const url = `${rules}/slots/?date_from=${date}&date_to=${date}${more}`;
    return ((await patient.client.get(url)).body.results as Slot[]).map(({ time }) => time);
  }

  async function made(answer: Promise<Answer>): Promise<string> {
    const { status, body } = await answer;
    expect([status, body.code]).toEqual([201, undefined]);
    return body.id as string;
  }

  async function refusal(answer: Promise<Answer>): Promise<[number, string]> {
    const { status, body } = await answer;
    return [status, body.code as string];
  }

  const codesOf = ({ body }: Answer) => (body.refusals as { code: string }[]).map(({ code }) => code);
  const conflictsOf = ({ body }: Answer) =>
    (body.conflicts as { appointment: string; reasons: string[] }[]).map(({ appointment, reasons }) => [
      appointment,
      reasons,
    ]);
  const conflicts = async (query = '') => (await doctor.client.get(`${rules}/conflicts/${query}`)).body;

  describe('a slot policy', () => {
    test('that nobody has set is the default one, at version 0', async () => {
      const { status, headers, body } = await doctor.client.get(`${rules}/slot-policy/`);
      expect([status, headers['etag']]).toEqual([200, '"0"']);
      expect(body).toEqual({ ...SLOT_POLICY, time_zone: 'Europe/Berlin', version: 0 });
    });

    test('is replaced at the version that was seen, and read back as it was written', async () => {
      const url = `${rules}/slot-policy/`;
      const wanted = { ...SLOT_POLICY, grid_minutes: 15, notice_minutes: 0 };
      const set = await doctor.client.put(url, wanted, { 'if-match': '"0"' });
      expect([set.status, set.headers['etag'], set.body.version]).toEqual([200, '"1"', 1]);
      expect(set.body).toMatchObject({ ...wanted, conflicts: [] });
      const { conflicts: _, ...kept } = set.body as Record<string, unknown>;
      const read = await admin.client.get(url);
      expect([read.headers['etag'], read.body]).toEqual(['"1"', kept]);

      const stale = await doctor.client.put(url, SLOT_POLICY, { 'if-match': '"0"' });
      expect([stale.status, stale.body.code]).toEqual([412, 'stale-version']);
      expect((await doctor.client.get(url)).body).toEqual(kept);
      const weak = await doctor.client.put(url, SLOT_POLICY, { 'if-match': 'W/"1"' });
      expect(weak.status).toBe(412);
    });

    test('that was read is set as it is, and at no other version or zone than were read', async () => {
      const url = `${rules}/slot-policy/`;
      const read = async () => (await doctor.client.get(url)).body as Record<string, unknown>;
      const first = await read();
      const set = await doctor.client.put(url, { ...first, notice_minutes: 0 });
      expect([set.status, set.body.version]).toEqual([200, 1]);
      const second = await read();
      expect(second).toEqual({ ...first, notice_minutes: 0, version: 1 });

      const stale = await doctor.client.put(url, first);
      expect([stale.status, stale.body.code]).toEqual([412, 'stale-version']);
      const tried = await doctor.client.put(`${url}?dry_run=true`, first);
      expect(tried.status).toBe(412);
      const either = await doctor.client.put(url, second, { 'if-match': '"0"' });
      expect(either.status).toBe(412);
      const moved = await doctor.client.put(url, { ...second, time_zone: 'America/New_York' });
      expect([moved.status, moved.body.errors]).toEqual([
        400,
        [
          {
            pointer: '/time_zone',
            code: 'read-only',
            message: 'is Europe/Berlin, and is changed on the profile',
          },
        ],
      ]);
      for (const change of [{ version: '1' }, { version: null }, { time_zone: '+01:00' }]) {
        const { status, body } = await doctor.client.put(url, { ...second, ...change });
        expect([status, body.errors[0].pointer]).toEqual([400, `/${Object.keys(change)[0]}`]);
      }
      const same = await doctor.client.put(url, second);
      expect([same.status, same.body.version]).toEqual([200, 1]);
      expect(await read()).toEqual(second);
      // The hours that were read meant other clocks.
      await doctor.client.patch('/api/doctor-profile/', { time_zone: 'America/New_York' });
      expect((await doctor.client.put(url, second)).status).toBe(400);
    });

    test('makes the slots: a lunch break, a grid, lengths of visits and a buffer; the types are told to who may book them', async () => {
      await setPolicy({
        visit_types: [
          { name: 'consultation', duration_minutes: 45, bookable_by: 'everyone' },
          { name: 'follow-up', duration_minutes: 15, bookable_by: 'everyone' },
          { name: 'known', duration_minutes: 15, bookable_by: 'seen' },
        ],
        weekly_hours: [
          { weekday: 'tuesday', from: '13:00', to: '14:00' },
          { weekday: 'tuesday', from: '09:00', to: '11:00' },
        ],
        grid_minutes: 30,
        buffer_after_minutes: 10,
      });
      expect(await timesOn(TUESDAY)).toEqual(['09:00', '09:30', '10:00', '13:00']);
      expect(await timesOn(TUESDAY, '&visit_type=follow-up')).toEqual([
        '09:00',
        '09:30',
        '10:00',
        '10:30',
        '13:00',
        '13:30',
      ]);
      // A type that is hidden is told like one that is not there.
      for (const name of ['known', 'surgery']) {
        const { status, body } = await patient.client.get(`${rules}/slots/?visit_type=${name}`);
        const detail =
          'The doctor offers no visit type of this name, or not to you. You may book: consultation, follow-up.';
        expect([status, body.code, body.detail]).toEqual([422, 'unknown-visit-type', detail]);
        const sent = { doctor: doctor.id, date: TUESDAY, time: '09:00', visit_type: name };
        expect((await patient.client.post('/api/appointments/', sent)).body.detail).toBe(detail);
        const explained = await explain(TUESDAY, '09:00', patient.client, `&visit_type=${name}`);
        expect(explained.body.refusals[0].detail).toBe(detail);
      }
      const offered = async (to: Client) =>
        (await to.get(`${rules}/slots/?date_from=${TUESDAY}&date_to=${TUESDAY}`)).body.visit_types;
      const forPatients = [
        { name: 'consultation', duration_minutes: 45 },
        { name: 'follow-up', duration_minutes: 15 },
      ];
      expect(await offered(patient.client)).toEqual(forPatients);
      expect(await offered(doctor.client)).toEqual([...forPatients, { name: 'known', duration_minutes: 15 }]);
      await made(book(TUESDAY, '09:00'));
      // It ends at 09:45, and the buffer reaches to 09:55.
      expect(await timesOn(TUESDAY, '&visit_type=follow-up')).toEqual(['10:00', '10:30', '13:00', '13:30']);
      expect(await timesOn('2030-01-09')).toEqual([]);
    });

    test('with automatic confirmation lets a booking be confirmed at once', async () => {
      await setPolicy({ confirmation: 'automatic' });
      const { body } = await book(TUESDAY, '09:00');
      expect([body.status, body.awaits]).toEqual(['confirmed', null]);
    });

    test('with a daily maximum refuses the next patient of that day: day-full', async () => {
      await setPolicy({ daily_maximum: 1 });
      const id = await made(book(TUESDAY, '09:00'));
      const other = await clinic.patient();
      const refused = await book(TUESDAY, '15:00', other);
      expect([refused.status, refused.body.code]).toEqual([409, 'day-full']);
      expect((refused.body.alternatives as Slot[]).map(({ date }) => date)).not.toContain(TUESDAY);
      expect(await timesOn(TUESDAY)).toEqual([]);
      expect(codesOf(await explain(TUESDAY, '15:00', other.client))).toEqual(['day-full']);
      // The doctor may see one more.
      await made(
        doctor.client.post('/api/appointments/', { patient: other.id, date: TUESDAY, time: '15:00' }),
      );
      await patient.client.post(`/api/appointments/${id}/cancel/`);
    });

    test('that would leave appointments outside tells them, and cancels none', async () => {
      const id = await made(book(TUESDAY, '16:00'));
      const shorter = { weekly_hours: [{ weekday: 'tuesday', from: '09:00', to: '12:00' }] };
      const tried = await doctor.client.put(`${rules}/slot-policy/?dry_run=true`, {
        ...SLOT_POLICY,
        ...shorter,
      });
      expect([tried.status, tried.headers['etag'], conflictsOf(tried)]).toEqual([
        200,
        '"0"',
        [[id, ['outside-hours']]],
      ]);
      expect((await conflicts()).results).toEqual([]);

      const set = await setPolicy(shorter);
      expect(conflictsOf(set)).toEqual([[id, ['outside-hours']]]);
      expect((await conflicts()).results).toEqual(set.body.conflicts);
      expect((await patient.client.get(`/api/appointments/${id}/`)).body.status).toBe('pending');
      expect(set.body.conflicts[0]).toMatchObject({
        patient: patient.id,
        patient_name: 'Ada Newman',
        date: TUESDAY,
        time: '16:00',
        time_zone: 'Europe/Berlin',
      });
      await doctor.client.post(`/api/appointments/${id}/cancel/`);
      expect((await conflicts()).results).toEqual([]);
    });

    const type = (name: string, minutes = 30) => ({
      name,
      duration_minutes: minutes,
      bookable_by: 'everyone',
    });
    const monday = (from: string, to: string) => ({ weekday: 'monday', from, to });
    test.each<[string, object, string[]]>([
      [
        'hours that overlap',
        { weekly_hours: [monday('09:00', '12:00'), monday('11:55', '13:00')] },
        ['/weekly_hours/1/from'],
      ],
      [
        'hours twice',
        { weekly_hours: [monday('09:00', '12:00'), monday('09:00', '12:00')] },
        ['/weekly_hours/1/from'],
      ],
      ['hours that end after 24:00', { weekly_hours: [monday('22:00', '24:05')] }, ['/weekly_hours/0/to']],
      ['hours that cross midnight', { weekly_hours: [monday('22:00', '02:00')] }, ['/weekly_hours/0/to']],
      ['hours of no length', { weekly_hours: [monday('09:00', '09:00')] }, ['/weekly_hours/0/to']],
      [
        'hours off the 5 minutes',
        { weekly_hours: [monday('09:01', '12:02')] },
        ['/weekly_hours/0/from', '/weekly_hours/0/to'],
      ],
      [
        'a day that is none',
        { weekly_hours: [{ ...monday('09:00', '10:00'), weekday: 'Monday' }] },
        ['/weekly_hours/0/weekday'],
      ],
      [
        'an unknown field of hours',
        { weekly_hours: [{ ...monday('09:00', '10:00'), break: true }] },
        ['/weekly_hours/0/break'],
      ],
      ['no visit type', { visit_types: [] }, ['/visit_types']],
      [
        'too many visit types',
        { visit_types: Array.from({ length: 21 }, (_, i) => type(`t${i}`)) },
        ['/visit_types'],
      ],
      [
        'two visit types of one name',
        { visit_types: [type('a'), type('b'), type(' a ', 15)] },
        ['/visit_types/2/name'],
      ],
      [
        'two visit types of one name in different letters',
        { visit_types: [type('c'), type('b'), type('C')] },
        ['/visit_types/2/name'],
      ],
      [
        'two visit types of one name in letters that have two small forms',
        { visit_types: [type('stra\u00dfe'), type('STRASSE')] },
        ['/visit_types/1/name'],
      ],
      [
        'two visit types of one name in letters beyond ASCII',
        { visit_types: [type('\u00c9cho'), type('e\u0301CHO')] },
        ['/visit_types/1/name'],
      ],
      ['a visit type without a name', { visit_types: [type('')] }, ['/visit_types/0/name']],
      ['a visit of 7 minutes', { visit_types: [type('a', 7)] }, ['/visit_types/0/duration_minutes']],
      [
        'a visit of more than 8 hours',
        { visit_types: [type('a', 485)] },
        ['/visit_types/0/duration_minutes'],
      ],
      [
        'a visit type for nobody',
        { visit_types: [{ ...type('a'), bookable_by: 'nobody' }] },
        ['/visit_types/0/bookable_by'],
      ],
      ['a grid of 7 minutes', { grid_minutes: 7 }, ['/grid_minutes']],
      ['a grid of none', { grid_minutes: 0 }, ['/grid_minutes']],
      ['a notice below 0', { notice_minutes: -1 }, ['/notice_minutes']],
      ['a horizon of more than two years', { horizon_days: 731 }, ['/horizon_days']],
      ['a buffer of more than 8 hours', { buffer_after_minutes: 481 }, ['/buffer_after_minutes']],
      ['a daily maximum of 0', { daily_maximum: 0 }, ['/daily_maximum']],
      ['a patient limit of 0', { patient_limit: 0 }, ['/patient_limit']],
      ['no patient limit', { patient_limit: null }, ['/patient_limit']],
      ['an unknown confirmation', { confirmation: 'maybe' }, ['/confirmation']],
      ['no time to confirm', { confirm_within_minutes: 0 }, ['/confirm_within_minutes']],
      ['a zone, which stands on the profile', { time_zone: 'UTC' }, ['/time_zone']],
      ['a field left out', { confirmation: undefined }, ['/confirmation']],
    ])('with %s is refused', async (_, change, pointers) => {
      const { status, body } = await setPolicy(change);
      expect([status, body.code]).toEqual([400, 'invalid-request']);
      expect((body.errors as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual(pointers);
      expect((await doctor.client.get(`${rules}/slot-policy/`)).body.version).toBe(0);
    });

    test('may be open around the clock, and on no day', async () => {
      const all = await setPolicy({ weekly_hours: [monday('00:00', '24:00')] });
      expect([all.status, all.body.weekly_hours]).toEqual([200, [monday('00:00', '24:00')]]);
      const none = await setPolicy({ weekly_hours: [] });
      expect([none.status, none.body.weekly_hours]).toEqual([200, []]);
      expect((await patient.client.get(`${rules}/slots/`)).body.results).toEqual([]);
    });
  });

  describe('an absence', () => {
    test('takes its time, tells what is booked then, and gives it back', async () => {
      const id = await made(book(TUESDAY, '11:30'));
      const tried = await doctor.client.post(`${rules}/absences/?dry_run=true`, TRAINING);
      expect([tried.status, conflictsOf(tried)]).toEqual([200, [[id, ['doctor-absent']]]]);
      expect((await doctor.client.get(`${rules}/absences/`)).body.results).toEqual([]);

      const added = await addAbsence(TRAINING);
      expect([added.status, conflictsOf(added)]).toEqual([201, [[id, ['doctor-absent']]]]);
      expect(added.body).toMatchObject({
        ...TRAINING,
        time_zone: 'Europe/Berlin',
        starts_at: '2030-01-08T09:00:00.000Z',
        ends_at: '2030-01-08T11:00:00.000Z',
      });
      const { conflicts: _, ...kept } = added.body as { id: string; conflicts: unknown };
      expect((await admin.client.get(`${rules}/absences/`)).body).toEqual({
        results: [kept],
        next_cursor: null,
      });
      expect(await timesOn(TUESDAY)).not.toContain('10:00');
      expect((await patient.client.get(`/api/appointments/${id}/`)).body.status).toBe('pending');

      const url = `${rules}/absences/${kept.id}/`;
      const dry = await doctor.client.delete(`${url}?dry_run=true`);
      expect([dry.status, conflictsOf(dry)]).toEqual([200, []]);
      expect((await conflicts()).results).toHaveLength(1);
      const removed = await doctor.client.delete(url);
      expect([removed.status, removed.body]).toEqual([200, { ...kept, conflicts: [] }]);
      expect((await conflicts()).results).toEqual([]);
      expect((await doctor.client.delete(url)).status).toBe(404);
      expect(await timesOn(TUESDAY)).toContain('10:00');
    });

    test('refuses patients, the doctor and an admin alike: doctor-absent', async () => {
      await addAbsence(TRAINING);
      const refused = await book(TUESDAY, '10:30');
      expect([refused.status, refused.body.code]).toEqual([409, 'doctor-absent']);
      expect((refused.body.alternatives as Slot[]).map(({ time }) => time)).toEqual([
        '09:30',
        '09:00',
        '12:00',
      ]);
      const visit = { patient: patient.id, date: TUESDAY, time: '10:30' };
      expect(await refusal(doctor.client.post('/api/appointments/', visit))).toEqual([409, 'doctor-absent']);
      const arranged = { ...visit, doctor: doctor.id, exemption_reason: 'Urgent' };
      expect(await refusal(admin.client.post('/api/appointments/', arranged))).toEqual([
        409,
        'doctor-absent',
      ]);
    });

    test('has a reason that no patient learns', async () => {
      await addAbsence(TRAINING);
      const seen = [
        await book(TUESDAY, '10:30'),
        await explain(TUESDAY, '10:30'),
        await patient.client.get(`${rules}/slots/`),
        await patient.client.get('/api/slots/?specialty=Cardiology'),
        await patient.client.get(`${rules}/`),
        await patient.client.get(`${rules}/absences/`),
      ];
      expect(JSON.stringify(seen)).not.toContain('Surgery');
    });

    test('of whole days includes the last', async () => {
      const days = { date_from: TUESDAY, date_to: '2030-01-09' };
      const { status, body } = await addAbsence({ ...days, time_from: null, time_to: null });
      expect([status, body.time_from, body.time_to, body.reason]).toEqual([201, null, null, null]);
      expect([body.starts_at, body.ends_at]).toEqual([
        '2030-01-07T23:00:00.000Z',
        '2030-01-09T23:00:00.000Z',
      ]);
      expect(await timesOn('2030-01-09')).toEqual([]);
      expect(await timesOn('2030-01-10')).toHaveLength(16);
    });

    test.each<[string, object, string, string?]>([
      [
        'ends before it starts',
        { date_from: TUESDAY, date_to: '2030-01-07' },
        '/date_to',
        'must not be before date_from',
      ],
      ['ends at its start', { ...TRAINING, time_to: '10:00' }, '/time_to', 'must be after time_from'],
      [
        'ends before its start on the same date',
        { ...TRAINING, time_to: '09:00' },
        '/time_to',
        'must be after time_from',
      ],
      [
        'ends the date before',
        { ...TRAINING, date_to: '2030-01-07' },
        '/date_to',
        'must not be before date_from',
      ],
      ['is over', { date_from: '2030-01-04', date_to: '2030-01-04' }, '/date_to'],
      ['has no end of its hours', { ...TRAINING, time_to: undefined }, '/time_to'],
      ['has no start of its hours', { ...TRAINING, time_from: null }, '/time_from'],
      [
        'is longer than a year',
        { date_from: TUESDAY, date_to: '2031-01-09' },
        '/date_to',
        'must be at most 366 days, both included, from date_from',
      ],
      ['has no last date', { date_from: TUESDAY }, '/date_to'],
      ['is on no date', { date_from: '2030-02-30', date_to: '2030-03-01' }, '/date_from'],
      ['has a reason too long', { ...TRAINING, reason: 'a'.repeat(501) }, '/reason'],
    ])('that %s is refused', async (_, absence, pointer, message) => {
      const { status, body } = await addAbsence(absence);
      expect([status, body.code, body.errors[0].pointer]).toEqual([400, 'invalid-request', pointer]);
      if (message !== undefined) expect(body.errors[0].message).toBe(message);
      expect((await doctor.client.get(`${rules}/absences/`)).body.results).toEqual([]);
    });

    test.each([
      ['begin', { time_from: '02:30', time_to: '08:00' }, ['/time_from']],
      ['end', { time_from: '01:00', time_to: '02:30' }, ['/time_to']],
      ['begin and end', { time_from: '02:00', time_to: '02:59' }, ['/time_from', '/time_to']],
    ])('cannot %s at a time that the clocks skip', async (_, times, pointers) => {
      const { status, body } = await addAbsence({ date_from: SPRING, date_to: SPRING, ...times });
      expect([status, body.code]).toEqual([422, 'no-such-time']);
      const skipped = { code: 'no-such-time', message: 'is skipped by the clocks of Europe/Berlin' };
      expect(body.errors).toEqual(pointers.map((pointer) => ({ pointer, ...skipped })));
    });

    test('ends with its last date at 24:00, as hours do', async () => {
      const { status, body } = await addAbsence({ ...TRAINING, time_to: '24:00' });
      expect([status, body.ends_at]).toEqual([201, '2030-01-08T23:00:00.000Z']);
      expect([body.date_to, body.time_to]).toEqual(['2030-01-09', '00:00']);
      const early = await addAbsence({ ...TRAINING, time_from: '24:00', date_to: '2030-01-09' });
      expect([early.status, early.body.errors[0].pointer]).toEqual([400, '/time_from']);
    });

    test('has no id before it is kept', async () => {
      const tried = await doctor.client.post(`${rules}/absences/?dry_run=true`, TRAINING);
      const { body: kept } = await addAbsence(TRAINING);
      expect(tried.body).toEqual({ ...kept, id: null });
      const url = `${rules}/absences/${kept.id}/`;
      expect((await doctor.client.delete(`${url}?dry_run=true`)).body.id).toBe(kept.id);
    });

    test('is listed by its start, page by page, and those of others are not', async () => {
      const other = await clinic.doctor();
      await other.client.post(`/api/doctors/${other.id}/absences/`, TRAINING);
      const dates = ['2030-01-10', '2030-01-08', '2030-01-09'];
      for (const date of dates) await addAbsence({ date_from: date, date_to: date });
      const first = (await doctor.client.get(`${rules}/absences/?limit=2`)).body;
      const second = (await doctor.client.get(`${rules}/absences/?limit=2&cursor=${first.next_cursor}`)).body;
      const all = [...first.results, ...second.results] as { date_from: string }[];
      expect(all.map(({ date_from }) => date_from)).toEqual(dates.toSorted());
      expect(second.next_cursor).toBeNull();
    });
  });

  describe('an override', () => {
    test('that was read is set as it is, and at no other date', async () => {
      await setHours(TUESDAY, [{ from: '10:00', to: '12:00' }]);
      const url = `${rules}/overrides/${TUESDAY}/`;
      const { body: read } = await doctor.client.get(url);
      const set = await doctor.client.put(url, read);
      expect([set.status, set.body]).toEqual([200, { ...read, conflicts: [] }]);
      const other = await doctor.client.put(`${rules}/overrides/2030-01-09/`, read);
      expect([other.status, other.body.errors]).toEqual([
        400,
        [{ pointer: '/date', code: 'read-only', message: 'is 2030-01-09, as in the address' }],
      ]);
    });

    test('gives a date other hours, closes it, and lets the weekly ones hold again', async () => {
      const url = `${rules}/overrides/${TUESDAY}/`;
      expect((await doctor.client.get(url)).status).toBe(404);
      const id = await made(book(TUESDAY, '11:00'));

      const short = await setHours(TUESDAY, [
        { from: '18:00', to: '19:00' },
        { from: '10:00', to: '12:00' },
      ]);
      expect([short.status, short.body]).toEqual([
        200,
        {
          date: TUESDAY,
          hours: [
            { from: '10:00', to: '12:00' },
            { from: '18:00', to: '19:00' },
          ],
          conflicts: [],
        },
      ]);
      expect(await timesOn(TUESDAY)).toEqual(['10:00', '10:30', '11:30', '18:00', '18:30']);

      const tried = await setHours(TUESDAY, [], '?dry_run=true');
      expect(conflictsOf(tried)).toEqual([[id, ['outside-hours']]]);
      expect((await doctor.client.get(url)).body.hours).toHaveLength(2);
      const closed = await setHours(TUESDAY, []);
      expect([closed.status, conflictsOf(closed)]).toEqual([200, [[id, ['outside-hours']]]]);
      expect(await timesOn(TUESDAY)).toEqual([]);
      expect(await refusal(book(TUESDAY, '10:00'))).toEqual([422, 'outside-hours']);
      expect((await doctor.client.get(`${rules}/overrides/`)).body.results).toEqual([
        { date: TUESDAY, hours: [] },
      ]);

      const removed = await doctor.client.delete(url);
      expect([removed.status, removed.body]).toEqual([200, { date: TUESDAY, hours: [], conflicts: [] }]);
      expect((await doctor.client.delete(url)).status).toBe(404);
      expect(await timesOn(TUESDAY)).toHaveLength(15);
    });

    test('stands when the weekly hours change, also one that was equal to them', async () => {
      await setHours('2030-01-12', [{ from: '10:00', to: '11:00' }]);
      await setHours(TUESDAY, [{ from: '09:00', to: '17:00' }]);
      await setPolicy({ weekly_hours: [] });
      expect(await timesOn('2030-01-12')).toEqual(['10:00', '10:30']);
      expect(await timesOn(TUESDAY)).toHaveLength(16);
    });

    test('of a date that has passed, or with hours that are none, is refused', async () => {
      const pointerOf = async (answer: Promise<Answer>) => {
        const { status, body } = await answer;
        return [status, body.errors[0].pointer];
      };
      expect(await pointerOf(setHours('2030-01-06', []))).toEqual([400, 'date']);
      const hours = (from: string, to: string) =>
        setHours(TUESDAY, [
          { from: '09:00', to: '10:00' },
          { from, to },
        ]);
      expect(await pointerOf(hours('09:30', '11:00'))).toEqual([400, '/hours/1/from']);
      expect(await pointerOf(hours('11:00', '10:00'))).toEqual([400, '/hours/1/to']);
      expect(await pointerOf(hours('23:00', '24:01'))).toEqual([400, '/hours/1/to']);
      const eleven = Array.from({ length: 11 }, (_, i) => ({ from: `${i + 10}:00`, to: `${i + 10}:30` }));
      expect(await pointerOf(setHours(TUESDAY, eleven))).toEqual([400, '/hours']);
      expect((await doctor.client.get(`${rules}/overrides/`)).body.results).toEqual([]);
    });
  });

  describe('conflicts', () => {
    test('are paged in the order of time, each with all its reasons', async () => {
      const ids = [];
      for (const time of ['09:00', '10:00', '11:00']) ids.push(await made(book(TUESDAY, time)));
      await setHours(TUESDAY, []);
      await addAbsence({ ...TRAINING, time_from: '11:00' });
      const first = await conflicts('?limit=2');
      const second = await conflicts(`?limit=2&cursor=${first.next_cursor}`);
      const all = [...first.results, ...second.results] as { appointment: string; reasons: string[] }[];
      expect(all.map(({ appointment, reasons }) => [appointment, reasons])).toEqual([
        [ids[0], ['outside-hours']],
        [ids[1], ['outside-hours']],
        [ids[2], ['outside-hours', 'doctor-absent']],
      ]);
      expect(second.next_cursor).toBeNull();
    });

    test('are none of what was put outside the hours on purpose, until the doctor is absent', async () => {
      const visit = { patient: patient.id, date: TUESDAY, time: '19:00' };
      const id = await made(doctor.client.post('/api/appointments/', visit));
      expect((await conflicts()).results).toEqual([]);
      const added = await addAbsence({ date_from: TUESDAY, date_to: TUESDAY });
      expect(conflictsOf(added)).toEqual([[id, ['doctor-absent']]]);
    });

    test('are all of a date that is closed wholly, what was put outside the hours on purpose too', async () => {
      const visit = { patient: patient.id, date: TUESDAY, time: '19:00' };
      const id = await made(doctor.client.post('/api/appointments/', visit));
      expect(conflictsOf(await setHours(TUESDAY, [{ from: '10:00', to: '12:00' }]))).toEqual([]);
      expect(conflictsOf(await setHours(TUESDAY, [], '?dry_run=true'))).toEqual([[id, ['outside-hours']]]);
      expect(conflictsOf(await setHours(TUESDAY, []))).toEqual([[id, ['outside-hours']]]);
      expect((await conflicts()).results).toMatchObject([{ appointment: id, reasons: ['outside-hours'] }]);
    });

    test('come of a new time zone too, which moves no appointment', async () => {
      const id = await made(book(TUESDAY, '09:00'));
      const before = (await patient.client.get(`/api/appointments/${id}/`)).body as object;
      const move = (query = '') =>
        doctor.client.patch(`/api/doctor-profile/${query}`, { time_zone: 'America/New_York' });
      const tried = await move('?dry_run=true');
      expect([tried.status, tried.body.time_zone, conflictsOf(tried)]).toEqual([
        200,
        'America/New_York',
        [[id, ['outside-hours']]],
      ]);
      expect((await doctor.client.get('/api/doctor-profile/')).body.time_zone).toBe('Europe/Berlin');
      expect(conflictsOf(await move())).toEqual([[id, ['outside-hours']]]);
      expect((await conflicts()).results).toMatchObject([
        { appointment: id, time: '09:00', time_zone: 'Europe/Berlin' },
      ]);
      expect((await patient.client.get(`/api/appointments/${id}/`)).body).toEqual(before);
      expect((await doctor.client.get(`${rules}/slot-policy/`)).body.time_zone).toBe('America/New_York');
    });
  });

  test('rules are not there for other doctors, and not for patients', async () => {
    const other = await clinic.doctor();
    for (const path of ['slot-policy', 'absences', 'overrides', `overrides/${TUESDAY}`, 'conflicts']) {
      expect(await refusal(other.client.get(`${rules}/${path}/`))).toEqual([404, 'not-found']);
      expect(await refusal(patient.client.get(`${rules}/${path}/`))).toEqual([403, 'forbidden']);
    }
    expect((await setPolicy({}, other.client)).status).toBe(404);
    expect((await addAbsence(TRAINING, other.client)).status).toBe(404);
    expect((await setPolicy({ notice_minutes: 0 }, admin.client)).status).toBe(200);
    const absence = await made(addAbsence(TRAINING, admin.client));
    // By way of their own address neither.
    expect((await other.client.delete(`/api/doctors/${other.id}/absences/${absence}/`)).status).toBe(404);
  });

  describe('a time is explained', () => {
    test('with every rule that refuses it, in order, in codes and words', async () => {
      const answer = await explain('2030-01-05', '03:02');
      expect(codesOf(answer)).toEqual(['in-the-past', 'too-soon', 'outside-hours', 'off-grid']);
      expect(answer.body).toMatchObject({
        date: '2030-01-05',
        time: '03:02',
        time_zone: 'Europe/Berlin',
        visit_type: 'consultation',
        starts_at: '2030-01-05T02:02:00.000Z',
      });
      for (const { title, detail } of answer.body.refusals as Record<string, string>[]) {
        expect(title).toMatch(/^[A-Z]/);
        expect(detail).toMatch(/\.$/);
      }
      expect(await refusal(book('2030-01-05', '03:02'))).toEqual([422, 'in-the-past']);
      expect(codesOf(await explain(TUESDAY, '09:00'))).toEqual([]);
    });

    test('without a place in time where the clocks skip it, or the visit type is unknown', async () => {
      const skipped = await explain('2030-03-31', '02:30');
      expect([codesOf(skipped), skipped.body.starts_at]).toEqual([['no-such-time'], null]);
      const unknown = await explain(TUESDAY, '09:00', patient.client, '&visit_type=surgery');
      expect([codesOf(unknown), unknown.body.visit_type, unknown.body.ends_at]).toEqual([
        ['unknown-visit-type'],
        null,
        null,
      ]);
    });

    test('to the doctor and admins with what takes it; to others only where it would be offered', async () => {
      const visit = { patient: patient.id, date: TUESDAY, time: '19:00' };
      await made(doctor.client.post('/api/appointments/', visit));
      const other = await clinic.patient();
      const stranger = await clinic.doctor();
      for (const by of [doctor.client, admin.client])
        expect(codesOf(await explain(TUESDAY, '19:00', by))).toEqual(['outside-hours', 'slot-taken']);
      for (const by of [other.client, stranger.client])
        expect(codesOf(await explain(TUESDAY, '19:00', by))).toEqual(['outside-hours']);
      expect(codesOf(await explain(TUESDAY, '19:00'))).toEqual(['outside-hours', 'patient-busy']);
      await made(book(TUESDAY, '09:00'));
      expect(codesOf(await explain(TUESDAY, '09:00', other.client))).toEqual(['slot-taken']);
      expect(codesOf(await explain(TUESDAY, '09:00'))).toEqual(['slot-taken', 'patient-busy']);
    });
  });

  test('the first free times of a specialty are those of all its doctors, nearest first', async () => {
    const specialty = `Rheumatology ${doctor.id}`;
    const inBerlin = await clinic.doctor({ specialty, time_zone: 'Europe/Berlin' });
    const inLondon = await clinic.doctor({ specialty, time_zone: 'Europe/London' });
    await inBerlin.client.put(`/api/doctors/${inBerlin.id}/slot-policy/`, {
      ...SLOT_POLICY,
      grid_minutes: 60,
    });
    const first = async (by: Client, more: string) => {
      const url = `/api/slots/?specialty=${encodeURIComponent(specialty.toUpperCase())}${more}`;
      return ((await by.get(url)).body.results as Slot[]).map(({ doctor, time }) => [doctor, time]);
    };
    expect(await first(patient.client, '&date_from=2030-01-08&limit=5')).toEqual([
      [inBerlin.id, '09:00'],
      [inBerlin.id, '10:00'],
      [inLondon.id, '09:00'],
      [inLondon.id, '09:30'],
      [inBerlin.id, '11:00'],
    ]);
    await made(
      patient.client.post('/api/appointments/', { doctor: inBerlin.id, date: TUESDAY, time: '10:00' }),
    );
    expect(await first(patient.client, '&date_from=2030-01-08&limit=2')).toEqual([
      [inBerlin.id, '09:00'],
      [inLondon.id, '09:30'],
    ]);
    expect(await first(patient.client, '&date_from=2030-01-12&date_to=2030-01-13')).toEqual([]);
    expect((await patient.client.get('/api/slots/?specialty=Witchcraft')).body).toEqual({ results: [] });
    expect((await patient.client.get('/api/slots/')).body.errors[0].pointer).toBe('specialty');
  });
});
