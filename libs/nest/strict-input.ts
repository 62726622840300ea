import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { InvalidRequest } from '#libs/kernel/errors.js';

const ROUTE_ARGUMENTS = '__routeArguments__';
const BODY = 3;
const QUERY = 4;

/** Where a route reads no query or no body, every parameter or field is unknown; the validation pipe never sees those. */
@Injectable()
export class StrictInput implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    const { query, body } = context.switchToHttp().getRequest<FastifyRequest>();
    const read = argumentsOf(context);
    const unknown = [
      ...(read.has(QUERY) ? [] : Object.keys(query ?? {})),
      ...(read.has(BODY) ? [] : Object.keys(body ?? {}).map(pointerTo)),
    ];
    if (unknown.length > 0) throw new InvalidRequest(unknown.map(unknownField));
    return next.handle();
  }
}

/** RFC 6901. */
export function pointerTo(field: string): string {
  return `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

export function unknownField(pointer: string) {
  return { pointer, code: 'unknown-field', message: 'is not known here' };
}

function argumentsOf(context: ExecutionContext): Set<number> {
  const keys: unknown = Reflect.getMetadata(ROUTE_ARGUMENTS, context.getClass(), context.getHandler().name);
  return new Set(Object.keys(keys ?? {}).map((key) => Number(key.split(':')[0])));
}
