import { Controller, Get, Module, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { expect, test } from 'vitest';
import { Public } from '../../src/identity/index.js';
import { startApp } from '../support/app.js';

@Controller('who')
@Public()
class Who {
  @Get()
  read(@Req() { ip }: FastifyRequest) {
    return { ip };
  }
}

@Module({})
class Extra {}

/** Whom the server takes a request to be from, which the last proxy sent on with this header. */
async function seenFrom(hops: string | undefined, forwarded: string | undefined): Promise<string> {
  const running = await startApp({
    env: { TRUSTED_PROXY_HOPS: hops },
    imports: [{ module: Extra, controllers: [Who] }],
  });
  const answer = await running.app.inject({
    url: '/who/',
    remoteAddress: '192.0.2.1',
    headers: { ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }) },
  });
  await running.close();
  return answer.json<{ ip: string }>().ip;
}

const FORGED = '203.0.113.66';
const CLIENT = '198.51.100.7';
const OUTER_PROXY = '192.0.2.2';

test.each<[string | undefined, string | undefined, string]>([
  [undefined, undefined, '192.0.2.1'],
  [undefined, FORGED, '192.0.2.1'],
  ['0', `${FORGED}, ${CLIENT}`, '192.0.2.1'],
  ['1', undefined, '192.0.2.1'],
  ['1', CLIENT, CLIENT],
  ['1', `${FORGED}, ${CLIENT}`, CLIENT],
  ['1', `${FORGED}, ${FORGED}, ${CLIENT}`, CLIENT],
  ['2', `${CLIENT}, ${OUTER_PROXY}`, CLIENT],
  ['2', `${FORGED}, ${CLIENT}, ${OUTER_PROXY}`, CLIENT],
])('with %s proxies in front, %j was said on behalf of %s', async (hops, forwarded, client) => {
  expect(await seenFrom(hops, forwarded)).toBe(client);
});

test('with more hops trusted than there are proxies, a client names itself (control)', async () => {
  expect(await seenFrom('2', `${FORGED}, ${CLIENT}`)).toBe(FORGED);
});
