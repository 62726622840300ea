import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { onEachDatabase } from '../support/databases.js';

const CLARA = '01900000-0000-7000-8000-0000000000d1';

onEachDatabase('Retries', (database) => {
  let running: TestApp;
  let lena: Client;
  let clara: Client;
  /** Free times of Clara, each to be used by one test. */
  let free: { date: string; time: string }[];

  beforeAll(async () => {
    running = await startApp({ database, data: 'demo' });
    const anyone = new Client(running.app);
    [lena, clara] = [await anyone.as('lena.fischer'), await anyone.as('clara.sommer')];
    free = (await lena.get(`/api/doctors/${CLARA}/slots/`)).body.results.slice(-20);
  });
  afterAll(() => running.close());

  const send = (client: Client, url: string, payload: object, headers: Record<string, string>) =>
    client.send({ method: 'POST', url, payload, headers });

  const booking = (): object => {
    const { date, time } = free.pop()!;
    return { doctor: CLARA, date, time };
  };

  const cancelled = async (id: string) => {
    await lena.post(`/api/appointments/${id}/cancel/`, {});
  };

  describe('a request with an Idempotency-Key', () => {
    test('has one effect however often it is sent, and is answered alike', async () => {
      const body = booking();
      const key = { 'idempotency-key': 'one-booking-of-mine' };
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => send(lena, '/api/appointments/', body, key)),
      );
      expect(new Set(answers.map(({ status, body: { id } }) => `${status} ${id}`)).size).toBe(1);
      expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(19);
      await cancelled(answers[0]!.body.id);
    });

    test('is replayed with the appointment as it is now', async () => {
      const body = booking();
      const key = { 'idempotency-key': 'key-of-a-later-replay' };
      const { id } = (await send(lena, '/api/appointments/', body, key)).body;
      await cancelled(id);
      const replay = await send(lena, '/api/appointments', body, key);
      expect([replay.status, replay.body.id, replay.body.status]).toEqual([201, id, 'cancelled']);
    });

    test('of another body or path is refused, and changes nothing', async () => {
      const body = booking();
      const key = { 'idempotency-key': 'key-used-for-two-things' };
      const { id } = (await send(lena, '/api/appointments/', body, key)).body;
      const other = await send(lena, '/api/appointments/', booking(), key);
      expect([other.status, other.body.code]).toEqual([422, 'key-reused']);
      const action = await send(lena, `/api/appointments/${id}/cancel/`, {}, key);
      expect(action.body.code).toBe('key-reused');
      expect((await lena.get(`/api/appointments/${id}/`)).body.status).toBe('pending');
      await cancelled(id);
    });

    test('that was refused leaves its key free', async () => {
      const key = { 'idempotency-key': 'key-of-a-refused-one' };
      const past = { doctor: CLARA, date: '2020-01-06', time: '09:00' };
      expect((await send(lena, '/api/appointments/', past, key)).body.code).toBe('in-the-past');
      const { status, body } = await send(lena, '/api/appointments/', booking(), key);
      expect(status).toBe(201);
      await cancelled(body.id);
    });

    test('of another user has nothing to do with it', async () => {
      const key = { 'idempotency-key': 'key-that-two-people-use' };
      const { body } = await send(lena, '/api/appointments/', booking(), key);
      const confirmed = await send(clara, `/api/appointments/${body.id}/confirm/`, {}, key);
      expect([confirmed.status, confirmed.body.status]).toEqual([200, 'confirmed']);
      const again = await send(clara, `/api/appointments/${body.id}/confirm/`, {}, key);
      expect([again.status, again.headers['idempotency-replayed']]).toEqual([200, 'true']);
      await cancelled(body.id);
    });

    test.each(['short', 'x'.repeat(256), 'has a space in the midst'])(
      'must be of the documented form: %s',
      async (key) => {
        const { status, body } = await send(lena, '/api/appointments/', booking(), {
          'idempotency-key': key,
        });
        expect([status, body.errors[0].pointer]).toEqual([400, 'Idempotency-Key']);
      },
    );
  });

  describe('If-Match', () => {
    test('lets the version through that the ETag named, and refuses what is no longer so', async () => {
      const booked = await lena.post('/api/appointments/', booking());
      const url = `/api/appointments/${booked.body.id}`;
      expect([booked.headers['etag'], (await lena.get(`${url}/`)).headers['etag']]).toEqual(['"1"', '"1"']);
      const confirmed = await send(clara, `${url}/confirm/`, {}, { 'if-match': '"1"' });
      expect([confirmed.status, confirmed.headers['etag'], confirmed.body.version]).toEqual([200, '"2"', 2]);
      const stale = await send(lena, `${url}/cancel/`, {}, { 'if-match': '"1"' });
      expect([stale.status, stale.body.code]).toEqual([412, 'stale-version']);
      expect((await send(lena, `${url}/cancel/`, {}, { 'if-match': 'W/"2"' })).status).toBe(412);
      expect((await send(lena, `${url}/cancel/`, {}, { 'if-match': 'two' })).status).toBe(400);
      expect((await send(lena, `${url}/cancel/`, {}, { 'if-match': '"1", "2"' })).status).toBe(200);
    });
  });
});
