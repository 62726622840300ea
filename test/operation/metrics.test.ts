import { afterEach, expect, test } from 'vitest';
import { JobLoop } from '../../src/jobs/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';

let running: TestApp | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function scrape(client: Client): Promise<string> {
  const { status, body, headers } = await client.get('/metrics');
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return String(body);
}

/** The sample of this name and these labels. */
function sample(text: string, name: string, labels = ''): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${name}${labels} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

const COUNT = 'cybermed_http_request_duration_seconds_count';

test('requests are counted by method, route template and status; what has no route is one label', async () => {
  running = await startApp({ data: 'demo' });
  const client = new Client(running.app);
  const doctor = '01900000-0000-7000-8000-0000000000d1';
  const lena = await client.as('lena.fischer');
  await lena.get(`/api/doctors/${doctor}/`);
  for (const path of ['/nothing', '/nothing/else', '/api/lena.fischer']) await client.get(path);
  const text = await scrape(client);
  expect(sample(text, COUNT, '{method="GET",route="/api/doctors/:id",status="200"}')).toBe(1);
  expect(sample(text, COUNT, '{method="GET",route="unknown",status="404"}')).toBe(3);
  expect(sample(text, 'cybermed_refusals_total', '{code="not-found"}')).toBe(3);
  for (const secret of [doctor, 'fischer', '/nothing', 'demo-password']) expect(text).not.toContain(secret);
});

test('bookings are counted once, and refusals by their code', async () => {
  running = await startApp({ data: 'demo' });
  const lena = await new Client(running.app).as('lena.fischer');
  const doctor = '01900000-0000-7000-8000-0000000000d4';
  const { body } = await lena.get(`/api/doctors/${doctor}/slots/`);
  const { date, time } = body.results[0];
  const book = (key: string) =>
    lena.send({
      method: 'POST',
      url: '/api/appointments/',
      payload: { doctor, date, time },
      headers: { 'idempotency-key': key },
    });
  expect((await book('the-first-of-the-keys')).status).toBe(201);
  expect((await book('the-first-of-the-keys')).status).toBe(201);
  expect((await book('another-of-the-keys')).status).toBe(409);
  const text = await scrape(lena);
  expect(sample(text, 'cybermed_bookings_total')).toBe(1);
  expect(sample(text, 'cybermed_refusals_total', '{code="slot-taken"}')).toBe(1);
});

test.each(['sqlite', 'postgres', 'mysql'] as const)(
  'the state of a node on %s can be read',
  async (database) => {
    running = await startApp({ database, env: { DATABASE_POOL: '7' } });
    const loop = running.app.get(JobLoop, { strict: false });
    loop.start();
    await loop.stop();
    const text = await scrape(new Client(running.app));
    expect(sample(text, 'cybermed_http_requests_in_flight')).toBe(0);
    expect(sample(text, 'cybermed_writes_waiting')).toBe(0);
    expect(sample(text, 'cybermed_writes_running')).toBe(0);
    expect(sample(text, 'cybermed_pool_size')).toBe(database === 'sqlite' ? 1 : 7);
    expect(sample(text, 'cybermed_pool_reads_running')).toBe(0);
    expect(sample(text, 'cybermed_event_loop_delay_seconds')).toBeGreaterThanOrEqual(0);
    expect(text).toMatch(/^cybermed_job_runs\{job="forget-keys",outcome="\w+"\} 1$/m);
  },
);

test('where they are off there are none', async () => {
  running = await startApp({ env: { METRICS: 'off' } });
  expect((await new Client(running.app).get('/metrics')).status).toBe(404);
});
