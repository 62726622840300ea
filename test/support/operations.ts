import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { openApiOf } from '../../src/app.openapi.js';
import type { Role } from '../../src/identity/index.js';

type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

interface Described {
  operationId: string;
  'x-roles'?: readonly Role[];
  parameters: readonly { in: string; name: string }[];
  requestBody?: { content: Record<string, { schema: { $ref: string; required?: string[] } }> };
}

/** An operation of the OpenAPI document and where it stands. */
export interface OperationAt {
  operationId: string;
  method: Method;
  /** With `{id}` where an id goes; see `at`. */
  path: string;
  /** Who may call it; undefined where anyone may. */
  roles: readonly Role[] | undefined;
  /** Names of query parameters. */
  query: readonly string[];
  /** The fields of the body with their schemas; undefined where the operation takes none. */
  fields: Readonly<Record<string, { type?: string | string[]; example?: unknown }>> | undefined;
  /** The name of the file that the operation takes in a form; undefined where it takes none. */
  file: string | undefined;
}

const NOTHING = '01900000-0000-7000-8000-00000000dead';

const known = new WeakMap<NestFastifyApplication, readonly OperationAt[]>();

/** Of an application once: to write its document takes longer than most tests. */
export function operationsIn(app: NestFastifyApplication): readonly OperationAt[] {
  const operations = known.get(app) ?? operationsOf(openApiOf(app));
  known.set(app, operations);
  return operations;
}

export function operationsOf({ paths, components }: OpenAPIObject): OperationAt[] {
  const schemas = components?.schemas as Record<string, { properties?: OperationAt['fields'] }>;
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, Described>).map(([method, operation]) => {
      const schema = operation.requestBody?.content['application/json']?.schema.$ref.split('/').at(-1);
      return {
        operationId: operation.operationId,
        method: method.toUpperCase() as Method,
        path,
        roles: operation['x-roles'],
        query: operation.parameters.filter((one) => one.in === 'query').map(({ name }) => name),
        fields: schema === undefined ? undefined : schemas[schema]?.properties,
        file: operation.requestBody?.content['multipart/form-data']?.schema.required?.[0],
      };
    }),
  );
}

/** A path with something in each of its braces: what is told, or a date or an id of nothing. */
export function at(path: string, told: Readonly<Record<string, string>> = {}): string {
  return path.replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => told[name] ?? (name === 'date' ? '2030-01-08' : NOTHING),
  );
}
