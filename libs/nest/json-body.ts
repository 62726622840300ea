import type { FastifyInstance, FastifyRequest } from 'fastify';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { pointerTo } from './pointers.js';

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
    assertPlain(text);
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

/**
 * Before parsing, since what follows walks the value by recursion, and a parser keeps the last of two fields of one name
 * without a word, while a proxy or a client may have gone by the first.
 */
function assertPlain(text: string): void {
  /** Of the objects that are open, the names so far; of a list none. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfText(text, at);
      if (isName(text, end)) addName(open, text.slice(at, end + 1));
      at = end;
    } else if (character === '{' || character === '[') {
      if (open.length === MAX_DEPTH) throw malformed(`the body is nested deeper than ${MAX_DEPTH} levels`);
      open.push(character === '{' ? new Set() : undefined);
    } else if (character === '}' || character === ']') open.pop();
  }
}

/** Where the text that begins here has its closing quote; the end of all where it has none. */
function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

function isName(text: string, end: number): boolean {
  let at = end + 1;
  while (at < text.length && ' \t\n\r'.includes(text[at]!)) at++;
  return text[at] === ':';
}

function addName(open: readonly (Set<string> | undefined)[], quoted: string): void {
  const names = open.at(-1);
  // Two spellings may be one name.
  const name = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  if (names?.has(name)) {
    const pointer = open.length === 1 ? pointerTo(name) : '';
    throw InvalidRequest.at(pointer, 'twice', 'stands twice in one object');
  }
  names?.add(name);
}
