import { afterEach, describe, expect, inject, test } from 'vitest';
import { TokenBearers } from '../../src/identity/index.js';
import { connectToRedis } from '../../src/operation/shared-counts.js';
import { startApp, type TestApp, type TestAppOptions } from '../support/app.js';
import { Clinic } from '../support/clinic.js';
import { withQuickPasswords } from '../support/quick-passwords.js';

const ENTRANCES = 60;
const READS = 600;
const WRITES = 120;

const open: TestApp[] = [];
afterEach(async () => {
  for (const running of open.splice(0)) await running.close();
});

async function limited(options: TestAppOptions = {}) {
  const env = { RATE_LIMITS: 'on', TRUSTED_PROXY_HOPS: '1', ...options.env };
  const running = await startApp({ wire: withQuickPasswords, ...options, env });
  open.push(running);
  return running;
}

interface Asked {
  method?: 'GET' | 'HEAD' | 'POST' | 'PATCH';
  token?: string;
  from?: string;
  payload?: object;
}

async function ask(
  { app }: TestApp,
  url: string,
  { method = 'GET', token, from = '192.0.2.1', payload }: Asked = {},
) {
  const headers = { 'x-forwarded-for': from, ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, headers: answer.headers, body: answer.body };
}

/** How many of so many get through, and what the last of them is told. */
async function through(running: TestApp, times: number, url: string, asked: Asked = {}) {
  let passed = 0;
  let last = await ask(running, url, asked);
  for (let i = 1; ; i++) {
    if (last.status !== 429) passed++;
    if (i === times) return { passed, last };
    last = await ask(running, url, asked);
  }
}

async function tokenOf(running: TestApp, clinic = new Clinic(running.app)): Promise<string> {
  const { email } = await clinic.user('patient');
  const payload = { email, password: 'a tree in the wind' };
  const { body } = await ask(running, '/api/auth/login/', { method: 'POST', payload, from: '203.0.113.9' });
  return (JSON.parse(body) as { access: string }).access;
}

const LOGIN = { method: 'POST' as const, payload: {} };

describe('in a minute', () => {
  test('a network may enter sixty times, and is told so by a problem and by headers', async () => {
    const running = await limited();
    const first = await ask(running, '/api/auth/login/', LOGIN);
    expect([first.status, first.headers]).toMatchObject([
      400,
      { 'ratelimit-policy': `"entrances";q=60;w=60`, ratelimit: `"entrances";r=59;t=60` },
    ]);
    const { passed, last } = await through(running, ENTRANCES + 5, '/api/auth/login/', LOGIN);
    expect([passed, last.status]).toEqual([ENTRANCES - 1, 429]);
    expect(last.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(JSON.parse(last.body)).toMatchObject({ code: 'too-many-requests', status: 429 });
    const wait = Number(last.headers['retry-after']);
    expect(wait).toBeGreaterThan(50);
    expect(last.headers['ratelimit']).toBe(`"entrances";r=0;t=${wait}`);

    // Another spelling or door is the same, another network or a read is not.
    const doors = ['/%61pi/auth/login', '/api/auth/register/', '/api/auth/login?x=1'];
    for (const url of doors) expect([url, (await ask(running, url, LOGIN)).status]).toEqual([url, 429]);
    expect((await ask(running, '/api/auth/login/', { ...LOGIN, from: '192.0.2.200' })).status).toBe(429);
    expect((await ask(running, '/api/auth/login/', { ...LOGIN, from: '192.0.3.1' })).status).toBe(400);
    expect((await ask(running, '/api/doctors/')).status).toBe(401);
  });

  test('a user may write and read so much, from wherever, and others as much again', async () => {
    const running = await limited();
    const clinic = new Clinic(running.app);
    const [ada, ben] = [await tokenOf(running, clinic), await tokenOf(running, clinic)];
    const change = { method: 'PATCH' as const, payload: { gender: 'other' } };
    const writes = await through(running, WRITES + 1, '/api/auth/me/', { ...change, token: ada });
    expect(writes).toMatchObject({ passed: WRITES, last: { status: 429 } });
    expect(
      (await ask(running, '/api/auth/me/', { ...change, token: ada, from: '198.51.100.1' })).status,
    ).toBe(429);
    expect((await ask(running, '/api/auth/me/', { ...change, token: ben })).status).toBe(200);
    const reads = await through(running, READS + 1, '/api/auth/me/', { token: ada });
    expect(reads).toMatchObject({ passed: READS, last: { status: 429 } });
    expect((await ask(running, '/api/auth/me/', { method: 'HEAD', token: ada })).status).toBe(429);
    expect((await ask(running, '/api/auth/me/', { token: ben })).status).toBe(200);
  });

  test('a token that is not ours counts for its network: nobody can use up what is another’s', async () => {
    const running = await limited();
    const token = await tokenOf(running);
    const [head, claims] = token.split('.');
    const forged = `${head}.${claims}.${'A'.repeat(43)}`;
    const before = (await ask(running, '/api/auth/me/', { token })).headers['ratelimit'];
    expect(before).toBe('"reads";r=599;t=60');
    const answer = await ask(running, '/api/auth/me/', { token: forged });
    expect([answer.status, answer.headers['ratelimit-policy']]).toEqual([401, '"reads";q=1200;w=60']);
    expect((await ask(running, '/api/auth/me/', { token })).headers['ratelimit']).toMatch(/^"reads";r=598;/);
  });

  test('health and figures are always told', async () => {
    const running = await limited();
    for (const url of ['/health/live/', '/health/ready/', '/metrics']) {
      const { passed, last } = await through(running, 20, url);
      expect([passed, last.headers['ratelimit']]).toEqual([20, undefined]);
    }
  });

  test('as much as anybody likes passes where limits are off (control)', async () => {
    const running = await limited({ env: { RATE_LIMITS: 'off', TRUSTED_PROXY_HOPS: '1' } });
    const { passed, last } = await through(running, ENTRANCES + 20, '/api/auth/login/', LOGIN);
    expect([passed, last.headers['ratelimit']]).toEqual([ENTRANCES + 20, undefined]);
  });
});

describe('whose a token is', () => {
  test('is known for ours only, while it lives', async () => {
    const running = await limited();
    const token = await tokenOf(running);
    const bearers = running.app.get(TokenBearers, { strict: false });
    const [head, claims, signature] = token.split('.') as [string, string, string];
    const { sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string };
    expect(bearers.userOf(`Bearer ${token}`)).toBe(sub);
    const other = Buffer.from(JSON.stringify({ sub: 'x', exp: 9e9 })).toString('base64url');
    for (const wrong of [
      undefined,
      '',
      token,
      'Bearer',
      `Basic ${token}`,
      `Bearer ${token}x`,
      `Bearer ${head}.${other}.${signature}`,
      `Bearer ${head}.${claims}.`,
      `Bearer ${head}.${claims}`,
      `Bearer a.b.c`,
    ])
      expect([wrong, bearers.userOf(wrong)]).toEqual([wrong, undefined]);
  });
});

const redis = inject('redisServer');

/** That no other run has used in this minute. */
const ownNetwork = () => {
  const byte = () => Math.floor(Math.random() * 256);
  return `10.${byte()}.${byte()}.1`;
};

describe.skipIf(redis === null)('in Redis', () => {
  test('all nodes count together', async () => {
    const env = { REDIS_URL: redis!, RATE_LIMITS: 'on', TRUSTED_PROXY_HOPS: '1' };
    const nodes = [await limited({ env }), await limited({ env })];
    const asked = { ...LOGIN, from: ownNetwork() };
    await expect.poll(async () => (await ask(nodes[0]!, '/', asked)).headers['ratelimit']).toBeTruthy();
    await expect.poll(async () => (await ask(nodes[1]!, '/', asked)).headers['ratelimit']).toBeTruthy();
    let passed = 0;
    for (let i = 0; i < ENTRANCES + 20; i++) {
      const { status } = await ask(nodes[i % 2]!, '/api/auth/login/', asked);
      if (status !== 429) passed++;
    }
    expect(passed).toBe(ENTRANCES);
  });

  test('without it each counts its own (control)', async () => {
    const nodes = [await limited(), await limited()];
    let passed = 0;
    for (let i = 0; i < 2 * ENTRANCES; i++) {
      const { status } = await ask(nodes[i % 2]!, '/api/auth/login/', LOGIN);
      if (status !== 429) passed++;
    }
    expect(passed).toBe(2 * ENTRANCES);
  });
});

describe('a Redis that does not answer', () => {
  test('lets requests pass at once', async () => {
    const env = { REDIS_URL: 'redis://127.0.0.1:1', RATE_LIMITS: 'on' };
    const running = await limited({ env });
    const began = performance.now();
    const { passed, last } = await through(running, ENTRANCES + 20, '/api/auth/login/', LOGIN);
    expect([passed, last.headers['ratelimit']]).toEqual([ENTRANCES + 20, undefined]);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test('is told once', async () => {
    const warnings: string[] = [];
    const redis = connectToRedis('redis://127.0.0.1:1', { warn: (line: string) => warnings.push(line) });
    for (let i = 0; i < 5; i++) await redis.get('x').catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 2300));
    redis.disconnect();
    expect(warnings).toEqual(['REDIS_URL does not answer: requests are not limited meanwhile.']);
  });
});
