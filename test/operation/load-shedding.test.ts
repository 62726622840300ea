import { once } from 'node:events';
import { request } from 'node:http';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { LoadShedding } from '../../src/operation/load-shedding.js';
import { startApp, type TestApp, type TestAppOptions } from '../support/app.js';
import { tally } from '../support/client.js';
import { Clinic } from '../support/clinic.js';

let running: TestApp | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

const AT_ONCE = 50;
const MOST = 5;

async function crowd(options: TestAppOptions = {}) {
  running = await startApp({ env: { MAX_CONCURRENT_REQUESTS: String(MOST) }, ...options });
  const { client } = await new Clinic(running.app).doctor();
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => client.get('/api/auth/me/')));
  return { client, answers };
}

test('more requests at once than the limit are refused with Retry-After, and the next is served', async () => {
  const { client, answers } = await crowd();
  expect(tally(answers)).toEqual({ 200: MOST, 503: AT_ONCE - MOST });
  const refused = answers.find(({ status }) => status === 503)!;
  expect([refused.body.code, refused.headers['retry-after']]).toEqual(['overloaded', '1']);
  expect((await client.get('/api/auth/me/')).status).toBe(200);
});

test('without the limit all are taken in (control)', async () => {
  const { answers } = await crowd({
    wire: (builder) => builder.overrideProvider(LoadShedding).useValue({ inFlight: 0, guard: () => {} }),
  });
  expect(tally(answers)).toEqual({ 200: AT_ONCE });
});

/** A server with a route that never answers, one that holds the event loop, and the quick ones. */
async function slowServer(most: number) {
  const server = fastify();
  const shedding = new LoadShedding(most);
  shedding.guard(server);
  server.get('/stuck', () => new Promise(() => {}));
  server.get('/busy', async () => hold(20));
  for (const path of ['/health/live', '/metrics', '/quick']) server.get(path, async () => 'ok');
  return { server, shedding };
}

function hold(milliseconds: number): string {
  for (const until = performance.now() + milliseconds; performance.now() < until;);
  return 'ok';
}

test('health and metrics are answered whatever the load', async () => {
  const { server } = await slowServer(0);
  expect((await server.inject('/quick')).statusCode).toBe(503);
  expect((await server.inject('/health/live')).statusCode).toBe(200);
  expect((await server.inject('/metrics')).statusCode).toBe(200);
});

const BUSY = 40;

/** How many of the requests that were there before are answered when health is; each holds the event loop. */
async function answeredBeforeHealth(server: FastifyInstance): Promise<number> {
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  let answered = 0;
  const busy = Array.from({ length: BUSY }, async () => {
    await (await fetch(`${url}/busy`)).text();
    answered++;
  });
  await once(server.server, 'request');
  await (await fetch(`${url}/health/live`)).text();
  const before = answered;
  await Promise.all(busy);
  await server.close();
  return before;
}

test('whoever comes last does not wait until all before are served', async () => {
  const { server } = await slowServer(1000);
  expect(await answeredBeforeHealth(server)).toBeLessThan(BUSY / 2);
});

test('a request whose client has gone before its body was judged takes no place', async () => {
  const server = fastify();
  const shedding = new LoadShedding(1);
  let reached = () => {};
  const isReached = new Promise<void>((resolve) => (reached = resolve));
  // Something that takes its time between the body and the place, while the client goes.
  server.addHook('preValidation', async (_, reply) => {
    reached();
    if (!reply.raw.destroyed) await once(reply.raw, 'close');
  });
  shedding.guard(server);
  server.post('/quick', async () => 'ok');
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  const gone = request(`${url}/quick`, { method: 'POST', headers: { 'content-type': 'text/plain' } });
  gone.on('error', () => {}).end('a body');
  await isReached;
  gone.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(shedding.inFlight).toBe(0);
  await server.close();
});

test('a request whose client has gone does not count for ever', async () => {
  const { server, shedding } = await slowServer(1);
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  const gone = request(`${url}/stuck`).on('error', () => {});
  gone.end();
  await once(server.server, 'request');
  expect(shedding.inFlight).toBe(1);
  gone.destroy();
  while (shedding.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await fetch(`${url}/quick`)).status).toBe(200);
  server.server.closeAllConnections();
  await server.close();
});
