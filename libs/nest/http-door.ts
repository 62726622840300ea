import type { RequestListener, ServerOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import { MethodNotAllowedException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { answerClientError, refuseTunnel } from '#libs/problems/client-errors.js';
import { METHODS } from '#libs/problems/methods.js';

/** Milliseconds, unless it says otherwise. */
export interface HttpLimits {
  /** Until a head is complete, from the connection on or from its first byte. */
  headersTimeout: number;
  /** Until a request is complete, its body included. */
  requestTimeout: number;
  /** Until it is answered, counted from its head. */
  handlerTimeout: number;
  /** Without a byte in either direction, as of a client that reads no answer. */
  connectionTimeout: number;
  /** Between two requests of one connection; longer than proxies keep theirs, so that the proxy closes it. */
  keepAliveTimeout: number;
  /** How often the first two are looked at. */
  checkEvery: number;
  /** Bytes of a head: request line and headers. */
  maxHeaderSize: number;
  /** At once; further ones are closed unanswered. */
  maxConnections: number;
}

/** The waits grow from one to the next, so that whoever is at fault is told so: a slow client `408`, a slow server `503`. */
export const HTTP_LIMITS: HttpLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  handlerTimeout: 45_000,
  connectionTimeout: 60_000,
  keepAliveTimeout: 72_000,
  checkEvery: 1_000,
  maxHeaderSize: 16_384,
  maxConnections: 4_000,
};

/** Options of the server for these limits, and for `X-Forwarded-*` as set by so many proxies, one behind the other. */
export function doorOptions(limits: HttpLimits, proxyHops: number) {
  const http: ServerOptions = {
    headersTimeout: limits.headersTimeout,
    connectionsCheckingInterval: limits.checkEvery,
    maxHeaderSize: limits.maxHeaderSize,
    // Else all but the first of some are dropped without a word, so that a proxy and we may go by different ones.
    joinDuplicateHeaders: true,
    // Node's own refusal is no problem document.
    requireHostHeader: false,
  };
  return {
    http,
    requestTimeout: limits.requestTimeout,
    handlerTimeout: limits.handlerTimeout,
    connectionTimeout: limits.connectionTimeout,
    keepAliveTimeout: limits.keepAliveTimeout,
    clientErrorHandler: answerClientError,
    // By hops alone: whoever reaches the node past its proxies may claim any address.
    trustProxy: proxyHops === 0 ? false : (_address: string, hop: number) => hop < proxyHops,
  } satisfies FastifyServerOptions & { http: ServerOptions };
}

/** What of HTTP is refused before any route is looked at. */
export function guardDoor(fastify: FastifyInstance, { maxConnections }: HttpLimits): void {
  const { server } = fastify;
  server.maxConnections = maxConnections;
  // The size of a head is bounded, and beyond a number Node would drop headers without a word.
  server.maxHeadersCount = 0;
  server.on('connect', (_request, socket: Duplex) => refuseTunnel(socket));
  // An expectation may be ignored (RFC 9110, 10.1.1), while Node would refuse it without a document.
  const [serve] = server.listeners('request') as RequestListener[];
  server.on('checkExpectation', (request, response) => serve?.(request, response));
  fastify.addHook('onRequest', async (request: FastifyRequest) => {
    if (!METHODS.includes(request.method)) throw new MethodNotAllowedException();
    const { httpVersion } = request.raw;
    // Node takes a line without a version for HTTP/0.9, whose answers would have no head.
    if (httpVersion !== '1.0' && httpVersion !== '1.1')
      throw InvalidRequest.at('', 'request', 'must be HTTP/1.1 or HTTP/1.0');
    if (httpVersion === '1.1' && request.headers.host === undefined)
      throw InvalidRequest.at('Host', 'header', 'is required');
  });
}
