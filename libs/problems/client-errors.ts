import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { v7 } from 'uuid';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { describeProblem, HTTP_PROBLEMS, type Problem } from './catalogue.js';
import { METHODS } from './methods.js';
import type { Problem as ProblemBody } from './problem.dto.js';

/** Milliseconds that a refused client has to read why. */
const GRACE = 1000;

/** What Node calls the reasons for which it gives up a request that it has not understood yet. */
const PROBLEMS: Readonly<Record<string, Problem>> = {
  ERR_HTTP_REQUEST_TIMEOUT: HTTP_PROBLEMS.requestTimeout,
  HPE_HEADER_OVERFLOW: HTTP_PROBLEMS.headersTooLarge,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: HTTP_PROBLEMS.bodyTooLarge,
};

/** The connection of an HTTP server, as Node marks it. */
type Connection = Duplex & { _httpMessage?: { headersSent: boolean } | null };

/** Answers bytes that are no request, or come too slowly, by a problem document, and closes the connection. */
export function answerClientError(error: Error & { code?: string }, socket: Connection): void {
  const isAnswered = socket['_httpMessage']?.headersSent ?? false;
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswered) socket.destroy();
  else refuse(socket, PROBLEMS[error.code ?? ''] ?? describeProblem(InvalidRequest.problem));
}

/** For CONNECT, which asks for a way through the server and not for anything on it. */
export function refuseTunnel(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
  refuse(socket, HTTP_PROBLEMS.methodNotAllowed);
}

function refuse(socket: Duplex, { code, status, title, explanation }: Problem): void {
  const id = v7();
  const body: ProblemBody = {
    type: `/problems/${code}`,
    title,
    status,
    detail:
      status === 400 ? 'The request is not HTTP as RFC 9112 defines it.' : explanation.replaceAll('`', ''),
    code,
    request_id: id,
  };
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${id}`,
    ...(status === 405 ? [`Allow: ${METHODS.join(', ')}`] : []),
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
  // Not at once: what the client still sends would make its system throw the answer away.
  setTimeout(() => socket.destroy(), GRACE).unref();
}
