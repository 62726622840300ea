import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiOf } from '../../src/app.openapi.js';
import { startApp, type TestApp } from '../support/app.js';
import type { Client, Request } from '../support/client.js';
import { Clinic } from '../support/clinic.js';

const OURS = 'https://clinic.example';
const ALSO_OURS = 'http://localhost:5173';

const corsHeaders = (headers: Record<string, unknown>) =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

async function sent(running: TestApp, origin: string | undefined, request: Partial<Request> = {}) {
  const headers = { ...(origin !== undefined && { origin }), ...request.headers };
  const response = await running.app.inject({ method: 'GET', url: '/api/auth/me/', ...request, headers });
  return { status: response.statusCode, headers: response.headers, text: response.body };
}

/** Of all answers that the document describes. */
function headerNamesIn(described: unknown): string[] {
  if (typeof described !== 'object' || described === null) return [];
  const { headers = {} } = described as { headers?: object };
  return [...Object.keys(headers), ...Object.values(described).flatMap(headerNamesIn)];
}

const preflight = (running: TestApp, origin: string) =>
  sent(running, origin, {
    method: 'OPTIONS',
    headers: {
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization,content-type',
    },
  });

describe('pages of other origins', () => {
  let listing: TestApp;
  let silent: TestApp;
  beforeAll(async () => {
    listing = await startApp({ env: { CORS_ORIGINS: `${OURS}, ${ALSO_OURS}` } });
    silent = await startApp();
  });
  afterAll(async () => {
    await listing.close();
    await silent.close();
  });

  test.each([OURS, ALSO_OURS])('that are listed may call, and read what helps them: %s', async (origin) => {
    const asked = await preflight(listing, origin);
    expect([asked.status, asked.text]).toEqual([204, '']);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
      'access-control-allow-headers': 'Authorization, Content-Type, Idempotency-Key, If-Match',
      'access-control-max-age': '600',
      vary: 'Origin',
    });
    const { status, headers } = await sent(listing, origin);
    expect([status, headers['access-control-allow-origin'], headers['vary']]).toEqual([
      401,
      origin,
      'Origin',
    ]);
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });

  test.each([
    'https://evil.example',
    'http://clinic.example',
    'https://clinic.example:8443',
    'https://clinic.example.evil.example',
    'https://evilclinic.example',
    'https://CLINIC.example',
    'https://clinic.example/',
    `${OURS}, https://evil.example`,
    'null',
    '',
    '*',
  ])('that are not listed are told nothing: %j', async (origin) => {
    for (const answer of [await sent(listing, origin), await preflight(listing, origin)]) {
      expect(corsHeaders(answer.headers)).toEqual([]);
      // A cache must not hand one origin's answer to another.
      expect(answer.headers['vary']).toBe('Origin');
    }
    expect((await preflight(listing, origin)).status).toBe(405);
  });

  test('are told nothing where none is listed', async () => {
    for (const answer of [await sent(silent, OURS), await preflight(silent, OURS)]) {
      expect(corsHeaders(answer.headers)).toEqual([]);
      expect(answer.headers['vary']).toBeUndefined();
    }
  });

  test('can read every header that an answer says something by', async () => {
    const { headers } = await sent(listing, OURS);
    const exposed = String(headers['access-control-expose-headers']).split(', ');
    const documented = headerNamesIn(openApiOf(listing.app));
    expect(documented).toContain('ETag');
    const ofRefusals = ['Allow', 'RateLimit', 'RateLimit-Policy', 'Retry-After', 'WWW-Authenticate'];
    for (const name of [...documented, ...ofRefusals, 'Idempotency-Replayed', 'X-Request-Id'])
      expect(exposed).toContain(name);
  });

  test('can read every refusal', async () => {
    for (const request of [
      { url: '/nothing/' },
      { method: 'TRACE' as const },
      {
        method: 'POST' as const,
        url: '/api/auth/login/',
        payload: 'x',
        headers: { 'content-type': 'text/plain' },
      },
    ]) {
      const { status, headers } = await sent(listing, OURS, request);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(headers['access-control-allow-origin']).toBe(OURS);
    }
  });

  test('an OPTIONS that is no preflight is a method that no path has', async () => {
    expect((await sent(listing, OURS, { method: 'OPTIONS' })).status).toBe(405);
    expect((await sent(listing, undefined, { method: 'OPTIONS' })).status).toBe(405);
  });
});

describe('answers to browsers', () => {
  let running: TestApp;
  let anyone: Client;
  beforeAll(async () => {
    running = await startApp();
    anyone = new Clinic(running.app).anyone;
  });
  afterAll(() => running.close());

  const policyOf = async (url: string) =>
    Object.fromEntries(
      String((await anyone.get(url)).headers['content-security-policy'])
        .split(';')
        .map((directive) => directive.trim().split(/ (.*)/s))
        .map(([name, value]) => [name!, value!]),
    );

  test('carry headers against sniffing, framing and telling where one comes from', async () => {
    for (const url of [
      '/',
      '/health/live/',
      '/api/auth/me/',
      '/api/docs/',
      '/problems/not-found',
      '/nothing',
    ]) {
      const { headers } = await anyone.get(url);
      expect([url, headers]).toMatchObject([
        url,
        {
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-resource-policy': 'same-origin',
        },
      ]);
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers['server']).toBeUndefined();
    }
  });

  test('may run nothing and load nothing, but for the documentation’s own', async () => {
    for (const url of ['/', '/health/live/', '/api/auth/me/', '/problems/not-found', '/nothing']) {
      expect([url, await policyOf(url)]).toEqual([
        url,
        {
          'default-src': `'none'`,
          'base-uri': `'none'`,
          'form-action': `'none'`,
          'frame-ancestors': `'none'`,
          'img-src': 'data:',
          'style-src': expect.stringMatching(/^'sha256-[\w+/]{43}='$/),
        },
      ]);
    }
    for (const url of ['/api/docs/', '/api/docs', '/api/docs/swagger-ui-bundle.js']) {
      expect([url, await policyOf(url)]).toMatchObject([
        url,
        {
          'default-src': `'none'`,
          'script-src': `'self'`,
          'connect-src': `'self'`,
          'frame-ancestors': `'none'`,
        },
      ]);
    }
  });

  test('know the style of our pages', async () => {
    const { createHash } = await import('node:crypto');
    const { body, headers } = await anyone.get('/');
    const [, style] = /<style>(.*)<\/style>/s.exec(String(body))!;
    const hash = createHash('sha256').update(style!).digest('base64');
    expect(headers['content-security-policy']).toContain(`'sha256-${hash}'`);
  });
});

describe('the documentation and the figures', () => {
  const SECRET = 'c2VjcmV0IG9mIHRoZSBwcm9kdWN0aW9uIHRlc3Rz';
  const found = async (env: NodeJS.ProcessEnv) => {
    const running = await startApp({ env });
    const { anyone } = new Clinic(running.app);
    const statuses = [];
    for (const url of ['/api/docs/', '/api/openapi.json', '/metrics'])
      statuses.push((await anyone.get(url)).status);
    await running.close();
    return statuses;
  };
  const production = { NODE_ENV: 'production', JWT_SECRET: SECRET };

  test('are not there in production, unless asked for', async () => {
    expect(await found(production)).toEqual([404, 404, 404]);
    expect(await found({ ...production, DOCS: 'on', METRICS: 'on' })).toEqual([200, 200, 200]);
    expect(await found({})).toEqual([200, 200, 200]);
  });
});
