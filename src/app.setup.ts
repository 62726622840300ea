import { ConsoleLogger, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { v7 } from 'uuid';
import { allowOrigins } from '#libs/nest/cors.js';
import { setDefaultPhoneRegion } from '#libs/nest/fields.js';
import { doorOptions, guardDoor, HTTP_LIMITS } from '#libs/nest/http-door.js';
import { acceptFiles } from '#libs/nest/file-upload.js';
import { parseJsonBodies } from '#libs/nest/json-body.js';
import { RequestLog } from '#libs/nest/request-log.js';
import { knowOrigins } from '#libs/nest/request-origin.js';
import { secureHeaders } from '#libs/nest/security-headers.js';
import { sendProblem } from '#libs/problems/problem.filter.js';
import { AppModule } from './app.module.js';
import { openApiOf, withCurrentExamples } from './app.openapi.js';
import type { Config } from './config.js';
import { LoadShedding, Metrics, Readiness, RequestLimits } from './operation/index.js';

const MAX_BODY = 64 * 1024;
const DOCS = '/api/docs';

/** The HTTP server under Nest: routes, limits, request ids, and problems for what never reaches a controller. */
export function httpAdapter(config: Config, limits = HTTP_LIMITS): FastifyAdapter {
  const log = new Logger('Http');
  return new FastifyAdapter({
    ...doorOptions(limits, config.trustedProxyHops),
    // Node refuses longer heads, so that no id is too long to be answered `404`.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 16_384 },
    bodyLimit: MAX_BODY,
    genReqId: () => v7(),
    logger:
      config.logLevel === 'silent' ? false : { level: config.logLevel, serializers: { err: nameOfError } },
    logController: new RequestLog(),
    // What comes over a connection that is still open is served; its answer closes the connection.
    return503OnClosing: false,
    frameworkErrors: (error: Error, request: unknown, reply: unknown) =>
      sendProblem(error, request as FastifyRequest, reply as FastifyReply, log),
  });
}

export async function createApp(config: Config): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(config), httpAdapter(config), {
    logger: new ConsoleLogger({ logLevels: ['warn', 'error', 'fatal'], json: config.production }),
    bodyParser: false,
    abortOnError: false,
  });
  return configureApp(app, config);
}

/** Everything around the modules; for the program and for tests that wire some adapter differently. */
export async function configureApp(
  app: NestFastifyApplication,
  config: Config,
  limits = HTTP_LIMITS,
): Promise<NestFastifyApplication> {
  setDefaultPhoneRegion(config.defaultPhoneRegion);
  const fastify = app.getHttpAdapter().getInstance();
  parseJsonBodies(fastify);
  acceptFiles(fastify);
  // First, so that a page can read what its browser is refused.
  allowOrigins(fastify, config.corsOrigins);
  guardDoor(fastify, limits);
  knowOrigins(fastify);
  const readiness = app.get(Readiness, { strict: false });
  if (config.metrics) app.get(Metrics, { strict: false }).observe(fastify);
  app.get(LoadShedding, { strict: false }).guard(fastify);
  if (config.rateLimits) await app.get(RequestLimits, { strict: false }).guard(fastify);
  fastify.addHook('onRequest', async (request, reply) => {
    void reply.header('X-Request-Id', request.id);
    // Whoever keeps a connection open opens the next one elsewhere.
    if (readiness.isDraining) void reply.header('Connection', 'close');
    // Tokens and patients' data stay out of every cache.
    // By the route, because an address has many spellings, such as /%61pi/.
    const route = request.routeOptions.url ?? '';
    if (route.startsWith('/api/') && !route.startsWith(DOCS)) {
      void reply.header('Cache-Control', 'no-store');
    }
  });
  await secureHeaders(app, DOCS);
  if (config.docs) {
    SwaggerModule.setup(DOCS.slice(1), app, () => openApiOf(app), {
      jsonDocumentUrl: 'api/openapi.json',
      raw: ['json'],
      customSiteTitle: 'CyberMed API',
      swaggerOptions: { persistAuthorization: true, displayRequestDuration: true },
      patchDocumentOnRequest: (_request, _reply, document) => withCurrentExamples(document, new Date()),
    });
  }
  return app;
}

/** Fastify's own errors quote addresses, which may name a patient. */
function nameOfError({ name, code = '' }: Error & { code?: string }) {
  return { type: name, code, message: '', stack: '' };
}
