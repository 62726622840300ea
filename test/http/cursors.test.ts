import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeCursor, type Keyset } from '#libs/kernel/page.js';
import { demoId } from '../../src/demo/demo-time.js';
import { startApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { onEachDatabase } from '../support/databases.js';
import { at, operationsIn, type OperationAt } from '../support/operations.js';

const ID = demoId(0xf3);

/** Numbers that no 64-bit integer holds, or that are no instants. */
const NUMBERS = [1.5, -0.5, 1e19, -1e19, 1e300, 2 ** 53, 9.3e18, 8.64e15 + 1, -8.64e15 - 1];

/** Texts that a database cannot hold, or that no id or date is. */
const TEXTS = [
  '',
  '\0',
  `${ID}\0`,
  'a\nb',
  '\u007f',
  '\u0085',
  '\ud800',
  '\u200b',
  'ü',
  'a'.repeat(200),
  'anything',
  '2030-02-30',
  '2030-13-01',
  '0000-00-00',
  '9999-99-99',
];

/** Well formed, but made by nobody here. */
const FORGED: readonly Keyset[] = [
  ...TEXTS.map((text): Keyset => [text]),
  ...NUMBERS.map((number): Keyset => [number, ID]),
  ...TEXTS.map((text): Keyset => [0, text]),
  ...NUMBERS.map((number): Keyset => [number, ID, 'asc']),
  ...TEXTS.map((text): Keyset => [0, text, 'asc']),
  ...TEXTS.map((text): Keyset => [0, ID, text]),
];

onEachDatabase('A forged cursor', (database) => {
  let running: TestApp;
  let admin: Client;
  let lists: OperationAt[];

  beforeAll(async () => {
    running = await startApp({ database, data: 'demo' });
    admin = await new Client(running.app).as('admin');
    lists = operationsIn(running.app).filter(({ query }) => query.includes('cursor'));
  });
  afterAll(() => running.close());

  test('is refused by every list, and fails in none', async () => {
    const paths = lists.filter(({ roles }) => roles?.includes('admin') ?? true).map(({ path }) => path);
    expect(paths.length).toBeGreaterThanOrEqual(6);
    for (const path of paths) {
      const url = at(path, { id: demoId(0xd1) });
      expect((await admin.get(url)).status).toBe(200);
      for (const key of FORGED) {
        const { status, body } = await admin.get(`${url}?cursor=${encodeCursor(key)}`);
        expect([path, key, status, body.errors?.[0].pointer]).toEqual([path, key, 400, 'cursor']);
      }
    }
  });
});
