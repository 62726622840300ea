import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';
import { Clinic, type Member } from '../support/clinic.js';
import { withQuickPasswords } from '../support/quick-passwords.js';

interface Row {
  id: string;
  starts_at: string;
  date: string;
  status: string;
  doctor: string;
  patient: string;
}

/** Monday, 08:00 in Berlin. */
const NOW = Date.parse('2030-01-07T07:00:00Z');

const clock = new FixedClock(NOW);
let running: TestApp;
let clinic: Clinic;
let admin: Client;
let doctors: Member[];
let patients: Member[];
let all: Row[];

beforeAll(async () => {
  running = await startApp({ clock, wire: withQuickPasswords });
  clinic = new Clinic(running.app);
  admin = (await clinic.admin()).client;
  doctors = [
    await clinic.doctor({ time_zone: 'Europe/Berlin' }),
    await clinic.doctor({ time_zone: 'Europe/Berlin', specialty: 'Dermatology' }),
    await clinic.doctor({ time_zone: 'Pacific/Auckland' }),
  ];
  patients = [await clinic.patient(), await clinic.patient(), await clinic.patient()];
  all = await schedule();
});
afterAll(() => running.close());

/** Many in one patient's day, and pairs that begin at one instant. */
async function schedule(): Promise<Row[]> {
  const rows: Row[] = [];
  const add = async (doctor: number, patient: number, date: string, minutes: number, length: number) => {
    const time = [Math.floor(minutes / 60), minutes % 60]
      .map((part) => String(part).padStart(2, '0'))
      .join(':');
    const people = { doctor: doctors[doctor]!.id, patient: patients[patient]!.id };
    const visit = { ...people, date, time, duration_minutes: length, exemption_reason: 'A full day' };
    rows.push((await admin.post('/api/appointments/', visit)).body as Row);
  };
  for (let minutes = 540; minutes < 540 + 48 * 5; minutes += 5) await add(0, 0, '2030-01-09', minutes, 5);
  for (const minutes of [540, 545, 550, 600]) await add(1, 1, '2030-01-09', minutes, 5);
  await add(1, 1, '2030-01-08', 540, 30);
  await add(0, 1, '2030-01-10', 540, 30);
  // 08:00 in Auckland on the 11th is the 10th in UTC.
  await add(2, 2, '2030-01-11', 480, 30);
  for (const row of rows.slice(0, 3)) await admin.post(`/api/appointments/${row.id}/cancel/`);
  return rows.toSorted((a, b) => compare(a.starts_at, b.starts_at) || compare(a.id, b.id));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

const ids = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);

async function page(client: Client, url: string) {
  return (await client.get(url)).body as { results: Row[]; next_cursor: string | null };
}

async function walk(client: Client, url: string): Promise<{ rows: Row[]; pages: number }> {
  const rows: Row[] = [];
  for (let pages = 1, cursor: string | null = null; ; pages++) {
    const next: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { results, next_cursor } = await page(client, url + next);
    rows.push(...results);
    if (next_cursor === null) return { rows, pages };
    cursor = next_cursor;
  }
}

describe('a list of appointments', () => {
  const list = '/api/appointments/';

  test('is in pages of 50 unless told', async () => {
    const { results, next_cursor } = await page(admin, list);
    expect([results.length, next_cursor]).toEqual([50, expect.any(String)]);
    expect(all.length).toBeGreaterThan(50);
  });

  test.each([1, 2, 7, 54, 55, 56, 100])(
    'in pages of %i is the whole list, each row once and in order',
    async (limit) => {
      const { rows, pages } = await walk(admin, `${list}?limit=${limit}`);
      expect(ids(rows)).toEqual(ids(all));
      expect(pages).toBe(Math.ceil(all.length / limit));
    },
  );

  test.each([1, 7, 100])('in pages of %i backwards is the whole list backwards', async (limit) => {
    const { rows } = await walk(admin, `${list}?order=desc&limit=${limit}`);
    expect(ids(rows)).toEqual(ids(all.toReversed()));
  });

  test('keeps its place when a row before it comes or goes', async () => {
    const first = await page(admin, `${list}?limit=5`);
    const people = { doctor: doctors[1]!.id, patient: patients[2]!.id };
    const visit = { ...people, date: '2030-01-08', time: '10:00' };
    const { body: added } = await admin.post(list, visit);
    const second = await page(admin, `${list}?limit=5&cursor=${first.next_cursor}`);
    expect(ids(second.results)).toEqual(ids(all.slice(5, 10)));
    all.splice(1, 0, added as Row);
  });

  test('is filtered by status, which may repeat', async () => {
    const withStatus = async (query: string) => (await walk(admin, `${list}?limit=100&${query}`)).rows;
    expect(await withStatus('status=cancelled')).toHaveLength(3);
    expect(await withStatus('status=confirmed')).toHaveLength(all.length - 3);
    expect(await withStatus('status=confirmed&status=cancelled')).toHaveLength(all.length);
    expect(await withStatus('status=pending&status=no_show')).toHaveLength(0);
  });

  test('is filtered by dates, both included, as the answer shows them', async () => {
    const dates = async (query: string) =>
      new Set((await walk(admin, `${list}?limit=100&${query}`)).rows.map(({ date }) => date));
    expect(await dates('date_from=2030-01-10')).toEqual(new Set(['2030-01-10', '2030-01-11']));
    expect(await dates('date_from=2030-01-11&date_to=2030-01-11')).toEqual(new Set(['2030-01-11']));
    expect(await dates('date_from=2030-01-10&date_to=2030-01-10')).toEqual(new Set(['2030-01-10']));
    expect(await dates('date_to=2030-01-08')).toEqual(new Set(['2030-01-08']));
    const backwards = await admin.get('/api/appointments/?date_from=2030-01-10&date_to=2030-01-09');
    expect([backwards.status, backwards.body.detail]).toEqual([400, 'date_to must not be before date_from.']);
    const [auckland] = (await page(admin, `${list}?date_from=2030-01-11`)).results;
    expect(auckland!.starts_at).toBe('2030-01-10T19:00:00.000Z');
  });

  test('is filtered by doctor and by patient', async () => {
    const { rows } = await walk(admin, `${list}?limit=3&doctor=${doctors[1]!.id}&patient=${patients[1]!.id}`);
    expect(ids(rows)).toEqual(
      ids(all.filter((row) => row.doctor === doctors[1]!.id && row.patient === patients[1]!.id)),
    );
    expect(rows.length).toBeGreaterThan(3);
    const { results } = await page(patients[1]!.client, `${list}?doctor=${doctors[0]!.id}`);
    expect(results).toHaveLength(1);
  });

  test('knows which need an outcome: confirmed, and the end has passed', async () => {
    const needing = async (flag: boolean) =>
      (await walk(admin, `${list}?limit=100&needs_outcome=${flag}`)).rows;
    expect(await needing(true)).toEqual([]);
    clock.set(Date.parse('2030-01-09T08:25:00Z'));
    const past = await needing(true);
    expect(
      past.every(({ starts_at, status }) => starts_at < '2030-01-09T08:25' && status === 'confirmed'),
    ).toBe(true);
    // The two of the day before, two of the first patient's five (three are cancelled) and three of the second's.
    expect(past).toHaveLength(2 + 2 + 3);
    expect((await needing(false)).length).toBe(all.length - past.length);
    clock.set(NOW);
  });

  test('goes on only with its own cursors', async () => {
    const { next_cursor: own } = await page(admin, `${list}?limit=1`);
    const { next_cursor: backwards } = await page(admin, `${list}?limit=1&order=desc`);
    const { next_cursor: foreign } = await page(admin, '/api/doctors/?limit=1');
    const encoded = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url');
    const garbage = [
      'x',
      'null',
      foreign!,
      `${own}A`,
      `${own}!`,
      own!.slice(0, -2),
      encoded({}),
      encoded([]),
      encoded([1]),
      encoded([1, all[0]!.id]),
      encoded(['1', all[0]!.id, 'asc']),
      encoded([1, 2, 'asc']),
      encoded([null, null, null]),
      encoded([1, all[0]!.id, 0]),
      encoded([1, all[0]!.id, 'asc', 0]),
      backwards!,
      Buffer.from(`[1e999,"${all[0]!.id}","asc"]`).toString('base64url'),
      'a'.repeat(501),
      '%00',
      '%F0%9F',
    ];
    for (const cursor of garbage) {
      const { status, body } = await admin.get(`${list}?cursor=${cursor}`);
      expect([cursor, status, body.errors?.[0].pointer]).toEqual([cursor, 400, 'cursor']);
    }
    const other = await admin.get(`/api/doctors/?cursor=${own}`);
    expect([other.status, other.body.errors[0].pointer]).toEqual([400, 'cursor']);
  });
});

describe('a directory', () => {
  test.each(['/api/doctors/', '/api/patients/'])(
    '%s in small pages is the whole, each row once',
    async (url) => {
      const { rows: whole } = await walk(admin, `${url}?limit=100`);
      expect(whole).toHaveLength(3);
      for (const limit of [1, 2, 3]) {
        expect((await walk(admin, `${url}?limit=${limit}`)).rows).toEqual(whole);
      }
    },
  );

  test('of doctors is filtered by the whole specialty and by a part of the card', async () => {
    const found = async (query: string) =>
      ids((await walk(patients[0]!.client, `/api/doctors/?${query}`)).rows);
    expect(await found('specialty=DERMATOLOGY')).toEqual([doctors[1]!.id]);
    expect(await found('specialty=derma')).toEqual([]);
    expect(await found('q=derma')).toEqual([doctors[1]!.id]);
    expect(await found('q=dora%20h&limit=2')).toHaveLength(3);
    for (const wildcard of ['%25', '_', '!', '%5C', "'", '%22'])
      expect(await found(`q=${wildcard}`)).toEqual([]);
  });

  test('finds letters beyond ASCII in any case', async () => {
    const { client } = await clinic.doctor({ specialty: 'Ökotrophologie' });
    await client.patch('/api/auth/me/', { first_name: 'Özlem', last_name: 'ŞAHİN' });
    const found = async (query: string) => (await walk(admin, `/api/doctors/?${query}`)).rows.length;
    expect(await found(`specialty=${encodeURIComponent('öKOTROPHOLOGIE')}`)).toBe(1);
    expect(await found(`q=${encodeURIComponent('özlem ş')}`)).toBe(1);
  });
});

describe('free slots', () => {
  const slots = (query: string) => patients[2]!.client.get(`/api/doctors/${doctors[1]!.id}/slots/?${query}`);
  const dates = async (query: string) => [
    ...new Set(((await slots(query)).body.results as Row[]).map(({ date }) => date)),
  ];

  test('are those of 14 days from today, in the doctor’s zone, unless told', async () => {
    const [first, ...rest] = await dates('');
    expect([first, rest.at(-1)]).toEqual(['2030-01-07', '2030-01-18']);
    expect((await dates('date_from=2030-01-18')).at(-1)).toBe('2030-01-31');
    const auckland = await patients[2]!.client.get(
      `/api/doctors/${doctors[2]!.id}/slots/?date_to=2030-01-08`,
    );
    expect(auckland.body.results[0]).toMatchObject({
      date: '2030-01-08',
      starts_at: '2030-01-07T20:00:00.000Z',
    });
  });

  test('are asked for at most 62 days, both included, and not backwards', async () => {
    expect((await slots('date_from=2030-01-07&date_to=2030-03-09')).status).toBe(200);
    const first = (query: string) => patients[2]!.client.get(`/api/slots/?specialty=Cardiology&${query}`);
    const today = 'date_from, which is today (2030-01-07) unless told';
    const asked = {
      'date_from=2030-01-07&date_to=2030-03-10': 'must be at most 62 days, both included, from date_from',
      'date_from=2030-01-08&date_to=2030-01-07': 'must not be before date_from',
      'date_to=2030-03-10': `must be at most 62 days, both included, from ${today}`,
      'date_to=2020-01-01': `must not be before ${today}`,
    };
    for (const [query, message] of Object.entries(asked)) {
      for (const { status, body } of [await slots(query), await first(query)])
        expect([status, body.errors]).toEqual([400, [{ pointer: 'date_to', code: 'date', message }]]);
    }
  });

  test('end with the horizon of 90 days, and begin after the notice of an hour', async () => {
    expect((await dates('date_from=2030-04-01&date_to=2030-05-01')).at(-1)).toBe('2030-04-05');
    clock.set(Date.parse('2030-01-07T08:01:00Z'));
    const { body } = await slots('date_to=2030-01-07');
    expect(body.results[0].time).toBe('10:30');
    clock.set(NOW);
  });
});
