import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { onEachDatabase } from '../support/databases.js';

const LENA = '01900000-0000-7000-8000-0000000000c1';
const AMINA = '01900000-0000-7000-8000-0000000000c3';

onEachDatabase('Series', (database) => {
  let running: TestApp;
  let lena: Client;
  let clara: Client;
  let james: Client;
  /** Some Monday ahead, on which and after which Clara has no visits. */
  const monday = new Date();
  monday.setUTCDate(monday.getUTCDate() + 28 + ((8 - monday.getUTCDay()) % 7));
  const dateAfter = (weeks: number): string =>
    new Date(monday.getTime() + weeks * 7 * 86_400_000).toISOString().slice(0, 10);

  beforeAll(async () => {
    running = await startApp({ database, data: 'demo' });
    const anyone = new Client(running.app);
    lena = await anyone.as('lena.fischer');
    [clara, james] = [await anyone.as('clara.sommer'), await anyone.as('james.whitfield')];
  });
  afterAll(() => running.close());

  const weekly = (time: string, more: object = {}) => ({
    patient: LENA,
    date: dateAfter(0),
    time,
    every_weeks: 1,
    count: 3,
    ...more,
  });

  test('is previewed, scheduled, read and cancelled from a date on', async () => {
    const taken = { patient: AMINA, date: dateAfter(1), time: '09:00' };
    expect((await clara.post('/api/appointments/', taken)).status).toBe(201);

    const preview = await clara.post('/api/series/preview/', weekly('09:00'));
    const { results, time_zone } = preview.body;
    expect([preview.status, time_zone]).toEqual([200, 'Europe/Berlin']);
    expect(results.map((one: { date: string }) => one.date)).toEqual([0, 1, 2].map(dateAfter));
    expect(results[0]).toMatchObject({ time: '09:00', refusals: [], alternative: null });
    expect(results[1].refusals).toMatchObject([{ code: 'slot-taken', title: 'The time is taken' }]);
    expect(results[1].alternative).toMatchObject({ date: dateAfter(1), time: '09:30' });

    const late = (await clara.post('/api/series/preview/', weekly('20:00'))).body.results[0];
    expect([late.refusals, late.exempted_from]).toEqual([[], ['outside-hours']]);

    const refused = await clara.post('/api/series/', weekly('09:00'));
    expect([refused.status, refused.body.code]).toEqual([409, 'series-refused']);
    expect(refused.body.errors).toEqual([
      { pointer: '/dates/1', code: 'slot-taken', message: `${dateAfter(1)} 09:00: The time is taken` },
    ]);

    const dates = [dateAfter(0), dateAfter(2)];
    const scheduled = await clara.post('/api/series/', weekly('09:00', { dates }));
    expect(scheduled.status).toBe(201);
    expect(scheduled.headers['location']).toBe(`/api/series/${scheduled.body.id}/`);
    expect(scheduled.body.appointments).toMatchObject(
      dates.map((date) => ({ date, time: '09:00', status: 'confirmed', series: scheduled.body.id })),
    );

    const url = `/api/series/${scheduled.body.id}`;
    const visit = scheduled.body.appointments[0] as { id: string };
    expect((await lena.get(`/api/appointments/${visit.id}/`)).body.series).toBe(scheduled.body.id);
    expect((await lena.get(`${url}/`)).body.appointments).toHaveLength(2);
    expect((await james.get(`${url}/`)).status).toBe(404);

    const cancelled = await lena.post(`${url}/cancel/`, { date_from: dateAfter(1), reason: 'Moved away' });
    expect(cancelled.status).toBe(200);
    expect(cancelled.body.appointments).toMatchObject([
      { status: 'confirmed' },
      { status: 'cancelled', cancelled_by: 'patient', cancellation_reason: 'Moved away' },
    ]);
    const nothing = await lena.post(`${url}/cancel/`, { date_from: dateAfter(1) });
    expect(nothing.body).toMatchObject({
      status: 409,
      code: 'action-not-allowed',
      title: 'This action is not allowed now',
      detail: `No visit of the series is still to come from ${dateAfter(1)} on: there is nothing to cancel.`,
    });
    expect((await clara.post(`${url}/cancel/`)).body.appointments).toMatchObject([
      { status: 'cancelled' },
      { status: 'cancelled' },
    ]);
    const again = await clara.post(`${url}/cancel/`);
    expect([again.status, again.body.detail]).toEqual([
      409,
      'No visit of the series is still to come: there is nothing to cancel.',
    ]);
  });

  test('sent 10 times under one key it is scheduled once, and shown as it is now', async () => {
    const send = () =>
      clara.send({
        method: 'POST',
        url: '/api/series/',
        payload: weekly('10:00'),
        headers: { 'idempotency-key': 'one-series-of-Clara' },
      });
    const answers = await Promise.all(Array.from({ length: 10 }, send));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(9);
    expect(answers[0]!.body.appointments).toHaveLength(3);

    const { id } = answers[0]!.body;
    const cancel = () =>
      clara.send({
        method: 'POST',
        url: `/api/series/${id}/cancel/`,
        payload: {},
        headers: { 'idempotency-key': 'one-end-of-a-series' },
      });
    const [first, second] = [await cancel(), await cancel()];
    expect([first.status, second.status, second.headers['idempotency-replayed']]).toEqual([200, 200, 'true']);
    const again = await send();
    expect([again.status, again.body.appointments[0].status]).toEqual([201, 'cancelled']);
    const other = await clara.send({
      method: 'POST',
      url: '/api/series/',
      payload: weekly('11:00'),
      headers: { 'idempotency-key': 'one-series-of-Clara' },
    });
    expect([other.status, other.body.code]).toEqual([422, 'key-reused']);
  });

  test('is not for a patient whom the doctor has not seen', async () => {
    const answer = await james.post('/api/series/', weekly('09:00'));
    expect([answer.status, answer.body.code]).toEqual([409, 'proposal-limit']);
  });

  test('ends with the dates that a clinic can mean, unless only some of its dates are asked for', async () => {
    const until = (date: string, more: object = {}) =>
      weekly('12:00', { date, every_weeks: 2, count: 3, ...more });
    for (const url of ['/api/series/', '/api/series/preview/']) {
      const { status, body } = await clara.post(url, until('2199-12-04'));
      expect([status, body.errors]).toEqual([
        400,
        [{ pointer: '/count', code: 'range', message: 'leads to 2200-01-01: the last date is 2199-12-31' }],
      ]);
    }
    const datesOf = async (body: object) => {
      const { results } = (await clara.post('/api/series/preview/', body)).body;
      return (results as { date: string }[]).map(({ date }) => date);
    };
    expect(await datesOf(until('2199-12-03'))).toEqual(['2199-12-03', '2199-12-17', '2199-12-31']);
    const dates = ['2199-12-04', '2199-12-18'];
    expect(await datesOf(until('2199-12-04', { dates }))).toEqual(dates);
  });

  describe('a malformed one is refused with its pointer', () => {
    test.each([
      ['/count', { count: 1 }],
      ['/count', { count: 27 }],
      ['/count', { count: '3' }],
      ['/every_weeks', { every_weeks: 0 }],
      ['/every_weeks', { every_weeks: 53 }],
      ['/every_weeks', { every_weeks: undefined }],
      ['/dates', { dates: [] }],
      ['/dates', { dates: 'all' }],
      ['/dates', { dates: ['2030-02-30'] }],
      ['/dates', { dates: ['2200-01-01'] }],
      ['/dates', { dates: null }],
      ['/dates/0', { dates: ['2030-01-08'] }],
      ['/exemption_reason', { exemption_reason: 'for a reason' }],
    ])('%s of %o', async (pointer, change) => {
      for (const url of ['/api/series/', '/api/series/preview/']) {
        const { status, body } = await clara.post(url, weekly('12:00', change));
        expect([status, body.errors?.[0]?.pointer]).toEqual([400, pointer]);
      }
    });
  });
});
