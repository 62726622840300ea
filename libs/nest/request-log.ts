import { LogController, type FastifyReply, type FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, under a name that stands for the same user in all lines and tells nobody who it is. */
    pseudonym?: string;
  }
}

/**
 * One line a request, made of a fixed list: method, route template, status, milliseconds and the actor's pseudonym. Never an
 * address as it was sent, a header, a body or an error's message, any of which may name a patient.
 */
export class RequestLog extends LogController {
  constructor() {
    super({ disableRequestLogging: true, requestIdLogLabel: 'request_id' });
  }

  override requestCompleted(
    _error: Error | null | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): void {
    request.log.info({
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      actor: request.pseudonym ?? null,
    });
  }
}
