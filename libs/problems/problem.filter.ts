import type { OutgoingHttpHeaders } from 'node:http';
import {
  Catch,
  HttpException,
  Logger,
  NotFoundException,
  type ArgumentsHost,
  type ExceptionFilter,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  DomainError,
  InvalidRequest,
  NotFound,
  Overloaded,
  type ProblemDetails,
} from '#libs/kernel/errors.js';
import { isUnavailable } from '#libs/persistence/database-errors.js';
import { describeProblem, HTTP_PROBLEMS, type Problem } from './catalogue.js';
import { FreeSlotResponse } from './free-slot.dto.js';
import { METHODS } from './methods.js';
import type { Problem as ProblemBody } from './problem.dto.js';

declare module 'fastify' {
  interface FastifyReply {
    /** The code of the problem that was answered. */
    problem?: string;
  }
}

const TOO_SLOW = 'The server did not answer in time; whether the change was made is not known.';

interface Answer {
  problem: Problem;
  detail: string;
  details: ProblemDetails;
  /** The methods of `Allow`, where they are not all. */
  allowed?: readonly string[];
}

/** Turns whatever was thrown into a problem document. What is not ours to tell becomes `internal-error`, without its words. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const [request, reply] = [http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>()];
    const allowed = request.is404 && error instanceof NotFoundException ? methodsAt(request) : [];
    const answer = { ...plain(HTTP_PROBLEMS.methodNotAllowed), allowed };
    send(allowed.length > 0 ? answer : answerTo(error), error, request, reply, this.#log);
  }
}

/** Whether a path is there is no secret: it stands in the OpenAPI document, and its own methods answer anybody by `401`. */
function methodsAt({ server, url }: FastifyRequest): string[] {
  return METHODS.filter((method) => server.findRoute({ method, url }) !== null);
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Logger): void {
  send(answerTo(error), error, request, reply, log);
}

function send(
  answer: Answer,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): void {
  const { problem } = answer;
  reply.problem = problem.code;
  // A message may quote values of a patient; its name and the way to it may not.
  if (problem.status === 500) log.error(`${request.id} ${traceOf(error)}`);
  void reply
    .status(problem.status)
    .headers(headersOf(answer, request.id))
    .send(documentOf(answer, request.id));
}

/**
 * The same at less than half its cost, for answers that are given when there is least time for them. It passes by whatever
 * later hooks add to an answer; those that observe it still run.
 */
export function sendProblemAtOnce(error: DomainError, request: FastifyRequest, reply: FastifyReply): void {
  const answer = answerTo(error);
  reply.problem = answer.problem.code;
  reply.hijack();
  const document = documentOf(answer, request.id);
  void reply.headers({ ...headersOf(answer, request.id), 'Content-Length': Buffer.byteLength(document) });
  reply.raw.writeHead(answer.problem.status, reply.getHeaders() as OutgoingHttpHeaders);
  reply.raw.end(document);
}

function headersOf(
  { problem, details, allowed = METHODS }: Answer,
  requestId: string,
): Record<string, string> {
  return {
    'Content-Type': 'application/problem+json; charset=utf-8',
    // Where the address itself is at fault no hook has run that sets these.
    'X-Request-Id': requestId,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    ...(problem.status === 401 && { 'WWW-Authenticate': 'Bearer realm="cybermed"' }),
    ...(problem.status === 405 && { Allow: allowed.join(', ') }),
    ...(details.retryAfter !== undefined && { 'Retry-After': String(details.retryAfter) }),
  };
}

function documentOf({ problem, detail, details }: Answer, requestId: string): string {
  const body: ProblemBody = {
    type: `/problems/${problem.code}`,
    title: problem.title,
    status: problem.status,
    detail,
    code: problem.code,
    request_id: requestId,
    ...(details.errors && { errors: [...details.errors] }),
    ...(details.alternatives && { alternatives: details.alternatives.map(FreeSlotResponse.of) }),
    ...(details.allowedActions && { allowed_actions: [...details.allowedActions] }),
  };
  return JSON.stringify(body);
}

function answerTo(error: unknown): Answer {
  if (error instanceof DomainError) {
    return { problem: describeProblem(error.problem), detail: error.message, details: error.details };
  }
  if (isUnavailable(error)) {
    return answerTo(
      new Overloaded('The database did not answer in time; whether the change was made is not known.'),
    );
  }
  const status = statusOf(error);
  if (codeOf(error) === 'FST_ERR_HANDLER_TIMEOUT') return answerTo(new Overloaded(TOO_SLOW));
  if (status === 404) return answerTo(new NotFound());
  if (status === 405) return plain(HTTP_PROBLEMS.methodNotAllowed);
  if (status === 413) return plain(HTTP_PROBLEMS.bodyTooLarge);
  if (status === 415) return plain(HTTP_PROBLEMS.unsupportedMediaType);
  if (status === 503)
    return answerTo(new Overloaded('The server is stopping or overloaded; send the request again.'));
  if (status >= 400 && status < 500) return answerTo(new InvalidRequest([malformed(error)]));
  return plain(HTTP_PROBLEMS.internal);
}

function plain(problem: Problem): Answer {
  return { problem, detail: problem.explanation.replaceAll('`', ''), details: {} };
}

/** Nest's exceptions and Fastify's errors say their status in different places. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : 500;
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code);
}

function malformed(error: unknown) {
  const code = codeOf(error);
  if (code.startsWith('FST_ERR_CTP_'))
    return { pointer: '', code: 'json', message: 'the body is not one JSON object of the documented form' };
  if (code === 'FST_ERR_BAD_URL')
    return { pointer: '', code: 'address', message: 'the address is not a valid URL path' };
  return { pointer: '', code: 'request', message: 'the request is not of the documented form' };
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no Error was thrown';
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  const code = (error as { driverError?: { code?: string } }).driverError?.code ?? '';
  return [`${error.name} ${code}`, ...frames].join('\n');
}
