import { once } from 'node:events';
import { Agent, get, request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpAdapterHost } from '@nestjs/core';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Transactions } from '#libs/kernel/transactions.js';
import { SqliteDatabase } from '#libs/persistence/sqlite-driver.js';
import { HttpClosing } from '../../src/operation/http-closing.js';
import { startApp, type TestApp, type TestAppOptions } from '../support/app.js';
import { Clinic, PASSWORD } from '../support/clinic.js';
import { BUILD_TIMEOUT, Program, type RunningProgram } from '../support/program.js';

describe('a server that is told to stop', () => {
  let program: Program | undefined;
  let server: RunningProgram;

  beforeAll(async () => {
    program = await Program.built();
  }, BUILD_TIMEOUT);
  afterAll(() => program?.remove());
  afterEach(() => server.signal('SIGKILL'));

  const statusOf = async (path: string) => (await fetch(server.url + path)).status;

  /** Once the jobs run, what they hold shows in the file. */
  function leases(): unknown[] {
    const database = new SqliteDatabase(server.file, { readonly: true });
    const rows = database.prepare('SELECT name FROM leases').all();
    database.close();
    return rows;
  }

  async function jobsRun(): Promise<void> {
    while (leases().length === 0) await sleep(10);
  }

  test('says that it is not ready, serves on until proxies have seen it, gives its leases back and ends with 0', async () => {
    server = await program!.start({ DRAIN_SECONDS: '2' });
    const keptOpen = new Agent({ keepAlive: true });
    onTestFinished(() => keptOpen.destroy());
    const ask = () =>
      new Promise<IncomingMessage>((resolve, reject) => {
        get(`${server.url}/health/live/`, { agent: keptOpen }, (answer) => resolve(answer.resume())).on(
          'error',
          reject,
        );
      });
    expect((await ask()).headers.connection).toBe('keep-alive');
    expect(await statusOf('/health/ready/')).toBe(200);
    await jobsRun();

    const told = performance.now();
    server.signal('SIGTERM');
    while ((await statusOf('/health/ready/')) === 200) await sleep(5);
    const answer = await ask();
    expect([answer.statusCode, answer.headers.connection]).toEqual([200, 'close']);
    expect(await statusOf('/api/auth/me/')).toBe(401);
    expect(await server.ended).toBe(0);
    expect(performance.now() - told).toBeGreaterThan(1900);
    expect(leases()).toEqual([]);
  });

  test('finishes what runs, closes what is kept open, and waits for no proxy when a person stops it', async () => {
    server = await program!.start({ DRAIN_SECONDS: '10' });
    const idle = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(idle, 'connect');
    const closed = once(idle, 'close');
    const other = new SqliteDatabase(server.file);
    other.exec('BEGIN IMMEDIATE');
    const registering = fetch(`${server.url}/api/auth/register/`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        email: 'ada@example.org',
        password: PASSWORD,
        first_name: 'Ada',
        last_name: 'Newman',
        role: 'patient',
      }),
    });
    // It has been taken in and waits for the other process to let go of the file.
    await sleep(500);
    const told = performance.now();
    server.signal('SIGINT');
    await sleep(500);
    other.exec('COMMIT');
    expect((await registering).status).toBe(201);
    expect(await server.ended).toBe(0);
    expect(performance.now() - told).toBeLessThan(8000);
    await closed;
    expect(other.prepare('SELECT email FROM users').all()).toEqual([{ email: 'ada@example.org' }]);
    other.close();
  });

  test('keeps its leases if it is killed, until they run out (control)', async () => {
    server = await program!.start();
    await jobsRun();
    server.signal('SIGKILL');
    expect(await server.ended).toBe('SIGKILL');
    expect(leases()).not.toEqual([]);
  });

  test('ends at once when it is told a second time, but not by one wish that came twice', async () => {
    server = await program!.start({ DRAIN_SECONDS: '10' });
    server.signal('SIGTERM');
    await sleep(100);
    server.signal('SIGTERM');
    await sleep(1500);
    expect(await statusOf('/health/live/')).toBe(200);
    server.signal('SIGTERM');
    expect(await server.ended).toBe(128 + 15);
  });
});

describe('an application that closes', () => {
  let running: TestApp;

  async function listening(options: TestAppOptions = {}): Promise<number> {
    running = await startApp({ ...options, data: 'demo' });
    const { server } = running.app.getHttpAdapter().getInstance();
    await running.app.getHttpAdapter().getInstance().listen({ port: 0, host: '127.0.0.1' });
    return (server.address() as AddressInfo).port;
  }

  const withClosing = (closing: (host: HttpAdapterHost) => object): TestAppOptions => ({
    wire: (builder) =>
      builder.overrideProvider(HttpClosing).useFactory({ inject: [HttpAdapterHost], factory: closing }),
  });

  /** What becomes of a change that waits for its turn when the application closes. */
  async function statusOfLastChange(options: TestAppOptions = {}): Promise<number> {
    const port = await listening(options);
    const { anyone } = new Clinic(running.app);
    const { body } = await anyone.post('/api/auth/login/', {
      email: 'lena.fischer@demo.cybermed.example',
      password: 'demo-password',
    });
    let letGo = (): void => {};
    const holding = running.app
      .get(Transactions)
      .run(() => new Promise<void>((resolve) => (letGo = resolve)));
    const payload = JSON.stringify({ gender: 'other' });
    const changing = request(`http://127.0.0.1:${port}/api/auth/me/`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${body.access}`,
        'content-type': 'application/json',
        'content-length': payload.length,
      },
    });
    const answered = once(changing, 'response');
    changing.end(payload);
    await sleep(200);
    const closed = running.close();
    await sleep(200);
    letGo();
    await holding;
    const [answer] = (await answered) as [IncomingMessage];
    answer.resume();
    await closed;
    return answer.statusCode!;
  }

  test('answers what runs before it closes the database', async () => {
    expect(await statusOfLastChange()).toBe(200);
  });

  test('would close the database first if Nest had its way (control)', async () => {
    expect(await statusOfLastChange(withClosing(() => ({})))).toBeGreaterThanOrEqual(500);
  });

  test('cuts a request that never ends', async () => {
    const port = await listening(withClosing((host) => new HttpClosing(host, 200)));
    const stuck = connect(port, '127.0.0.1');
    stuck.write('POST /api/auth/login/ HTTP/1.1\r\nHost: clinic\r\nContent-Type: application/json\r\n');
    stuck.write('Content-Length: 1000\r\n\r\n{');
    await once(stuck, 'connect');
    await sleep(100);
    const cut = once(stuck.resume(), 'close');
    await running.close();
    await cut;
  });
});
