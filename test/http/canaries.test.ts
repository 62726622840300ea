import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, type CallHandler, type ExecutionContext, type LoggerService } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { tap } from 'rxjs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { JobLoop } from '../../src/jobs/index.js';
import { Appointments, People } from '../../src/scheduling/ports.js';
import { startApp } from '../support/app.js';
import { Client, type Answer } from '../support/client.js';
import { at, operationsOf, type OperationAt } from '../support/operations.js';
import { BUILD_TIMEOUT, Program, type RunningProgram } from '../support/program.js';
import { say } from '../support/raw.js';

const DOCUMENT = JSON.parse(readFileSync('docs/openapi.json', 'utf8')) as OpenAPIObject;
const FEWEST = 200;
const CANARY = /canary/i;

/** Texts that stand nowhere else; each begins with a letter and is a name, a password, a token or an id. */
class Canaries {
  count = 0;

  next(kind: string): string {
    return `canary${++this.count}x${kind}`;
  }

  /** As an id. Ids are hexadecimal. */
  id(): string {
    return `0190cafe-babe-7000-8000-${String(++this.count).padStart(12, '0')}`;
  }

  email(): string {
    return `${this.next('email')}@example.org`;
  }
}

/** Canaries, ids of canaries, and what people were given by the program. */
function found(text: string, given: readonly string[] = []): string[] {
  const lines = text.split('\n');
  return lines.filter((line) => {
    return CANARY.test(line) || line.includes('0190cafe') || given.some((one) => line.includes(one));
  });
}

interface Sent {
  method: string;
  path: string;
  body?: string;
  headers: Record<string, string>;
}

/** Right but for its values, which are all canaries; then broken in every way that has an answer of its own. */
function* requestsTo(operation: OperationAt, canaries: Canaries, tokens: readonly string[]): Generator<Sent> {
  const { method, fields = {}, query } = operation;
  const path = at(operation.path, { id: canaries.id(), absence: canaries.id(), date: '2030-01-08' });
  const asked = query.map((name) => `${name}=${canaries.next('query')}`).join('&');
  const plain = (): Record<string, string> => ({
    'user-agent': canaries.next('agent'),
    cookie: `session=${canaries.next('cookie')}`,
    referer: `https://example.org/${canaries.next('referer')}`,
    'x-forwarded-for': canaries.next('address'),
    'x-request-id': canaries.next('request'),
    'idempotency-key': canaries.next('idempotencykey'),
    'if-match': `"${canaries.next('version')}"`,
  });
  const named = Object.fromEntries(Object.keys(fields).map((name) => [name, canaries.next(name)]));
  const body = method === 'GET' ? undefined : JSON.stringify(named);
  const json = { 'content-type': 'application/json' };
  for (const token of [...tokens, canaries.next('token')]) {
    const headers = { ...plain(), authorization: `Bearer ${token}` };
    yield { method, path, headers: body === undefined ? headers : { ...headers, ...json }, body };
    if (asked !== '') yield { method, path: `${path}?${asked}`, headers };
  }
  yield { method, path: `${path}?unknown=${canaries.next('unknown')}`, headers: plain() };
  if (body === undefined) return;
  const [token = ''] = tokens;
  const headers = { ...plain(), authorization: `Bearer ${token}` };
  yield {
    method,
    path,
    headers: { ...headers, ...json },
    body: `{"${canaries.next('name')}": "${canaries.next('broken')}`,
  };
  yield { method, path, headers: { ...headers, 'content-type': 'text/csv' }, body: canaries.next('csv') };
}

describe('nothing of a person reaches a log, a figure or a problem', () => {
  let program: Program;
  let running: RunningProgram;
  beforeAll(async () => {
    program = await Program.built();
    running = await program.start({ LOG_LEVEL: 'debug', METRICS: 'on', MAX_CONCURRENT_REQUESTS: '1000' });
  }, BUILD_TIMEOUT);
  afterAll(async () => {
    running.signal('SIGKILL');
    await running.ended;
    program.remove();
  });

  const canaries = new Canaries();
  const given: string[] = [];
  const statuses = new Map<number, number>();
  const echoed: string[] = [];
  let requests = 0;

  async function send({ method, path, headers, body }: Sent): Promise<Pick<Answer, 'status' | 'body'>> {
    requests++;
    const init = { method, headers, ...(body !== undefined && { body }) };
    const response = await fetch(`${running.url}${path}`, init);
    const text = await response.text();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    if (response.status >= 400) echoed.push(...found(text));
    const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
    return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text };
  }

  const post = (path: string, payload: object, token?: string) => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { 'content-type': 'application/json', ...authorization } as Record<string, string>;
    return send({ method: 'POST', path, headers, body: JSON.stringify(payload) });
  };

  /** Somebody all of whose words are canaries. */
  async function somebody(role: 'doctor' | 'patient'): Promise<{ token: string; id: string }> {
    const [email, password] = [canaries.email(), canaries.next('password')];
    const names = { first_name: canaries.next('first'), last_name: canaries.next('last') };
    const registered = await post('/api/auth/register/', { email, password, role, ...names });
    const device_name = canaries.next('device');
    const { body } = await post('/api/auth/login/', { email, password, device_name });
    const profile =
      role === 'doctor'
        ? { specialty: canaries.next('specialty'), phone_number: '+49 30 901820', experience_years: 3 }
        : {
            date_of_birth: '1990-05-17',
            address: canaries.next('address'),
            emergency_contact_name: canaries.next('contact'),
            emergency_contact_phone: '+49 30 901820',
            medical_history: canaries.next('history'),
            allergies: canaries.next('allergies'),
          };
    const made = await post(`/api/${role}-profile/`, profile, body.access as string);
    expect([registered.status, made.status]).toEqual([201, 201]);
    given.push(registered.body.id, made.body.id, body.access, body.refresh, body.device_token);
    return { token: body.access as string, id: made.body.id as string };
  }

  test('of hundreds of canaries in all operations none is written', { timeout: 120_000 }, async () => {
    const doctor = await somebody('doctor');
    const patient = await somebody('patient');
    const slots = await send({
      method: 'GET',
      path: `/api/doctors/${doctor.id}/slots/`,
      headers: { authorization: `Bearer ${patient.token}` },
    });
    const { date, time } = slots.body.results.at(-1);
    const visit = { doctor: doctor.id, date, time, reason_for_visit: canaries.next('reason') };
    const booked = await post('/api/appointments/', visit, patient.token);
    expect(booked.status).toBe(201);
    given.push(booked.body.id);
    expect((await post('/api/appointments/', visit, patient.token)).status).toBe(409);
    const url = `/api/appointments/${booked.body.id as string}`;
    const refused = await fetch(`${running.url}${url}/cancel/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${patient.token}`, 'if-match': '"99"' },
    });
    statuses.set(refused.status, 1);
    await post(`${url}/cancel/`, { reason: canaries.next('reason') }, patient.token);

    for (const operation of operationsOf(DOCUMENT)) {
      if (['logOut', 'endOwnSessions'].includes(operation.operationId)) continue;
      for (const request of requestsTo(operation, canaries, [patient.token, doctor.token]))
        await send(request);
    }
    const email = canaries.email();
    for (let i = 0; i < 11; i++) await post('/api/auth/login/', { email, password: canaries.next('guess') });
    const large = canaries.next('large').repeat(6000);
    await post('/api/auth/login/', { email, password: large });
    await send({ method: 'PUT', path: `/api/${canaries.next('path')}/`, headers: {} });
    await send({ method: 'GET', path: `/${canaries.next('path')}`, headers: {} });
    const port = Number(new URL(running.url).port);
    const long = `GET /${canaries.next('head')} HTTP/1.1\r\nHost: a\r\nX-Long: ${canaries.next('h').repeat(2000)}\r\n\r\n`;
    for (const bytes of [
      long,
      `${canaries.next('line')}\r\n\r\n`,
      `TRACE /${canaries.next('t')} HTTP/1.1\r\nHost: a\r\n\r\n`,
    ]) {
      const heard = await say(port, [bytes], 1500);
      for (const status of heard.statuses) statuses.set(status, 1);
      echoed.push(...found(heard.text));
    }

    const metrics = await (await fetch(`${running.url}/metrics`)).text();
    const expected = [200, 201, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 431];
    expect([...statuses.keys()]).toEqual(expect.arrayContaining(expected));
    expect(canaries.count).toBeGreaterThan(FEWEST);
    expect(echoed).toEqual([]);
    expect(found(metrics, given)).toEqual([]);
    expect(found(running.written, given)).toEqual([]);
    const lines = running.written.split('\n').filter((line) => line.includes('"route"'));
    expect(lines.length).toBeGreaterThan(requests * 0.9);
    const actors = new Set(lines.map((line) => (JSON.parse(line) as { actor: string | null }).actor));
    // Nobody, the doctor and the patient.
    expect([...actors].filter((actor) => actor !== null && /^[\w-]{16}$/.test(actor))).toHaveLength(2);
  });
});

/** Keeps what it is told. */
class KeepingLogger implements LoggerService {
  text = '';

  #keep(...words: unknown[]): void {
    this.text += `${words.map(String).join(' ')}\n`;
  }

  log = this.#keep.bind(this);
  error = this.#keep.bind(this);
  warn = this.#keep.bind(this);
  fatal = this.#keep.bind(this);
}

/** What many programs have. */
class LeakyLog {
  readonly #log = new Logger('Leaky');

  constructor(private readonly what: 'addresses' | 'words') {}

  intercept(context: ExecutionContext, next: CallHandler) {
    const { url } = context.switchToHttp().getRequest<{ url: string }>();
    if (this.what === 'addresses') this.#log.error(`GET ${url}`);
    const error = ({ message }: Error) => this.what === 'words' && this.#log.error(message);
    return next.handle().pipe(tap({ error: (thrown: Error) => void error(thrown) }));
  }
}

describe('a failure of the server', () => {
  /** What is logged when a port fails with a database's error, which quotes values. */
  async function logged(leak?: LeakyLog, code = '23505', status = 500): Promise<string> {
    const failure = Object.assign(new Error('Key (email)=(canary1@example.org) already exists'), {
      driverError: { code, detail: 'canary2' },
      parameters: ['canary3'],
      query: "INSERT INTO users VALUES ('canary4')",
    });
    const logger = new KeepingLogger();
    const providers = [{ provide: APP_INTERCEPTOR, useValue: leak }];
    const running = await startApp({
      data: 'demo',
      ...(leak && { imports: [{ module: LeakyLog, providers }] }),
      wire: (builder) =>
        builder
          .overrideProvider(People)
          .useValue({ profileOf: () => Promise.reject(failure) })
          .overrideProvider(Appointments)
          .useValue({ find: () => Promise.reject(failure) }),
    });
    onTestFinished(() => Logger.overrideLogger(['error', 'fatal']));
    onTestFinished(() => running.close());
    Logger.overrideLogger(logger);
    const client = await new Client(running.app).as('lena.fischer');
    const url = '/api/appointments/?cursor=canary5';
    const response = await running.app.inject({
      method: 'GET',
      url,
      headers: { authorization: tokenOf(client) },
    });
    expect(response.statusCode).toBe(status);
    expect(found(response.body)).toEqual([]);
    return logger.text;
  }

  test('is logged without the words of the error', async () => {
    const text = await logged();
    expect(text).toContain('Error 23505');
    expect(found(text)).toEqual([]);
  });

  test('of a database that does not answer is not told with its words either', async () => {
    expect(found(await logged(undefined, 'ECONNREFUSED', 503))).toEqual([]);
  });

  test('that somebody logs with addresses and words is found (control)', async () => {
    expect(found(await logged(new LeakyLog('addresses')))).not.toEqual([]);
    expect(found(await logged(new LeakyLog('words')))).not.toEqual([]);
  });
});

test('a mail server that refuses is told of without the letter, its reader and the way to it', async () => {
  const logger = new KeepingLogger();
  const env = { SMTP_URL: 'smtp://canary1:canary2@127.0.0.1:1', MAIL_FROM: 'canary3@example.org' };
  const running = await startApp({ env });
  onTestFinished(() => Logger.overrideLogger(['error', 'fatal']));
  onTestFinished(() => running.close());
  const anyone = new Client(running.app);
  const email = 'canary4@example.org';
  const names = { first_name: 'canary5', last_name: 'canary6', role: 'patient' };
  const opened = await anyone.post('/api/auth/register/', {
    email,
    password: 'a tree in the wind',
    ...names,
  });
  expect(opened.status).toBe(201);
  await anyone.post('/api/auth/password/forgot/', { email });
  Logger.overrideLogger(logger);
  const jobs = running.app.get(JobLoop, { strict: false });
  jobs.start();
  const hasFailed = () => [...jobs.runs].some(({ outcome }) => outcome === 'failed');
  while (!hasFailed()) await sleep(5);
  await jobs.stop();
  expect(logger.text).toContain('mail-password-resets: ');
  expect(found(logger.text)).toEqual([]);
});

function tokenOf(client: Client): string {
  return `Bearer ${(client as unknown as { token: string }).token}`;
}
