import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '#libs/kernel/clock.js';
import { TryBudget } from '../../src/identity/domain/try-budget.js';

const NOW = Date.parse('2030-01-07T12:00:00Z');

describe('a budget of tries', () => {
  const { OF_ACCOUNT, OF_NETWORK } = TryBudget;

  /** Takes a try at each of these instants if there is one; answers when it was. */
  function taken(budget: TryBudget, instants: readonly number[]): number[] {
    let allBack = 0;
    return instants.filter((now) => {
      if (budget.wait(allBack, now) > 0) return false;
      allBack = budget.afterOne(allBack, now);
      return true;
    });
  }

  test('of an account is ten in a quarter of an hour, of a network a hundred', () => {
    const atOnce = Array.from({ length: 1000 }, () => NOW);
    expect(taken(OF_ACCOUNT, atOnce)).toHaveLength(10);
    expect(taken(OF_NETWORK, atOnce)).toHaveLength(100);
    const dayLong = Array.from({ length: 24 * 3600 }, (_, second) => NOW + second * 1000);
    const aQuarter = dayLong.length / (15 * 60);
    expect(taken(OF_ACCOUNT, dayLong).length).toBeLessThanOrEqual(10 + 10 * aQuarter);
    expect(taken(OF_NETWORK, dayLong).length).toBeLessThanOrEqual(100 + 100 * aQuarter);
  });

  test('never gives more than its tries at once and what comes back meanwhile, whenever one asks', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 5 * MINUTE }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (pauses) => {
        let now = NOW;
        const times = taken(
          OF_ACCOUNT,
          pauses.map((pause) => (now += pause)),
        );
        for (const [i, from] of times.entries()) {
          for (const [j, to] of times.slice(i).entries())
            expect(j + 1).toBeLessThanOrEqual(10 + Math.floor((to - from) / OF_ACCOUNT.every));
        }
      }),
    );
  });

  test('tells a wait after which there is a try, and not before', () => {
    const pauses = fc.array(fc.integer({ min: 0, max: MINUTE }), { minLength: 10, maxLength: 40 });
    fc.assert(
      fc.property(pauses, (list) => {
        let [now, allBack] = [NOW, 0];
        for (const pause of list) {
          now += pause;
          const wait = OF_ACCOUNT.wait(allBack, now);
          if (wait === 0) allBack = OF_ACCOUNT.afterOne(allBack, now);
          else {
            expect(OF_ACCOUNT.wait(allBack, now + wait - 1)).toBe(1);
            expect(OF_ACCOUNT.wait(allBack, now + wait)).toBe(0);
          }
        }
      }),
    );
  });

  test('is as new when it has rested', () => {
    expect(OF_ACCOUNT.wait(NOW - HOUR, NOW)).toBe(0);
    expect(OF_ACCOUNT.afterOne(NOW - HOUR, NOW)).toBe(OF_ACCOUNT.afterOne(0, NOW));
  });
});
