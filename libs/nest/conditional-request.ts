import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { isId } from '#libs/kernel/ids.js';

const KEY = /^[\x21-\x7e]{16,255}$/;
const ENTITY_TAGS = /^(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*$/;

/**
 * The `Idempotency-Key` with what it was sent for: method, path and body in one fixed form. Two requests are the same
 * if and only if these are equal.
 */
export function sentKey(request: FastifyRequest): { key: string; request: string } | undefined {
  const { headers, method, url, body } = request;
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw InvalidRequest.at('Idempotency-Key', 'header', 'must be 16 to 255 visible ASCII characters');
  }
  const fields = Object.entries(body ?? {})
    .map(([name, value]) => [name, typeof value === 'string' ? spelledId(value) : value] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const path = url.split('?')[0]!.replace(/\/$/, '').split('/').map(spelledId).join('/');
  return { key, request: JSON.stringify([method, path, fields]) };
}

/** An id is the same in capitals. */
function spelledId(text: string): string {
  const id = text.toLowerCase();
  return isId(id) ? id : text;
}

/** The versions that `If-Match` allows (RFC 9110, 13.1.1); undefined where any will do. */
export function seenVersions({ headers }: FastifyRequest): readonly number[] | undefined {
  const header = headers['if-match']?.trim();
  if (header === undefined || header === '*') return undefined;
  if (!ENTITY_TAGS.test(header))
    throw InvalidRequest.at('If-Match', 'header', 'must be an entity tag, such as "3"');
  // A weak tag never matches, and a tag that is no number was never ours.
  return [...header.matchAll(/(?<!W\/)"(0|[1-9]\d{0,8})"/g)].map(([, version]) => Number(version));
}

export const SeenVersions = createParamDecorator((_: unknown, context: ExecutionContext) =>
  seenVersions(context.switchToHttp().getRequest<FastifyRequest>()),
);

export function setVersion(reply: FastifyReply, version: number): void {
  void reply.header('ETag', `"${version}"`);
}

/** OpenAPI: the header of an answer that has a version. */
export const ETAG = {
  ETag: { description: 'The version, as an entity tag.', schema: { type: 'string' as const } },
};

export function ApiIdempotencyKey(): MethodDecorator {
  return ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    schema: { type: 'string', minLength: 16, maxLength: 255 },
    description:
      'Any random text. A retry under the same key has no second effect: it answers the same status, what it is about as that is now, and `Idempotency-Replayed: true`. Kept for 48 hours.',
  });
}

export function ApiIfMatch(): MethodDecorator {
  return ApiHeader({
    name: 'If-Match',
    required: false,
    schema: { type: 'string' },
    description: 'The `ETag` (or the `version` in quotes) that you have seen: another is refused with `412`.',
  });
}
