import rateLimit from '@fastify/rate-limit';
import type { OnModuleDestroy } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import { networkOf } from '#libs/nest/network.js';
import type { TokenBearers } from '../identity/index.js';
import { TooManyRequests } from './errors.js';
import { ALWAYS_SERVED } from './load-shedding.js';

/** Seconds. */
const WINDOW = 60;

/** Of one user, and of one network whose requests carry no token of ours, in a window. */
interface Limit {
  name: string;
  user: number;
  network: number;
}

/** Where accounts are entered without a token: each try costs a hash, or a letter to somebody. */
const ENTRANCES: Limit = { name: 'entrances', user: 60, network: 60 };
const READS: Limit = { name: 'reads', user: 600, network: 1200 };
/** Each reads all that is held about somebody. */
const EXPORTS: Limit = { name: 'exports', user: 5, network: 60 };
const WRITES: Limit = { name: 'writes', user: 120, network: 600 };

const AT_ENTRANCES = [
  '/api/auth/register',
  '/api/auth/login',
  '/api/auth/password/forgot',
  '/api/auth/password/reset',
  '/api/auth/email/verify',
];

const EXPORT = '/api/auth/me/export';

const USER = ':user:';

/** Networks and users that one node remembers; beyond them those longest not seen begin anew. */
const REMEMBERED = 20_000;

/**
 * How much one user, or one network, may ask in a minute: far more than people do. Counted in the memory of the node, or in
 * Redis for all nodes together; where that does not answer, requests pass.
 */
export class RequestLimits implements OnModuleDestroy {
  constructor(
    private readonly bearers: TokenBearers,
    private readonly redis: Redis | undefined,
  ) {}

  onModuleDestroy(): void {
    this.redis?.disconnect();
  }

  async guard(fastify: FastifyInstance): Promise<void> {
    await fastify.register(rateLimit, {
      global: false,
      cache: REMEMBERED,
      nameSpace: 'cybermed:',
      skipOnError: true,
      ...(this.redis !== undefined && { redis: this.redis }),
    });
    const take = new Map(
      [ENTRANCES, READS, EXPORTS, WRITES].map((limit) => [
        limit,
        fastify.createRateLimit({
          timeWindow: WINDOW * 1000,
          max: (_request, key) => (key.includes(USER) ? limit.user : limit.network),
          // Redis has one name for all of them.
          keyGenerator: (request) => limit.name + this.#whoOf(request),
        }),
      ]),
    );
    fastify.addHook('onRequest', async (request, reply) => {
      if (ALWAYS_SERVED.test(request.url)) return;
      const limit = limitOf(request);
      const taken = await take.get(limit)!(request);
      if (taken.isAllowed || taken.ttl <= 0) return;
      tell(reply, limit, taken);
      if (taken.isExceeded) throw new TooManyRequests(taken.ttlInSeconds);
    });
  }

  #whoOf({ headers, ip }: FastifyRequest): string {
    const user = this.bearers.userOf(headers.authorization);
    return user === undefined ? `:network:${networkOf(ip) ?? 'elsewhere'}` : USER + user;
  }
}

function limitOf({ method, routeOptions }: FastifyRequest): Limit {
  const route = routeOptions.url?.replace(/\/$/, '') ?? '';
  if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return route === EXPORT ? EXPORTS : READS;
  return AT_ENTRANCES.includes(route) ? ENTRANCES : WRITES;
}

/** Structured fields of draft-ietf-httpapi-ratelimit-headers. */
function tell(
  reply: FastifyReply,
  { name }: Limit,
  { max, remaining, ttlInSeconds }: { max: number; remaining: number; ttlInSeconds: number },
): void {
  void reply.header('RateLimit-Policy', `"${name}";q=${max};w=${WINDOW}`);
  void reply.header('RateLimit', `"${name}";r=${remaining};t=${ttlInSeconds}`);
}
