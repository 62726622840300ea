import { applyDecorators, createParamDecorator, HttpCode, type ExecutionContext } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NotFound, type ProblemDefinition } from '#libs/kernel/errors.js';
import {
  ApiIfMatch,
  ApiIdempotencyKey,
  ETAG,
  seenVersions,
  sentKey,
  setVersion,
} from '#libs/nest/conditional-request.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { Problems } from '#libs/problems/problem.dto.js';
import type { Actor } from '../../identity/index.js';
import { ActionNotAllowed, KeyReused, RequestInFlight, StaleVersion } from '../domain/errors.js';
import type { KeyedRequest } from '../ports.js';
import type { ActionInput } from '../use-cases/act-on-appointment.js';
import type { Answer } from '../use-cases/appointment-views.js';
import { AppointmentResponse } from './appointments.dto.js';

type Request = FastifyRequest<{ Params: { id: string } }> & { user: Actor };

/** What every action of an appointment declares: its summary, or more words than that. `example` is an appointment of the demo clinic that allows it. */
export function ActionRoute(
  operationId: string,
  words: string | { summary: string; description: string },
  example: string,
  ...problems: readonly ProblemDefinition[]
): MethodDecorator {
  return applyDecorators(
    HttpCode(200),
    ApiOperation({ operationId, ...(typeof words === 'string' ? { summary: words } : words) }),
    ApiIdParam(example),
    ApiIdempotencyKey(),
    ApiIfMatch(),
    ApiOkResponse({ type: AppointmentResponse, headers: ETAG }),
    Problems(
      NotFound.problem,
      ActionNotAllowed.problem,
      StaleVersion.problem,
      KeyReused.problem,
      RequestInFlight.problem,
      ...problems,
    ),
  );
}

/** Who acts on which appointment, at which version, and under which key. */
export const ActionOn = createParamDecorator((_: unknown, context: ExecutionContext): ActionInput => {
  const request = context.switchToHttp().getRequest<Request>();
  return {
    actor: request.user,
    id: new IdPath().transform(request.params.id),
    seenVersions: seenVersions(request),
    once: keyedRequest(request),
  };
});

/** The request under its `Idempotency-Key`; undefined where it has none. */
export const Once = createParamDecorator((_: unknown, context: ExecutionContext): KeyedRequest | undefined =>
  keyedRequest(context.switchToHttp().getRequest<Request>()),
);

function keyedRequest(request: Request): KeyedRequest | undefined {
  const sent = sentKey(request);
  return sent && { user: request.user.userId, ...sent };
}

export function answerWith(reply: FastifyReply, { view, status, replayed }: Answer): AppointmentResponse {
  void reply.status(status);
  setVersion(reply, view.appointment.state.version);
  if (replayed) void reply.header('Idempotency-Replayed', 'true');
  return AppointmentResponse.of(view);
}
