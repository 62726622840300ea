import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataSource } from 'typeorm';
import { startApp, type TestApp } from '../support/app.js';
import { Client, type Answer, type Request } from '../support/client.js';
import { some } from '../support/hostile.js';
import { hostile, HOSTILITIES } from '../support/hostile-requests.js';
import { operationsIn, type OperationAt } from '../support/operations.js';

const SEED = 20_300_107;
const MOST_REQUESTS = 9000;
const LARGEST_PROBLEM = 8_000;
const SLOWEST = 15_000;
const PEOPLE = { patient: 'lena.fischer', doctor: 'clara.sommer', admin: 'admin' };

const ENDS_THE_SESSION = new Set(['logOut', 'endOwnSessions']);

let running: TestApp;
let anyone: Client;
const clients = {} as Record<keyof typeof PEOPLE, Client>;
let requests = 0;
const statuses = new Map<number, number>();

beforeAll(async () => {
  running = await startApp({ data: 'demo' });
  anyone = new Client(running.app);
  for (const role of Object.keys(PEOPLE) as (keyof typeof PEOPLE)[])
    clients[role] = await anyone.as(PEOPLE[role]);
});
afterAll(() => running.close());

/** The client holds each answer against the OpenAPI document; here it is held against what no document may allow. */
async function attack(client: Client, request: Request): Promise<Answer> {
  requests++;
  const begun = performance.now();
  const answer = await client.send(request);
  statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  const what = `${request.method} ${request.url.slice(0, 120)} ${JSON.stringify(request.payload)?.slice(0, 200)}`;
  const text = JSON.stringify(answer.body) ?? '';
  expect(answer.status, what).toBeLessThan(500);
  expect(performance.now() - begun, what).toBeLessThan(SLOWEST);
  if (answer.status >= 400) {
    expect(text.length, what).toBeLessThan(LARGEST_PROBLEM);
    expect(text, what).not.toMatch(/SQLITE|SELECT .* FROM|node_modules|\.ts:\d|\bat \w+ \(/);
  }
  return answer;
}

describe('no request makes the server fail, and each answer is documented', () => {
  let operations: readonly OperationAt[];

  beforeAll(() => {
    operations = operationsIn(running.app);
  });

  test.each(HOSTILITIES)(
    'of somebody who is signed in and may call the operation, with hostile %s',
    async (_, requestsTo) => {
      for (const [i, operation] of operations.entries()) {
        const { roles = ['patient' as const] } = operation;
        const role = roles[i % roles.length]!;
        for (const request of requestsTo(operation, SEED + i)) {
          const { status } = await attack(clients[role], request);
          // A right password among what is hostile: somebody else goes on.
          if (operation.operationId === 'closeOwnAccount' && status === 204) {
            PEOPLE.patient = 'tomas.ortega';
            PEOPLE.doctor = 'james.whitfield';
            clients[role] = await anyone.as(PEOPLE[role]);
          }
          if (ENDS_THE_SESSION.has(operation.operationId) && status === 204)
            clients[role] = await anyone.as(PEOPLE[role]);
        }
      }
    },
  );

  test('of somebody without a token: nobody gets in where a token is needed', async () => {
    for (const [i, operation] of operations.filter(({ roles }) => roles !== undefined).entries()) {
      for (const request of some([...hostile(operation, SEED - i)], 16, SEED - i)) {
        const { status } = await attack(anyone, request);
        expect(status).toBeGreaterThanOrEqual(400);
      }
    }
  });

  test('of somebody with a hostile header', async () => {
    const values = [
      '',
      'Bearer',
      'Bearer ',
      'Bearer a.b.c',
      `Bearer ${'x'.repeat(8000)}`,
      'Bearer e30.e30.',
      'Basic eA==',
    ];
    for (const authorization of values) {
      const { status } = await attack(anyone, {
        method: 'GET',
        url: '/api/auth/me/',
        headers: { authorization },
      });
      expect(status).toBe(401);
    }
    const lengths = ['1', '5', '99999', '-1'];
    for (const length of lengths) {
      const headers = { 'content-type': 'application/json', 'content-length': length };
      await attack(clients.patient, { method: 'PATCH', url: '/api/auth/me/', payload: '{}', headers });
    }
  });

  test('stays within its bounds, and is no idle run', () => {
    expect(requests).toBeLessThan(MOST_REQUESTS);
    expect(requests).toBeGreaterThan(1500);
    const seen = [200, 201, 400, 401, 404, 409, 413, 415, 422];
    expect([...statuses.keys()]).toEqual(expect.arrayContaining(seen));
  });
});

describe('afterwards', () => {
  test('the clinic works as before', async () => {
    expect((await anyone.get('/health/ready/')).status).toBe(200);
    const lena = await anyone.as(PEOPLE.patient);
    expect((await lena.get('/api/appointments/')).status).toBe(200);
    expect((await lena.get('/api/auth/me/')).body.role).toBe('patient');
    expect(({} as { role?: string }).role).toBeUndefined();
  });

  test('no two active appointments of one person overlap', async () => {
    const overlaps = await running.app.get(DataSource).query<object[]>(`
      SELECT a.id FROM appointments a JOIN appointments b ON a.id < b.id
        AND (a.doctor_id = b.doctor_id OR a.patient_id = b.patient_id)
        AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
      WHERE a.status IN ('pending', 'confirmed', 'checked_in') AND b.status IN ('pending', 'confirmed', 'checked_in')`);
    expect(overlaps).toEqual([]);
  });
});
