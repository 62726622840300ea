import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { openApiOf } from '../../src/app.openapi.js';

/** One request and its answer, bodies as parsed JSON where they are JSON. */
export interface Exchange {
  method: string;
  /** Path and query, as sent. */
  url: string;
  requestBody?: unknown;
  status: number;
  headers: Record<string, unknown>;
  body: unknown;
}

interface Content {
  content?: Record<string, object>;
}

interface Operation {
  operationId: string;
  parameters: readonly { in: string; name: string }[];
  requestBody?: Content;
  responses: Record<string, Content & { headers?: object; $ref?: string }>;
  /** JSON pointer of the operation in the document. */
  pointer: string;
}

const METHODS: readonly string[] = ['get', 'put', 'post', 'patch', 'delete'];
/** Routes that are about the document and do not stand in it. */
const ABOUT = /^\/api\/(docs(\/|$)|openapi\.json$)/;
/** What becomes of a request that names no operation. */
const NO_OPERATION = [400, 404, 405];
/** What any request may be told before its address is looked at, as the document's description says. */
const BEFORE_ADDRESS = [405, 408, 431];

/** Holds what an application answers against its own OpenAPI document; throws at the first difference. */
export class Conformance {
  /** By the routes: applications that have the same ones have the same document. */
  static readonly #known = new Map<string, Conformance>();
  static readonly #of = new WeakMap<NestFastifyApplication, Conformance>();
  readonly #ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  readonly #validators = new Map<string, ValidateFunction>();
  readonly #templates: readonly { template: string; pattern: RegExp }[];

  constructor(private readonly document: OpenAPIObject) {
    formats.default(this.#ajv);
    this.#ajv.addVocabulary(['example', 'x-enumNames', ...Object.keys(document)]);
    this.#ajv.addSchema({ ...closed(document), $id: 'openapi' });
    this.#templates = Object.keys(document.paths)
      .toSorted((a, b) => braces(a) - braces(b))
      .map((template) => ({ template, pattern: patternOf(template) }));
  }

  static of(app: NestFastifyApplication): Conformance {
    let conformance = Conformance.#of.get(app);
    if (conformance === undefined) {
      const routes = app.getHttpAdapter().getInstance().printRoutes();
      conformance = Conformance.#known.get(routes) ?? new Conformance(openApiOf(app));
      Conformance.#known.set(routes, conformance);
      Conformance.#of.set(app, conformance);
    }
    return conformance;
  }

  check(exchange: Exchange): void {
    const { pathname, searchParams } = new URL(`http://localhost${exchange.url}`);
    if (!/^\/(api|health)\//.test(`${pathname}/`) || ABOUT.test(pathname)) return;
    const method = exchange.method.toLowerCase();
    const operation = this.operationAt(method === 'head' ? 'get' : method, pathname);
    try {
      if (operation === undefined || BEFORE_ADDRESS.includes(exchange.status))
        this.#checkNoOperation(exchange);
      else this.#check(exchange, operation, [...searchParams.keys()]);
    } catch (fault) {
      const { status, body } = exchange;
      const told = JSON.stringify(body)?.slice(0, 2000);
      const call = `${exchange.method} ${exchange.url.slice(0, 300)}`;
      throw new Error(`${call} → ${status}: ${(fault as Error).message}\n${told}`, { cause: fault });
    }
  }

  /** The operation that serves this path, with or without its trailing slash; literal paths go before templates. */
  operationAt(method: string, pathname: string): Operation | undefined {
    const path = decoded(pathname)?.replace(/\/?$/, '/');
    if (path === undefined || !METHODS.includes(method)) return undefined;
    const found = this.#templates.find(
      ({ template, pattern }) => method in this.document.paths[template]! && pattern.test(path),
    );
    if (found === undefined) return undefined;
    const { template } = found;
    const operation = (this.document.paths[template] as Record<string, Omit<Operation, 'pointer'>>)[method]!;
    return { ...operation, pointer: pointerOf('paths', template, method) };
  }

  #checkNoOperation({ method, status, headers, body }: Exchange): void {
    if (![...NO_OPERATION, ...BEFORE_ADDRESS].includes(status))
      throw new Error('no operation is declared here');
    assertMediaType(headers, 'application/problem+json');
    if (method !== 'HEAD') this.#assertValid(pointerOf('components', 'schemas', 'Problem'), body, 'answer');
  }

  #check(exchange: Exchange, operation: Operation, query: readonly string[]): void {
    const { method, status, headers, body } = exchange;
    const declared = operation.responses[status];
    const shared = declared?.$ref?.replace('#/components/responses/', '');
    const response =
      shared === undefined ? declared : (this.document.components!.responses![shared] as Content);
    if (response === undefined) throw new Error(`${operation.operationId} does not declare this status`);
    if (status < 300) this.#checkRequest(exchange, operation, query);
    for (const header of Object.keys(declared?.headers ?? {})) {
      if (headers[header.toLowerCase()] === undefined) throw new Error(`the header ${header} is missing`);
    }
    const [mediaType] = Object.keys(response.content ?? {});
    assertMediaType(headers, mediaType);
    if (method === 'HEAD') return;
    if (mediaType !== undefined) {
      const where =
        shared === undefined
          ? [operation.pointer, 'responses', String(status)]
          : ['components', 'responses', shared];
      this.#assertValid(pointerOf(...where, 'content', mediaType, 'schema'), body, 'answer');
    } else if (body !== '') throw new Error('an answer without content has a body');
  }

  /** What is accepted must be what the document asks for. */
  #checkRequest({ requestBody }: Exchange, operation: Operation, query: readonly string[]): void {
    const declared = operation.parameters.filter((one) => one.in === 'query').map(({ name }) => name);
    const unknown = query.filter((name) => !declared.includes(name));
    if (unknown.length > 0)
      throw new Error(`undeclared query parameters were accepted: ${unknown.join(', ')}`);
    // A form's schema speaks of files, which JSON has no words for.
    const isJson = operation.requestBody?.content?.['application/json'] !== undefined;
    if (!isJson || requestBody === undefined) return;
    const at = [operation.pointer, 'requestBody', 'content', 'application/json', 'schema'];
    this.#assertValid(pointerOf(...at), requestBody, 'accepted request');
  }

  #assertValid(pointer: string, value: unknown, what: string): void {
    let validate = this.#validators.get(pointer);
    if (validate === undefined) {
      validate = this.#ajv.compile({ $ref: `openapi#/${encodeURI(pointer)}` });
      this.#validators.set(pointer, validate);
    }
    if (!validate(value)) {
      throw new Error(`the ${what} is not as declared: ${this.#ajv.errorsText(validate.errors)}`);
    }
  }
}

/** The same document, in which an object has no property that is not declared. */
function closed<T>(node: T): T {
  if (Array.isArray(node)) return node.map(closed) as T;
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  return ('type' in copy && 'properties' in copy ? { ...copy, additionalProperties: false } : copy) as T;
}

/** An RFC 6901 pointer without its first slash; a part that is a pointer already keeps its slashes. */
function pointerOf(...parts: readonly string[]): string {
  const [first = '', ...rest] = parts;
  return [first, ...rest.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
}

/** As the router reads a path: percent-encodings undone, but for those of reserved characters. */
function decoded(pathname: string): string | undefined {
  try {
    return decodeURI(pathname);
  } catch {
    return undefined;
  }
}

function braces(template: string): number {
  return template.split('{').length;
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replace(/\{[^}]+\}/g, '[^/]+')}$`);
}

function assertMediaType(headers: Record<string, unknown>, declared: string | undefined): void {
  const sent = headers['content-type'] as string | undefined;
  if (sent?.split(';')[0] !== declared) {
    throw new Error(`the content type is ${String(sent)}, declared is ${String(declared)}`);
  }
}
