import type { FastifyInstance } from 'fastify';
import { METHODS } from '#libs/problems/methods.js';

const MAY_SEND = ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match'];
const MAY_READ = [
  'Allow',
  'Content-Disposition',
  'ETag',
  'Idempotency-Replayed',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
];
/** Seconds for which a browser need not ask again. */
const MAX_AGE = 600;

/**
 * Lets the pages of these origins call the API from browsers; those of others are told nothing. Never with credentials of
 * the browser: tokens are sent by the page.
 */
export function allowOrigins(fastify: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('Vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !origins.includes(origin)) return;
    void reply.header('Access-Control-Allow-Origin', origin);
    void reply.header('Access-Control-Expose-Headers', MAY_READ.join(', '));
    const isPreflight = 'access-control-request-method' in request.headers;
    if (request.method !== 'OPTIONS' || !isPreflight) return;
    await reply
      .header('Access-Control-Allow-Methods', METHODS.join(', '))
      .header('Access-Control-Allow-Headers', MAY_SEND.join(', '))
      .header('Access-Control-Max-Age', String(MAX_AGE))
      .status(204)
      .send();
  });
}
