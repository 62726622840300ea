import type { FastifyInstance, FastifyRequest } from 'fastify';
import { InvalidRequest } from '#libs/kernel/errors.js';

const MAX_DEPTH = 8;

function malformed(message: string): InvalidRequest {
  return InvalidRequest.at('', 'json', message);
}

/** Bodies are one JSON object each, of modest depth, in UTF-8. An empty body is no body, whatever its announced type. */
export function parseJsonBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    (_request: FastifyRequest, body: Buffer, done: (error: Error | null, body?: unknown) => void) => {
      try {
        done(null, body.length === 0 ? undefined : parse(body));
      } catch (error) {
        done(error as Error);
      }
    },
  );
}

function parse(body: Buffer): unknown {
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    assertShallow(text);
    value = JSON.parse(text, (key, member: unknown) => {
      if (key === '__proto__') throw malformed('a field is named __proto__');
      return member;
    });
  } catch (error) {
    throw error instanceof InvalidRequest ? error : malformed('the body is not JSON in UTF-8');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('the body is not an object');
  return value;
}

/** Before parsing, since what follows walks the value by recursion. */
function assertShallow(text: string): void {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (inText) {
      if (character === '\\') i++;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === '{' || character === '[') {
      if (++depth > MAX_DEPTH) throw malformed(`the body is nested deeper than ${MAX_DEPTH} levels`);
    } else if (character === '}' || character === ']') depth--;
  }
}
