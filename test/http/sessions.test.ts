import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '#libs/kernel/clock.js';
import { networkOf } from '#libs/nest/network.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';
import { Clinic, PASSWORD } from '../support/clinic.js';
import { withQuickPasswords } from '../support/quick-passwords.js';

const NOW = Date.parse('2030-01-07T07:00:00Z');
const SESSIONS = '/api/auth/sessions/';

interface Listed {
  id: string;
  device_name: string | null;
  current: boolean;
}

const clock = new FixedClock(NOW);
let running: TestApp;
let clinic: Clinic;
let email: string;

beforeAll(async () => {
  running = await startApp({ clock, wire: withQuickPasswords });
  clinic = new Clinic(running.app);
});
afterAll(() => running.close());
beforeEach(async () => {
  clock.set(NOW);
  email = clinic.email('owner');
  const owner = { email, password: PASSWORD, first_name: 'Ada', last_name: 'Newman', role: 'patient' };
  await clinic.anyone.post('/api/auth/register/', owner);
});

async function logIn(more: object = {}, remoteAddress = '127.0.0.1') {
  const payload = { email, password: PASSWORD, ...more };
  const url = '/api/auth/login/';
  const { body } = await clinic.anyone.send({ method: 'POST', url, payload, remoteAddress });
  return { client: clinic.anyone.with(body.access as string), refresh: body.refresh as string };
}

const refresh = (token: string) => clinic.anyone.post('/api/auth/login/refresh/', { refresh: token });
const listedBy = async (client: Client) => (await client.get(SESSIONS)).body.results as Listed[];
const isSignedIn = async (client: Client) => (await client.get('/api/auth/me/')).status === 200;

describe('the list of one’s sessions', () => {
  test('tells device, network and times, and which one asks', async () => {
    const desk = await logIn({ device_name: ' Desk ' }, '192.0.2.77');
    clock.set(NOW + HOUR);
    const phone = await logIn({ device_name: 'Phone in the kitchen' }, '2001:db8:1:2::3');
    clock.set(NOW + 2 * HOUR);
    await refresh(desk.refresh);
    const { status, body } = await phone.client.get(SESSIONS);
    expect(status).toBe(200);
    expect(body).toEqual({
      results: [
        {
          id: expect.any(String),
          device_name: 'Phone in the kitchen',
          network: '2001:db8:1::/48',
          opened_at: '2030-01-07T08:00:00.000Z',
          refreshed_at: '2030-01-07T08:00:00.000Z',
          current: true,
        },
        {
          id: expect.any(String),
          device_name: 'Desk',
          network: '192.0.2.0/24',
          opened_at: '2030-01-07T07:00:00.000Z',
          refreshed_at: '2030-01-07T09:00:00.000Z',
          current: false,
        },
      ],
      next_cursor: null,
    });
  });

  test('has pages', async () => {
    for (const device_name of ['one', 'two']) await logIn({ device_name });
    const { client } = await logIn();
    const { body } = await client.get(`${SESSIONS}?limit=2`);
    const rest = await client.get(`${SESSIONS}?limit=2&cursor=${body.next_cursor}`);
    const names = [body, rest.body].map(({ results }) => (results as Listed[]).map((one) => one.device_name));
    expect(names).toEqual([[null, 'two'], ['one']]);
    expect((await client.get(`${SESSIONS}?cursor=nonsense`)).status).toBe(400);
  });

  test('names no session of anybody else, and none that has ended or grown too old', async () => {
    await logIn();
    clock.set(NOW + 7 * DAY);
    await clinic.patient();
    const out = await logIn();
    await out.client.post('/api/auth/logout/');
    const { client } = await logIn();
    expect(await listedBy(client)).toMatchObject([{ current: true }]);
  });
});

describe('a session', () => {
  test('is ended by its owner from another device, and acts on the next request', async () => {
    const [here, there] = [await logIn(), await logIn()];
    const { id } = (await listedBy(there.client)).find(({ current }) => current)!;
    expect((await here.client.delete(`${SESSIONS}${id}/`)).status).toBe(204);
    expect(await isSignedIn(there.client)).toBe(false);
    expect((await refresh(there.refresh)).status).toBe(401);
    expect(await isSignedIn(here.client)).toBe(true);
    expect((await here.client.delete(`${SESSIONS}${id}/`)).status).toBe(404);
  });

  test('of somebody else, of nobody, or under no id is 404, and stays', async () => {
    const other = await clinic.patient();
    const { id } = (await listedBy(other.client))[0]!;
    const { client } = await logIn();
    for (const wrong of [id, other.user, 'nonsense'])
      expect((await client.delete(`${SESSIONS}${wrong}/`)).status).toBe(404);
    expect(await isSignedIn(other.client)).toBe(true);
  });

  test('ends everywhere at once', async () => {
    const [here, there] = [await logIn(), await logIn()];
    const other = await clinic.patient();
    expect((await here.client.delete(SESSIONS)).status).toBe(204);
    expect([await isSignedIn(here.client), await isSignedIn(there.client)]).toEqual([false, false]);
    expect((await refresh(there.refresh)).status).toBe(401);
    expect(await isSignedIn(other.client)).toBe(true);
  });

  test('ends when a token of it comes back, for the thief and for the owner', async () => {
    const stolen = await logIn();
    const { body } = await refresh(stolen.refresh);
    clock.set(NOW + MINUTE);
    expect((await refresh(stolen.refresh)).body.code).toBe('invalid-refresh-token');
    expect((await refresh(body.refresh as string)).status).toBe(401);
    expect(await isSignedIn(clinic.anyone.with(body.access as string))).toBe(false);
  });

  test('ends after 7 days without a refresh', async () => {
    const { client } = await logIn();
    clock.set(NOW + 7 * DAY - 1);
    expect(await isSignedIn(client)).toBe(true);
    clock.set(NOW + 7 * DAY);
    expect(await isSignedIn(client)).toBe(false);
  });
});

test('a device name is bounded, and may be left out or null', async () => {
  const url = '/api/auth/login/';
  for (const device_name of ['', ' ', 'x'.repeat(101), 'a\nb', 7, {}]) {
    const { status, body } = await clinic.anyone.post(url, { email, password: PASSWORD, device_name });
    expect([status, body.errors?.[0].pointer]).toEqual([400, '/device_name']);
  }
  await logIn({ device_name: null });
  const { client } = await logIn({ device_name: '📱'.repeat(100) });
  expect((await listedBy(client)).map((one) => one.device_name)).toEqual(['📱'.repeat(100), null]);
});

test.each([
  ['192.0.2.77', '192.0.2.0/24'],
  ['::ffff:192.0.2.77', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['2001:DB8::1', '2001:db8:0::/48'],
  ['fe80::1%eth0', 'fe80:0:0::/48'],
  ['::1', '0:0:0::/48'],
  ['1::', '1:0:0::/48'],
  ['::2:3:4:5:6:7:8', '0:2:3::/48'],
  ['64:ff9b::192.0.2.77', '64:ff9b:0::/48'],
  ['::192.0.2.77', '0:0:0::/48'],
  ['/run/cybermed.sock', null],
  ['', null],
])('the network of %j is %j', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
