import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ProblemCatalogue } from '#libs/problems/catalogue.js';
import { AppModule, problemCatalogue as catalogue } from '../../src/app.module.js';
import { openApiOf, operationsOf, withCurrentExamples } from '../../src/app.openapi.js';
import { httpAdapter } from '../../src/app.setup.js';
import { Config } from '../../src/config.js';
import { startApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { fileForm } from '../support/forms.js';
import { picture } from '../support/pictures.js';

let document: OpenAPIObject;

beforeAll(async () => {
  const config = Config.parse({ NODE_ENV: 'test' });
  // A preview makes the routes and nothing behind them: no database is opened, no secret read.
  const app = await NestFactory.create(AppModule.with(config), httpAdapter(config), {
    preview: true,
    logger: false,
  });
  document = openApiOf(app);
  await app.close();
});

/** `npm run openapi` writes the documents anew. */
describe('documents made of the code', () => {
  test('docs/openapi.json is the OpenAPI document', async () => {
    await expect(JSON.stringify(document, null, 2) + '\n').toMatchFileSnapshot('../../docs/openapi.json');
  });

  test('docs/problems.md lists every problem', async () => {
    await expect(problemsPage(catalogue)).toMatchFileSnapshot('../../docs/problems.md');
  });

  test('every problem that an operation declares is in the catalogue', () => {
    const declared = operationsOf(document).flatMap(({ responses }) =>
      Object.entries(responses)
        .filter(([status]) => Number(status) >= 400)
        .flatMap(([status, response]) =>
          [...describedBy(response as { $ref?: string }).matchAll(/`([a-z-]+)`/g)].map(([, code]) => [
            status,
            code!,
          ]),
        ),
    );
    expect(declared.filter(([status, code]) => catalogue.find(code!)?.status !== Number(status))).toEqual([]);
  });

  test('every operation has a verbNoun id of its own, one tag and a summary', () => {
    const operations = operationsOf(document);
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operationId, tags, summary } of operations) {
      expect(operationId).toMatch(/^[a-z]+([A-Z][a-z]*)+$/);
      expect(tags).toHaveLength(1);
      expect(summary).toBeTruthy();
    }
  });
});

function describedBy(response: { description?: string; $ref?: string }): string {
  const shared = response.$ref?.split('/').at(-1);
  return shared === undefined ? response.description! : `\`${shared}\``;
}

/** In this order they are tried: what is there is read before it is changed, and changed before it is removed. */
const METHODS = ['get', 'post', 'patch', 'put', 'delete'] as const;

interface Example {
  operation: string;
  example: string;
  method: (typeof METHODS)[number];
  url: string;
  body?: object;
}

/** Who tries the examples of an operation; by the example's name where it matters. */
const PERSONAS: Readonly<Record<string, string>> = {
  'bookAppointment A doctor schedules': 'clara.sommer',
  'bookAppointment An admin schedules': 'admin',
  'confirmAppointment The doctor': 'clara.sommer',
  'confirmAppointment An admin': 'admin',
  'rescheduleAppointment The doctor': 'clara.sommer',
  'rescheduleAppointment An admin': 'admin',
  previewSeries: 'clara.sommer',
  'previewSeries An admin, some of the dates': 'admin',
  scheduleSeries: 'clara.sommer',
  'scheduleSeries An admin, some of the dates': 'admin',
  getSeries: 'tomas.ortega',
  cancelSeries: 'james.whitfield',
  checkInAppointment: 'james.whitfield',
  completeAppointment: 'clara.sommer',
  missAppointment: 'clara.sommer',
  saveOwnDoctorProfile: 'clara.sommer',
  getOwnDoctorProfile: 'clara.sommer',
  updateOwnDoctorProfile: 'clara.sommer',
  listPatients: 'clara.sommer',
  admitPatient: 'admin',
  listUsers: 'admin',
  listAudit: 'admin',
  getUser: 'admin',
  activateUser: 'admin',
  deactivateUser: 'admin',
  approveDoctor: 'admin',
  withdrawApproval: 'admin',
  endSessionsOfUser: 'admin',
  getSlotPolicy: 'james.whitfield',
  setSlotPolicy: 'james.whitfield',
  listConflicts: 'james.whitfield',
  listAbsences: 'james.whitfield',
  addAbsence: 'james.whitfield',
  removeAbsence: 'james.whitfield',
  listOverrides: 'james.whitfield',
  getOverride: 'james.whitfield',
  setOverride: 'james.whitfield',
  removeOverride: 'james.whitfield',
};

/** What they name is made anew by every login, or mailed. */
const NEED_A_FRESH_LOGIN = ['refreshSession', 'endOwnSession', 'resetPassword', 'verifyEmail'];
/** There is none before one is set. The sender is its owner. */
const OF_A_PHOTO = ['setOwnPhoto', 'getPhoto', 'removeOwnPhoto'];
const END_THE_SESSION = ['logOut', 'endOwnSessions'];

/** Each name of an example has a clinic opened for it. */
const TIMEOUT = 120_000;

test('every example of the document succeeds against the demo clinic', { timeout: TIMEOUT }, async () => {
  const examples = examplesOf(withCurrentExamples(document, new Date()))
    .filter(({ operation }) => !NEED_A_FRESH_LOGIN.includes(operation))
    .toSorted((one, other) => OF_A_PHOTO.indexOf(one.operation) - OF_A_PHOTO.indexOf(other.operation));
  const photo = fileForm(await picture().jpeg().toBuffer());
  expect(examples.length).toBeGreaterThanOrEqual(operationsOf(document).length - NEED_A_FRESH_LOGIN.length);
  const failures: string[] = [];
  const running = new Map<string, Awaited<ReturnType<typeof startApp>>>();
  const clients = new Map<string, Client>();
  for (const { operation, example, method, url, body } of examples) {
    // Examples of one operation may exclude each other: each name has a clinic of its own.
    const own = running.get(example) ?? (await startApp({ data: 'demo' }));
    running.set(example, own);
    const persona = PERSONAS[`${operation} ${example}`] ?? PERSONAS[operation] ?? 'lena.fischer';
    const who = `${example} as ${persona}`;
    const client = clients.get(who) ?? (await new Client(own.app).as(persona));
    if (END_THE_SESSION.includes(operation)) clients.delete(who);
    else clients.set(who, client);
    const answer = await client.send({
      method,
      url,
      ...(body && { payload: body }),
      ...(operation === 'setOwnPhoto' && photo),
    });
    if (answer.status >= 300)
      failures.push(`${operation} ${example}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  await Promise.all([...running.values()].map((one) => one.close()));
  expect(failures).toEqual([]);
});

function examplesOf({ paths, components }: OpenAPIObject): Example[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const parameters = (operation.parameters ?? []) as {
        name: string;
        in: string;
        schema?: { example?: string };
        example?: string;
      }[];
      const exampleOf = (one: (typeof parameters)[number]) => one.example ?? one.schema?.example;
      const query = parameters.filter((one) => one.in === 'query' && exampleOf(one) !== undefined);
      const url =
        parameters
          .filter((one) => one.in === 'path')
          .reduce((text, one) => text.replace(`{${one.name}}`, String(exampleOf(one))), path) +
        (query.length
          ? '?' +
            new URLSearchParams(query.map((one): [string, string] => [one.name, exampleOf(one)!])).toString()
          : '');
      const content = (
        operation.requestBody as
          { content?: Record<string, { examples?: object; schema: { $ref: string } }> } | undefined
      )?.content?.['application/json'];
      if (!content) return [{ operation: operation.operationId!, example: '', method, url }];
      const bodies = Object.entries((content.examples ?? {}) as Record<string, { value: object }>);
      const composed = {
        value: composedOf(components!.schemas![content.schema.$ref.split('/').at(-1)!] as SchemaLike),
      };
      return (bodies.length ? bodies : [['', composed] as const]).map(([example, { value }]) => ({
        operation: operation.operationId!,
        example,
        method,
        url,
        body: value,
      }));
    }),
  );
}

interface SchemaLike {
  properties: Record<string, { example?: unknown }>;
}

/** What Swagger UI offers where there is no whole example: every property's own. */
function composedOf({ properties }: SchemaLike): object {
  return Object.fromEntries(
    Object.entries(properties).map(([name, { example }]) => [name, example ?? 'string']),
  );
}

function problemsPage(problems: ProblemCatalogue): string {
  const rows = problems
    .all()
    .map(({ code, status, title, explanation }) => `| \`${code}\` | ${status} | ${title} | ${explanation} |`);
  return `# Problems

Every error is an RFC 9457 problem document (\`application/problem+json\`). Branch on \`code\`: codes are permanent.
\`type\` is the path \`/problems/<code>\`, which answers a page with the text below. This file is written by
\`npm run openapi\` from the error classes, and a test compares the two.

| code | status | title | what happened, and what to do |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}
