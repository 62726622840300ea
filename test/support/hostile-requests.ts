import { Random } from '../../prove/support/random.js';
import { demoId } from '../../src/demo/demo-time.js';
import type { Request } from './client.js';
import { fileForm, form } from './forms.js';
import {
  HOSTILE_BODIES,
  HOSTILE_HEADERS,
  HOSTILE_QUERIES,
  HOSTILE_SEGMENTS,
  HOSTILE_TEXTS,
  HOSTILE_VALUES,
  randomObjects,
  some,
} from './hostile.js';
import { at, type OperationAt } from './operations.js';

/** Ids of the demo clinic, that lead further than to a 404. */
const IDS: Record<string, number> = { doctors: 0xd1, patients: 0xc1, appointments: 0xf3 };

function idIn(path: string): string {
  const collection = /^\/api\/(\w+)\//.exec(path)?.[1] ?? '';
  return demoId(IDS[collection] ?? 0);
}

function urlOf({ path }: OperationAt): string {
  return at(path, { id: idIn(path) });
}

/** What is no body, or not of this operation. */
function* hostileBodies(operation: OperationAt, seed: number): Generator<Request> {
  const { method } = operation;
  const url = urlOf(operation);
  for (const [type, payload] of method === 'GET' ? some(HOSTILE_BODIES, 4, seed) : HOSTILE_BODIES) {
    yield { method, url, payload, headers: { 'content-type': type } };
  }
  if (method !== 'GET') for (const payload of randomObjects(seed, 5)) yield { method, url, payload };
}

function rightBody({ fields = {} }: OperationAt): Record<string, unknown> {
  const examples = Object.entries(fields).filter(([, { example }]) => example !== undefined);
  return Object.fromEntries(examples.map(([name, { example }]) => [name, example]));
}

/** Bodies in which everything is right but one field. */
function* hostileFields(operation: OperationAt, seed: number): Generator<Request> {
  const { method, fields = {} } = operation;
  const url = urlOf(operation);
  const right = rightBody(operation);
  for (const [i, name] of Object.keys(fields).entries()) {
    for (const value of some(HOSTILE_VALUES, 6, seed + i))
      yield { method, url, payload: { ...right, [name]: value } };
    const { [name]: _, ...rest } = right;
    yield { method, url, payload: { ...rest } };
  }
  if (method !== 'GET') yield { method, url, payload: { ...right, unknown: 1 } };
}

function* hostileQueries(operation: OperationAt, seed: number): Generator<Request> {
  const { method, query } = operation;
  const url = urlOf(operation);
  const names = query.length > 0 ? query : ['limit'];
  for (const [i, template] of some(HOSTILE_QUERIES, 6, seed).entries()) {
    yield { method, url: `${url}?${template.replaceAll('NAME', names[i % names.length]!)}` };
  }
  const texts = HOSTILE_TEXTS.filter((text) => text.isWellFormed());
  for (const [i, name] of query.entries()) {
    for (const text of some(texts, 6, seed + i))
      yield { method, url: `${url}?${name}=${encodeURIComponent(text)}` };
  }
}

function* hostileAddresses(operation: OperationAt, seed: number): Generator<Request> {
  const { method, path } = operation;
  const url = urlOf(operation);
  const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  for (const place of places) {
    for (const segment of some(HOSTILE_SEGMENTS, 14, seed)) {
      yield { method, url: at(path, { id: idIn(path), [place]: segment }) };
    }
  }
  if (places.length === 0) {
    for (const segment of some(HOSTILE_SEGMENTS, 4, seed)) yield { method, url: `${path}${segment}` };
  }
  const odd = [
    url.toUpperCase(),
    `/${url}`,
    url.replaceAll('/', '//'),
    `${url}./`,
    `${url}%2f`,
    url.replace('a', '%61'),
  ];
  for (const url of odd) yield { method, url };
  for (const other of ['OPTIONS', 'TRACE', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'POST'] as const) {
    if (other !== method) yield { method: other, url, payload: { unknown: 1 } };
  }
}

function* hostileHeaders(operation: OperationAt, seed: number): Generator<Request> {
  const { method } = operation;
  const payload = method === 'GET' ? undefined : rightBody(operation);
  for (const [name, value] of some(HOSTILE_HEADERS, 6, seed)) {
    yield { method, url: urlOf(operation), headers: { [name]: value }, ...(payload && { payload }) };
  }
}

/** Right but for some bytes of the body, or some characters of a text in it. */
function* mutations(operation: OperationAt, seed: number): Generator<Request> {
  const { method } = operation;
  const url = urlOf(operation);
  if (method === 'GET') return;
  const random = new Random(seed);
  const right = rightBody(operation);
  for (let i = 0; i < 3; i++) {
    const payload = mutated(Buffer.from(JSON.stringify(right)), random);
    yield { method, url, payload, headers: { 'content-type': 'application/json' } };
  }
  for (const [name, value] of Object.entries(right)) {
    if (typeof value !== 'string') continue;
    yield { method, url, payload: { ...right, [name]: mutated(Buffer.from(value), random).toString() } };
  }
}

/** With up to four bytes removed, doubled or replaced. */
export function mutated(bytes: Buffer, random: Random): Buffer {
  let changed = bytes;
  for (let i = random.below(4); i >= 0; i--) {
    const place = random.below(changed.length + 1);
    const [before, after] = [changed.subarray(0, place), changed.subarray(place)];
    const odd = random.oneOf([0, 0x0a, 0x22, 0x5c, 0x7b, 0x7d, 0x80, 0xff, random.below(256)]);
    changed = random.oneOf([
      () => Buffer.concat([before, after.subarray(1)]),
      () => Buffer.concat([before, after.subarray(0, 8), after]),
      () => Buffer.concat([before, Buffer.of(odd), after.subarray(1)]),
      () => Buffer.concat([before, Buffer.of(odd), after]),
    ])();
  }
  return changed;
}

/** A PNG of one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>';

/** Forms that are none, of other fields, of files that are none, or right but for some bytes. */
function* hostileForms({ method, path, file: name }: OperationAt, seed: number): Generator<Request> {
  if (name === undefined) return;
  const url = at(path);
  const random = new Random(seed);
  const right = fileForm(PIXEL, name);
  const ofFile = { name, filename: 'x', value: PIXEL };
  const forms = [
    form(),
    form(ofFile, ofFile),
    form({ name, value: 'a text' }),
    form(ofFile, { name: 'more', value: '1' }),
    form({ ...ofFile, name: '__proto__' }),
    form({ ...ofFile, name: '' }),
    form({ ...ofFile, filename: '../../../etc/passwd' }),
    form(...Array.from({ length: 300 }, (_, i) => ({ name: `f${i}`, value: '' }))),
    ...['', SVG, '%PDF-1.7', 'GIF89a', PIXEL.subarray(0, 40), name.repeat(20_000)].map((value) =>
      fileForm(value, name),
    ),
  ];
  for (const one of forms) yield { method, url, ...one };
  const types = [
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=other',
    'multipart/mixed; boundary=a',
  ];
  for (const type of types) yield { method, url, payload: right.payload, headers: { 'content-type': type } };
  for (let i = 0; i < 20; i++) yield { method, url, ...right, payload: mutated(right.payload, random) };
  for (let i = 0; i < 20; i++) yield { method, url, ...fileForm(mutated(PIXEL, random), name) };
}

export const HOSTILITIES = [
  ['bodies', hostileBodies],
  ['fields', hostileFields],
  ['queries', hostileQueries],
  ['addresses', hostileAddresses],
  ['headers', hostileHeaders],
  ['bytes', mutations],
  ['forms', hostileForms],
] as const;

/** What is sent to one operation, in every way that it can be wrong. */
export function* hostile(operation: OperationAt, seed: number): Generator<Request> {
  for (const [, requestsTo] of HOSTILITIES) yield* requestsTo(operation, seed);
}
