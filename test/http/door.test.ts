import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HTTP_LIMITS, type HttpLimits } from '#libs/nest/http-door.js';
import { Overloaded } from '#libs/kernel/errors.js';
import { LoadShedding } from '../../src/operation/index.js';
import { startApp, type TestApp, type TestAppOptions } from '../support/app.js';
import { Clinic, PASSWORD, type Member } from '../support/clinic.js';
import { at, operationsIn } from '../support/operations.js';
import { portOf, requestOf, say, type Heard } from '../support/raw.js';

/** The product's, a hundred times as impatient. */
const QUICK: HttpLimits = {
  ...HTTP_LIMITS,
  headersTimeout: 300,
  requestTimeout: 600,
  handlerTimeout: 2000,
  checkEvery: 50,
};
/** Fastify's own: it waits for ever. */
const PATIENT: HttpLimits = { ...QUICK, headersTimeout: 0, requestTimeout: 0, handlerTimeout: 60_000 };

const LATER = 900;

async function withApp(options: TestAppOptions, work: (port: number, running: TestApp) => Promise<void>) {
  const running = await startApp(options);
  try {
    await work(await portOf(running), running);
  } finally {
    running.app.getHttpAdapter().getInstance().server.closeAllConnections();
    await running.close();
  }
}

function expectProblem({ text, statuses, body, closed }: Heard, status: number, code: string): void {
  expect([statuses, body?.code, body?.status], text.slice(0, 300)).toEqual([[status], code, status]);
  expect(closed).toBe(true);
  expect(text.toLowerCase()).toContain('content-type: application/problem+json; charset=utf-8\r\n');
  expect(text.toLowerCase()).toContain(`x-request-id: ${body.request_id}`);
  expect(text).not.toMatch(/HPE_|ERR_HTTP|node:|stack/);
}

describe('a client that is slow', () => {
  const drip = (text: string, pause: number) => Array.from(text).flatMap((character) => [character, pause]);
  const SLOW: [string, (string | number)[]][] = [
    ['says nothing', []],
    ['never ends its first line', ['GET /health/live']],
    ['sends its head byte by byte', drip(requestOf('GET /health/live/', ['X-Slow: '.padEnd(60, 'x')]), 40)],
    [
      'sends its body byte by byte',
      [
        requestOf('POST /api/auth/login/', ['Content-Type: application/json', 'Content-Length: 5000']),
        ...drip('{"email": "someone@example.org", "password": "', 40),
      ],
    ],
    [
      'sends its body in chunks without end',
      [
        requestOf('POST /api/auth/login/', ['Content-Type: application/json', 'Transfer-Encoding: chunked']),
        ...Array.from({ length: 40 }, () => ['1\r\n{\r\n', 40]).flat(),
      ],
    ],
    ['stops in the midst of its second request', [requestOf('GET /health/live/'), 'GET /health/live/ HT']],
  ];

  test.each(SLOW)('and %s is told so in bounded time, and its connection is closed', async (_, parts) => {
    await withApp({ limits: QUICK }, async (port) => {
      const heard = await say(port, parts);
      const answers = heard.statuses.slice(0, -1);
      expect(answers.every((status) => status === 200)).toBe(true);
      expectProblem({ ...heard, statuses: heard.statuses.slice(-1) }, 408, 'request-timeout');
      expect(heard.milliseconds).toBeLessThan(QUICK.requestTimeout + 600);
    });
  });

  test.each(SLOW.slice(0, 4))('and %s keeps it where nothing is limited (control)', async (_, parts) => {
    await withApp({ limits: PATIENT }, async (port) => {
      const { statuses, closed } = await say(port, parts, QUICK.requestTimeout + LATER);
      expect([statuses, closed]).toEqual([[], false]);
    });
  });

  /** Twice as many as are served at once, none of which ever sends its body. */
  async function besideSlowBodies(options: TestAppOptions): Promise<number> {
    let status = 0;
    const env = { MAX_CONCURRENT_REQUESTS: '3' };
    await withApp({ limits: PATIENT, env, ...options }, async (port) => {
      const headers = ['Content-Type: application/json', 'Content-Length: 50'];
      const slow = Array.from({ length: 6 }, () =>
        say(port, [requestOf('POST /api/auth/login/', headers)], 1000),
      );
      await new Promise((resolve) => setTimeout(resolve, 300));
      status = (await fetch(`http://127.0.0.1:${port}/`)).status;
      await Promise.all(slow);
    });
    return status;
  }

  test('takes no place of those who are served', async () => {
    expect(await besideSlowBodies({})).toBe(200);
  });

  test('takes one where requests count from their head on (control)', async () => {
    const most = 3;
    let inFlight = 0;
    const guard = (fastify: FastifyInstance) =>
      fastify.addHook('onRequest', async (_request, reply) => {
        if (inFlight >= most) throw new Overloaded();
        inFlight++;
        reply.raw.once('close', () => inFlight--);
      });
    const early = { inFlight: 0, guard };
    expect(
      await besideSlowBodies({ wire: (builder) => builder.overrideProvider(LoadShedding).useValue(early) }),
    ).toBe(503);
  });
});

describe('at the door', () => {
  let running: TestApp;
  let port: number;
  let patient: Member;
  let doctor: Member;

  beforeAll(async () => {
    running = await startApp({ limits: { ...QUICK, headersTimeout: 2000, requestTimeout: 3000 } });
    const clinic = new Clinic(running.app);
    patient = await clinic.patient();
    doctor = await clinic.doctor();
    port = await portOf(running);
  });
  afterAll(async () => {
    running.app.getHttpAdapter().getInstance().server.closeAllConnections();
    await running.close();
  });

  describe('a head', () => {
    test('of 16 KiB is too large', async () => {
      const headers = ['Connection: close', `X-Large: ${'x'.repeat(16_384)}`];
      expectProblem(await say(port, [requestOf('GET /health/live/', headers)]), 431, 'headers-too-large');
      const many = Array.from({ length: 3000 }, (_, i) => `X-${i}: 1`);
      expectProblem(await say(port, [requestOf('GET /health/live/', many)]), 431, 'headers-too-large');
      const line = `GET /health/live/?${'x'.repeat(17_000)}`;
      expectProblem(await say(port, [requestOf(line)]), 431, 'headers-too-large');
    });

    test('that just fits is read', async () => {
      const headers = ['Connection: close', `X-Large: ${'x'.repeat(15_000)}`];
      expect((await say(port, [requestOf('GET /health/live/', headers)])).statuses).toEqual([200]);
    });

    test('without a Host is refused, but for HTTP/1.0, which knows none', async () => {
      const bare = await say(port, ['GET /health/live/ HTTP/1.1\r\nConnection: close\r\n\r\n']);
      expect([bare.statuses, bare.body.errors[0].pointer]).toEqual([[400], 'Host']);
      const old = await say(port, ['GET /health/live/ HTTP/1.0\r\n\r\n']);
      expect(old.statuses).toEqual([200]);
    });

    test('with an expectation of any kind is served', async () => {
      for (const expected of ['100-continue', 'a-miracle']) {
        const headers = [`Expect: ${expected}`, 'Connection: close'];
        const { statuses } = await say(port, [requestOf('GET /health/live/', headers)]);
        expect(statuses.at(-1)).toBe(200);
      }
    });

    test('with two tokens is no one’s', async () => {
      const { body } = await new Clinic(running.app).anyone.post('/api/auth/login/', {
        email: patient.email,
        password: PASSWORD,
      });
      const bearer = `Authorization: Bearer ${body.access}`;
      const get = (...headers: string[]) =>
        say(port, [requestOf('GET /api/auth/me/', [...headers, 'Connection: close'])]);
      expect((await get(bearer)).statuses).toEqual([200]);
      expect((await get(bearer, 'Authorization: Bearer x')).statuses).toEqual([401]);
      expect((await get('Authorization: Bearer x', bearer)).statuses).toEqual([401]);
    });
  });

  const CLIENT_HELLO = Buffer.from('16030100c8010000c40303', 'hex');
  test.each<[string, string | Buffer]>([
    ['TLS', Buffer.concat([CLIENT_HELLO, Buffer.alloc(200, 7)])],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a mail', 'EHLO localhost\r\n'],
    ['no method', '/health/live/ HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a method that is none', requestOf('FETCH /health/live/')],
    ['a method in lower case', requestOf('get /health/live/')],
    ['no path', 'GET HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['no version', 'GET /health/live/\r\nHost: x\r\n\r\n'],
    ['a version that is none', 'GET /health/live/ HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['a NUL in its path', 'GET /health/\0live/ HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a header without a colon', requestOf('GET /health/live/', ['nothing'])],
    ['a header without a name', requestOf('GET /health/live/', [': x'])],
    ['a space before the colon', requestOf('GET /health/live/', ['X-Odd : x'])],
    ['a NUL in a header', requestOf('GET /health/live/', ['X-Odd: \0'])],
    ['a header over two lines', requestOf('GET /health/live/', ['X-Odd: a', ' b'])],
  ])('bytes that are no request, with %s, are 400 and the end', async (_, bytes) => {
    expectProblem(await say(port, [bytes]), 400, 'invalid-request');
  });

  const SMUGGLED = requestOf('GET /health/live/', ['X: ']);
  const post =
    (...headers: string[]) =>
    (body: string) =>
      requestOf('POST /api/auth/login/', ['Content-Type: application/json', ...headers], body);
  const length = SMUGGLED.length;

  test.each<[string, (body: string) => string]>([
    ['a length and chunks', post(`Content-Length: ${length + 5}`, 'Transfer-Encoding: chunked')],
    ['chunks and a length', post('Transfer-Encoding: chunked', `Content-Length: ${length + 5}`)],
    ['two lengths', post('Content-Length: 5', `Content-Length: ${length}`)],
    ['one length twice', post(`Content-Length: ${length}`, `Content-Length: ${length}`)],
    ['two lengths in one', post(`Content-Length: 5, ${length}`)],
    ['a length with a sign', post(`Content-Length: +${length}`)],
    ['a negative length', post('Content-Length: -1')],
    ['a length in hexadecimal', post('Content-Length: 0x10')],
    ['a length without end', post('Content-Length: 99999999999999999999')],
    ['an encoding that is none', post('Transfer-Encoding: xchunked')],
    ['chunks that are not last', post('Transfer-Encoding: chunked, identity')],
    ['chunks in odd letters', post('Transfer-Encoding: \x0bchunked')],
    ['chunks by another name', post('Transfer-Encoding: chunked', 'Transfer-Encoding: x')],
    ['a space in the name', post('Transfer-Encoding : chunked')],
    ['an encoding over two lines', post('Transfer-Encoding:\r\n chunked')],
    ['a chunk of no size', (body) => post('Transfer-Encoding: chunked')(`zz\r\n${body}`)],
    ['a chunk of a negative size', (body) => post('Transfer-Encoding: chunked')(`-1\r\n${body}`)],
    [
      'a chunk longer than it says',
      (body) => post('Transfer-Encoding: chunked')(`1\r\nab\r\n0\r\n\r\n${body}`),
    ],
    [
      'a chunk of an endless size',
      (body) => post('Transfer-Encoding: chunked')(`${'f'.repeat(20)}\r\n${body}`),
    ],
    ['bare line feeds', (body) => post('Transfer-Encoding: chunked')(`0\n\n${body}`)],
  ])(
    'a request whose end two servers may see in different places, by %s, has no second',
    async (_, request) => {
      const heard = await say(port, [request(`0\r\n\r\n${SMUGGLED}`)]);
      expect(heard.statuses, heard.text).toHaveLength(1);
      expect(heard.statuses[0]).toBeGreaterThanOrEqual(400);
      expect(heard.statuses[0]).toBeLessThan(500);
      expect(heard.closed).toBe(true);
      expect(heard.text).not.toContain('"status":"ok"');
    },
  );

  test('two requests on one connection are two, where each has one end (control)', async () => {
    const body = '{}';
    const heard = await say(port, [
      post(`Content-Length: ${body.length}`)(body),
      requestOf('GET /health/live/', ['Connection: close']),
    ]);
    expect(heard.statuses).toEqual([400, 200]);
  });

  describe('a method', () => {
    test.each(['TRACE', 'PROPFIND', 'MKCOL', 'PURGE', 'LINK', 'SEARCH', 'QUERY'])(
      'that no route has is refused on every path: %s',
      async (method) => {
        for (const path of ['/', '/api/auth/me/', '/api/nothing/', '/health/live/']) {
          const headers = ['X-Secret: hush', 'Connection: close'];
          const heard = await say(port, [requestOf(`${method} ${path}`, headers)]);
          // Node 20 does not know all of these, and takes them for no request at all.
          const known = heard.statuses[0] === 405;
          expectProblem(heard, known ? 405 : 400, known ? 'method-not-allowed' : 'invalid-request');
          if (known) expect(heard.text).toMatch(/allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n/i);
          expect(heard.text).not.toContain('hush');
        }
      },
    );

    test('CONNECT opens no tunnel', async () => {
      const bytes = ['CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n', 50, requestOf('GET /health/live/')];
      expectProblem(await say(port, bytes), 405, 'method-not-allowed');
    });

    test('HEAD is guarded as GET is, and has no body', async () => {
      const clients = [new Clinic(running.app).anyone, patient.client, doctor.client];
      const reads = operationsIn(running.app).filter(({ method }) => method === 'GET');
      expect(reads.length).toBeGreaterThan(15);
      for (const { path } of reads) {
        for (const client of clients) {
          const [got, head] = [
            await client.get(at(path)),
            await client.send({ method: 'HEAD', url: at(path) }),
          ];
          expect([path, head.status]).toEqual([path, got.status]);
          expect(head.body ?? '').toBe('');
          // How a body comes is nothing that an answer without one can tell (RFC 9110, section 9.3.2).
          const { 'transfer-encoding': _, ...headers } = got.headers;
          expect(Object.keys(head.headers).toSorted()).toEqual(Object.keys(headers).toSorted());
        }
      }
    });
  });

  test('another spelling of an address never leads past the guard', async () => {
    const spelled = (path: string): string[] => {
      const [, first, ...rest] = path.split('/');
      const tail = rest.join('/');
      return [
        path.replace('a', '%61'),
        path.replace('api', '%61%70%69'),
        path.replace('a', '%2561'),
        path.toUpperCase(),
        path.replace('api', 'Api'),
        `/${path}`,
        `//${first}//${tail}`,
        path.replaceAll('/', '//'),
        `/api/..${path}`,
        `/health/live/..${path}`,
        `/health/../${path}`,
        `/api/docs/..${path}`,
        `/api/docs/%2e%2e/%2e%2e${path}`,
        `/.${path}`,
        `/api/./${tail}`,
        path.replace('/api/', '/api%2f'),
        path.replace('/api/', '/api%5c'),
        path.replace('/api/', '\\api\\'),
        path.replace(/\/$/, '%2f'),
        path.replace(/\/$/, ';/'),
        path.replace(/\/$/, '/;a=b'),
        path.replace(/\/$/, '/.'),
        path.replace(/\/$/, '.json'),
        path.replace(/\/$/, '%00'),
        path.replace(/\/$/, '%20/'),
        path.replace(/\/$/, '?/health/live/'),
        path.replace(/\/$/, '#/health/live/'),
        `http://localhost${path}`,
        `http://localhost/health/live/..${path}`,
        `https://localhost:99/health/live/@x${path}`,
        `*${path}`,
        path.slice(1),
      ];
    };
    const guarded = operationsIn(running.app).filter(({ roles }) => roles !== undefined);
    const told = new Map<number, number>();
    for (const [i, { method, path }] of guarded.entries()) {
      // Each address in some of its spellings, and each spelling of some addresses.
      const urls = spelled(at(path)).filter((_, n) => n % 4 === i % 4);
      const requests = urls.map((url) => requestOf(`${method} ${url}`, ['Connection: close']));
      for (const { statuses, text } of await Promise.all(requests.map((request) => say(port, [request])))) {
        const [status = 0] = statuses;
        told.set(status, (told.get(status) ?? 0) + 1);
        // Never 200, nor the 403 or 409 of one who is known.
        expect([400, 401, 404, 405], `${method} ${path}: ${text.slice(0, 200)}`).toContain(status);
      }
    }
    // Some of these do lead there, and are guarded there.
    expect(told.get(401)).toBeGreaterThan(guarded.length);
    expect(told.get(404)).toBeGreaterThan(guarded.length);
  });
});

describe('an answer that the server does not find in time', () => {
  test('is 503, and says that nothing is known', async () => {
    class Stuck extends LoadShedding {
      override guard(fastify: FastifyInstance): void {
        fastify.addHook('preHandler', () => new Promise(() => {}));
      }
    }
    const stuck = new Stuck(1);
    const wire: TestAppOptions['wire'] = (builder) => builder.overrideProvider(LoadShedding).useValue(stuck);
    await withApp({ limits: { ...QUICK, handlerTimeout: 200 }, wire }, async (port) => {
      const response = await fetch(`http://127.0.0.1:${port}/health/live/`);
      const body = (await response.json()) as { code: string; detail: string };
      expect([response.status, response.headers.get('retry-after'), body.code]).toEqual([
        503,
        '1',
        'overloaded',
      ]);
      expect(body.detail).toContain('is not known');
    });
  });
});
