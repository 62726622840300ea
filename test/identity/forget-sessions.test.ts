import { expect, test } from 'vitest';
import { DAY } from '#libs/kernel/clock.js';
import { MAX_AGE } from '../../src/identity/domain/session.js';
import { ForgetSessions } from '../../src/identity/use-cases/forget-sessions.js';
import { FixedClock } from '../support/app.js';
import { MemoryPorts } from '../support/memory/memory-ports.js';
import { aSession, aUser } from '../support/memory/people.js';

const NOW = Date.parse('2030-01-07T08:00:00Z');
const KEPT_FOR = 90 * DAY;

test('sessions opened more than 90 days ago are forgotten in batches of 500, and no others', async () => {
  expect(KEPT_FOR).toBeGreaterThan(MAX_AGE);
  const { transactions, sessions, users } = new MemoryPorts();
  const ada = aUser();
  await transactions.run(async () => {
    await users.add(ada);
    for (let index = 0; index < 1200; index++) {
      const openedAt = NOW - (index < 600 ? KEPT_FOR + 1 : KEPT_FOR);
      await sessions.add(aSession(ada, { openedAt, refreshedAt: openedAt }));
    }
  });
  const forget = new ForgetSessions(transactions, sessions, new FixedClock(NOW));
  expect(await forget.execute()).toBe(true);
  expect(transactions.rows.sessions.size).toBe(700);
  expect(await forget.execute()).toBe(false);
  expect(transactions.rows.sessions.size).toBe(600);
  expect(await forget.execute()).toBe(false);
});
