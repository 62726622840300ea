import { expect, test } from 'vitest';
import { HOUR } from '#libs/kernel/clock.js';
import { ForgetKeys } from '../../../src/scheduling/use-cases/forget-keys.js';
import { FixedClock } from '../../support/app.js';
import { MemoryPorts } from '../../support/memory/memory-ports.js';

const NOW = Date.parse('2030-01-07T08:00:00Z');

test('keys older than 48 hours are forgotten in batches of 500, and no others', async () => {
  const { transactions, idempotencyKeys } = new MemoryPorts();
  await transactions.run(async () => {
    for (let index = 0; index < 1200; index++) {
      const request = { user: 'lena', key: `${index}`, request: 'book' };
      await idempotencyKeys.take(request, NOW - (index < 600 ? 48 * HOUR + 1 : 48 * HOUR), 0);
    }
  });
  const forget = new ForgetKeys(transactions, idempotencyKeys, new FixedClock(NOW));
  expect(await forget.execute()).toBe(true);
  expect(transactions.rows.keys.size).toBe(700);
  expect(await forget.execute()).toBe(false);
  expect(transactions.rows.keys.size).toBe(600);
  expect(await forget.execute()).toBe(false);
});
