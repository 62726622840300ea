import {
  Injectable,
  type ArgumentMetadata,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { InvalidRequest, type FieldError } from '#libs/kernel/errors.js';
import { IdPath } from './id-path.js';
import { knowingAnswer, pointerTo, unknownField } from './pointers.js';
import { StrictValidation } from './validation.js';

const ROUTE_ARGUMENTS = '__routeArguments__';
/** As the decorators of the OpenAPI document keep them. */
const ANSWERS = 'swagger/apiResponse';
const PROPERTIES = 'swagger/apiModelPropertiesArray';
/** These change what was read before. */
const CHANGES: readonly string[] = ['PATCH', 'PUT'];
const BODY = 3;
const QUERY = 4;
const PARAM = 5;

/** What a route's method takes from the request. */
interface Argument {
  kind: number;
  metatype: Type | undefined;
  /** The name in the path, of a parameter. */
  name: string | undefined;
  pipes: readonly unknown[];
}

/**
 * Judges all that a request says before anything of it is used. Nest would run the pipes of a route side by side and tell
 * of whichever fails first. Where a route reads no query or no body, every parameter or field is unknown. A field that a
 * change may not set, and its answer has, is told to be read-only: whoever sends it has read it.
 */
@Injectable()
export class StrictInput implements NestInterceptor {
  constructor(private readonly validation: StrictValidation) {}

  async intercept(context: ExecutionContext, next: CallHandler) {
    const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: Record<string, string> }>>();
    const { params, query, body } = request;
    const read = argumentsOf(context);
    // An address that names nothing is told before anything that stands beside it.
    if (params['id'] !== undefined) new IdPath().transform(params['id']);
    for (const { kind, name, pipes } of read) if (kind === PARAM) await applied(pipes, params[name!], name);
    const inBody = await this.#faultsOf(body, 'body', ofKind(read, BODY));
    const answered = inBody.length > 0 && CHANGES.includes(request.method) ? answeredFields(context) : [];
    const faults = [
      ...(await this.#faultsOf(query, 'query', ofKind(read, QUERY))),
      ...knowingAnswer(inBody, answered),
    ];
    if (faults.length > 0) throw new InvalidRequest(faults);
    return next.handle();
  }

  async #faultsOf(
    value: unknown,
    type: 'query' | 'body',
    argument: Argument | undefined,
  ): Promise<readonly FieldError[]> {
    if (argument === undefined) {
      const names = Object.keys(value ?? {});
      return (type === 'body' ? names.map(pointerTo) : names).map(unknownField);
    }
    try {
      await this.validation.transform(value, { type, metatype: argument.metatype });
      return [];
    } catch (error) {
      if (error instanceof InvalidRequest) return error.details.errors ?? [];
      throw error;
    }
  }
}

async function applied(pipes: readonly unknown[], value: unknown, data: string | undefined): Promise<void> {
  for (const pipe of pipes) {
    const instance = (typeof pipe === 'function' ? new (pipe as Type)() : pipe) as PipeTransform;
    await instance.transform(value, { type: 'param', data } satisfies ArgumentMetadata);
  }
}

function ofKind(read: readonly Argument[], wanted: number): Argument | undefined {
  return read.find(({ kind }) => kind === wanted);
}

function argumentsOf(context: ExecutionContext): Argument[] {
  const [controller, handler] = [context.getClass(), context.getHandler().name];
  const types = Reflect.getMetadata('design:paramtypes', controller.prototype as object, handler) as Type[];
  const kept = Reflect.getMetadata(ROUTE_ARGUMENTS, controller, handler) as Record<string, Kept> | undefined;
  return Object.entries(kept ?? {}).map(([key, { index, data, pipes = [] }]) => ({
    kind: Number(key.split(':')[0]),
    metatype: types[index],
    name: data,
    pipes,
  }));
}

/** The names of the fields that the route answers with where it succeeds. */
function answeredFields(context: ExecutionContext): string[] {
  const answers = Reflect.getMetadata(ANSWERS, context.getHandler()) as Record<string, Answer> | undefined;
  const { type } = answers?.['200'] ?? {};
  if (typeof type !== 'function') return [];
  const names = Reflect.getMetadata(PROPERTIES, type.prototype as object) as string[] | undefined;
  return (names ?? []).map((name) => name.slice(1)); // They are kept with a colon before them.
}

interface Answer {
  type?: Type | undefined;
}

/** As Nest's decorators keep it. */
interface Kept {
  index: number;
  data?: string;
  pipes?: readonly unknown[];
}
