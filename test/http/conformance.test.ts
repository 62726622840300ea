import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.js';
import { Conformance, type Exchange } from '../support/conformance.js';

let running: TestApp;
let conformance: Conformance;

beforeAll(async () => {
  running = await startApp();
  conformance = Conformance.of(running.app);
});
afterAll(() => running.close());

const TOKENS = { access: 'a', refresh: 'b', expires_in: 600, device_token: 'c' };
const LOGIN: Exchange = {
  method: 'POST',
  url: '/api/auth/login/',
  requestBody: { email: 'ada.newman@example.org', password: 'a tree in the wind' },
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: TOKENS,
};
const PROBLEM = {
  type: '/problems/not-found',
  title: 'Not found',
  status: 404,
  detail: 'There is no such resource.',
  code: 'not-found',
  request_id: '01900000-0000-7000-8000-000000000000',
};
const AS_PROBLEM = { 'content-type': 'application/problem+json; charset=utf-8' };

describe('an exchange that agrees with the OpenAPI document passes', () => {
  test.each<[string, Partial<Exchange>]>([
    ['as declared', {}],
    ['without the trailing slash', { url: '/api/auth/login' }],
    ['percent-encoded', { url: '/api/%61uth/login/' }],
    ['a declared problem', { status: 400, headers: AS_PROBLEM, body: { ...PROBLEM, status: 400 } }],
    [
      'an unknown route that is not found',
      { url: '/api/nothing/', status: 404, headers: AS_PROBLEM, body: PROBLEM },
    ],
    [
      'a path outside the API',
      { url: '/', method: 'GET', headers: { 'content-type': 'text/html' }, body: '<!doctype html>' },
    ],
  ])('%s', (_, change) => {
    conformance.check({ ...LOGIN, ...change });
  });
});

describe('an exchange that differs from the OpenAPI document fails', () => {
  test.each<[string, Partial<Exchange>]>([
    ['a status that is not declared', { status: 201 }],
    ['a property that is not declared', { body: { ...TOKENS, password: 'x' } }],
    ['a property that is missing', { body: { access: 'a', refresh: 'b' } }],
    ['a property of another type', { body: { ...TOKENS, expires_in: '600' } }],
    ['another content type', { headers: { 'content-type': 'text/html' } }],
    ['no content type', { headers: {} }],
    ['a problem that is none', { status: 400, headers: AS_PROBLEM, body: { message: 'Bad Request' } }],
    [
      'an undeclared member of a problem',
      { status: 400, headers: AS_PROBLEM, body: { ...PROBLEM, stack: 'at …' } },
    ],
    ['an accepted request that is not as declared', { requestBody: { email: 'ada' } }],
    [
      'an accepted request with an undeclared field',
      { requestBody: { ...(LOGIN.requestBody as object), otp: '1' } },
    ],
    ['an accepted query parameter that is not declared', { url: '/api/auth/login/?next=/' }],
    ['a route that is not in the document', { url: '/api/nothing/' }],
    ['a method that is not in the document', { method: 'PUT' }],
    ['a body where none is declared', { url: '/api/auth/logout/', status: 204, headers: {}, body: 'done' }],
    ['a declared header that is missing', { url: '/api/appointments/', status: 201 }],
  ])('%s', (_, change) => {
    expect(() => conformance.check({ ...LOGIN, ...change })).toThrow(/ → \d{3}: /);
  });
});
