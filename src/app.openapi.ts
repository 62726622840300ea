import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { problemResponse, type ProblemResponse } from '#libs/problems/problem.dto.js';
import { problemCatalogue } from './app.module.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & { 'x-roles'?: readonly string[] };

const PROBLEM_JSON = 'application/problem+json';
const METHODS = ['get', 'put', 'post', 'patch', 'delete'] as const;

const DESCRIPTION = `Appointments of doctors and patients.

**Start**: \`logIn\`, copy \`access\` of the answer, press *Authorize* and paste it. Ids are UUIDs, instants RFC 3339 in UTC;
\`date\` and \`time\` are on the wall clock of the \`time_zone\` beside them. Every path answers with and without its trailing slash.

**Errors** are problem documents (RFC 9457): branch on \`code\`, show \`detail\`, and follow \`type\` for an explanation.
Before its address is looked at any request may be refused: \`405\` (a method that no path has), \`408\` (sent too slowly), \`431\` (headers too large).
A path that has other methods answers \`405\` too, and \`Allow\` lists them.

**Lists** are pages: send \`next_cursor\` back as \`cursor\` until it is null.`;

/** The OpenAPI document of the running routes; the same in the build, the tests and the browser. */
export function openApiOf(app: INestApplication): OpenAPIObject {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('CyberMed')
    .setVersion('1')
    .setDescription(DESCRIPTION)
    .setLicense('MIT', 'https://spdx.org/licenses/MIT.html')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .build();
  const document = SwaggerModule.createDocument(app, base);
  document.paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, item]) => [path.endsWith('/') ? path : `${path}/`, item]),
  );
  for (const item of Object.values(document.paths)) {
    for (const method of METHODS) if (item[method]) declareCommonProblems(item[method], method);
  }
  for (const operation of operationsOf(document)) {
    describeSuccess(operation);
    shareProblems(operation, document);
  }
  return document;
}

export function operationsOf(document: OpenAPIObject): Operation[] {
  return Object.values(document.paths).flatMap((item) => METHODS.flatMap((method) => item[method] ?? []));
}

/** What every operation of a kind answers, so that no controller has to repeat it. */
function declareCommonProblems(operation: Operation, method: (typeof METHODS)[number]): void {
  const isPublic = operation.security?.some((scheme) => Object.keys(scheme).length === 0) ?? false;
  if (isPublic) operation.security = [];
  declare(operation, 400, 'invalid-request');
  if (!isPublic) declare(operation, 401, 'not-authenticated');
  if (operation['x-roles'] && operation['x-roles'].length < 3) declare(operation, 403, 'forbidden');
  // A body is read before anybody asks whether the operation wants one.
  if (method !== 'get') {
    declare(operation, 413, 'body-too-large');
    declare(operation, 415, 'unsupported-media-type');
  }
  declare(operation, 429, 'too-many-requests');
  declare(operation, 503, 'overloaded');
}

/** Where one status stands for one problem the whole response is the same everywhere, and is said once. */
function shareProblems({ responses }: Operation, { components }: OpenAPIObject): void {
  const shared = (components!.responses ??= {});
  for (const [status, response] of Object.entries(responses)) {
    const code = /^`([a-z-]+)`$/.exec((response as ProblemResponse).description)?.[1];
    if (code === undefined) continue;
    shared[code] = response as ProblemResponse;
    responses[status] = { $ref: `#/components/responses/${code}` };
  }
}

const SUCCESS: Readonly<Record<string, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'Done; there is no body.',
};

function describeSuccess({ responses }: Operation): void {
  for (const [status, words] of Object.entries(SUCCESS)) {
    const response = responses[status] as { description?: string } | undefined;
    if (response) response.description ||= words;
  }
}

function declare({ responses }: Operation, status: number, code: string): void {
  const { description, content } = problemResponse([problemCatalogue.find(code)!]);
  const declared = responses[status] as ProblemResponse | undefined;
  if (!declared) responses[status] = { description, content };
  else if (!declared.description.includes(description)) {
    declared.description += `, ${description}`;
    Object.assign(declared.content[PROBLEM_JSON]!.examples, content[PROBLEM_JSON]!.examples);
  }
}

/** Examples speak of the first working day after next week, so that they can be tried as they stand. */
const EXAMPLE_DATE = '2030-01-07';

/** The document with its example dates moved to where they can be booked. */
export function withCurrentExamples(document: OpenAPIObject, now: Date): OpenAPIObject {
  const day = new Date(now.getTime() + 14 * 86_400_000);
  while ([0, 6].includes(day.getUTCDay())) day.setUTCDate(day.getUTCDate() + 1);
  const date = day.toISOString().slice(0, 10);
  return JSON.parse(JSON.stringify(document).replaceAll(EXAMPLE_DATE, date)) as OpenAPIObject;
}
