import { expect, test } from 'vitest';
import { TryBudget } from '../../src/identity/domain/try-budget.js';
import type { Draw } from '../../src/identity/ports.js';
import { contract } from './stores.js';

const NOW = Date.parse('2030-01-07T12:00:00Z');
const EVERY = 1000;
const THREE = new TryBudget(3, EVERY);

contract('TryBudgets', (opened) => {
  const of = (key: string, budget = THREE): Draw => ({ key, budget });
  const draw = (draws: Draw | readonly Draw[], now = NOW) => {
    const { transactions, budgets } = opened();
    return transactions.run(() => budgets.draw([draws].flat(), now));
  };
  const giveBack = (...draws: readonly Draw[]) => {
    const { transactions, budgets } = opened();
    return transactions.run(() => budgets.giveBack(draws));
  };
  const forget = (now: number, atMost = 100) => {
    const { transactions, budgets } = opened();
    return transactions.run(() => budgets.forget(now, atMost));
  };
  async function drawAll(key: string, now = NOW): Promise<void> {
    for (let i = 0; i < THREE.tries; i++) expect(await draw(of(key), now)).toBe(0);
  }

  test('there are as many tries as the budget says, and then the wait for the next is told', async () => {
    await drawAll('ada');
    expect(await draw(of('ada'))).toBe(EVERY);
    expect(await draw(of('ada'), NOW + 400)).toBe(EVERY - 400);
  });

  test('as many as there are tries may come at once to a budget that nobody has used', async () => {
    for (let round = 0; round < 5; round++) {
      const first = await Promise.all(Array.from({ length: THREE.tries }, () => draw(of(`crowd ${round}`))));
      expect(first).toEqual([0, 0, 0]);
    }
  });

  test('the wait of several is the longest of theirs, and asking takes nothing', async () => {
    const { budgets } = opened();
    expect(await budgets.wait([of('ada'), of('ben')], NOW)).toBe(0);
    await drawAll('ada');
    await drawAll('ben', NOW + 300);
    for (let i = 0; i < 5; i++)
      expect(await budgets.wait([of('ada'), of('ben'), of('cleo')], NOW + 300)).toBe(EVERY);
    expect(await budgets.wait([of('ada')], NOW + 300)).toBe(EVERY - 300);
    expect(await draw(of('ada'), NOW + EVERY)).toBe(0);
  });

  test('budgets of other keys are other budgets, also in another case', async () => {
    await drawAll('ada');
    expect(await draw(of('ben'))).toBe(0);
    expect(await draw(of('Ada'))).toBe(0);
  });

  test('tries come back one by one', async () => {
    await drawAll('ada');
    expect(await draw(of('ada'), NOW + EVERY - 1)).toBe(1);
    expect(await draw(of('ada'), NOW + EVERY)).toBe(0);
    expect(await draw(of('ada'), NOW + EVERY)).toBe(EVERY);
    expect(await draw(of('ada'), NOW + 3 * EVERY)).toBe(0);
    expect(await draw(of('ada'), NOW + 3 * EVERY)).toBe(0);
    expect(await draw(of('ada'), NOW + 3 * EVERY)).toBe(EVERY);
  });

  test('one that rests for long has all its tries, and no more', async () => {
    await drawAll('ada');
    await drawAll('ada', NOW + 1000 * EVERY);
    expect(await draw(of('ada'), NOW + 1000 * EVERY)).toBe(EVERY);
  });

  test('what is given back can be taken again, and only that', async () => {
    await drawAll('ada');
    await giveBack(of('ada'));
    expect(await draw(of('ada'))).toBe(0);
    expect(await draw(of('ada'))).toBe(EVERY);
  });

  test('giving back to a budget of which nothing is kept does nothing', async () => {
    await giveBack(of('ada'));
    await drawAll('ada');
    expect(await draw(of('ada'))).toBe(EVERY);
  });

  test('of several budgets one is taken each, or none of any', async () => {
    await drawAll('ben');
    for (let i = 0; i < 5; i++) expect(await draw([of('ada'), of('ben')])).toBe(EVERY);
    for (let i = 0; i < 5; i++) expect(await draw([of('ben'), of('ada')])).toBe(EVERY);
    await drawAll('ada');
    expect(await draw([of('cleo'), of('dan')])).toBe(0);
    expect(await draw(of('cleo'))).toBe(0);
    expect(await draw(of('cleo'))).toBe(0);
    expect(await draw(of('cleo'))).toBe(EVERY);
  });

  test('what a clock that was wrong has kept is not believed, once it is more than an hour off', async () => {
    const HOUR = 3_600_000;
    await drawAll('ada', NOW + HOUR);
    expect(await draw(of('ada'), NOW)).toBe(HOUR + EVERY);
    await drawAll('ben', NOW + HOUR + 1);
    await drawAll('ben', NOW);
    expect(await draw(of('ben'), NOW)).toBe(EVERY);
  });

  test('budgets of different sizes', async () => {
    const one = new TryBudget(1, 60_000);
    expect(await draw(of('ada', one))).toBe(0);
    expect(await draw(of('ada', one))).toBe(60_000);
  });

  test.each(['that nobody used', 'that has rested', 'of which one is used'])(
    'of 40 who draw at once on a budget %s no more than its tries succeed',
    async (state) => {
      if (state === 'that has rested') await drawAll('ada', NOW - 1000 * EVERY);
      if (state === 'of which one is used') await draw(of('ada'));
      const draws = [of('net', new TryBudget(1000, EVERY)), of('ada')];
      const waits = await Promise.all(Array.from({ length: 40 }, () => draw(draws)));
      const left = state === 'of which one is used' ? 2 : 3;
      expect(waits.filter((wait) => wait === 0)).toHaveLength(left);
    },
  );

  test('those of which all is back are forgotten, the oldest first, and no others', async () => {
    await draw(of('ada'), NOW);
    await draw(of('ben'), NOW + 10);
    await draw(of('cleo'), NOW + 5000);
    expect(await forget(NOW + EVERY)).toBe(0);
    expect(await forget(NOW + EVERY + 500, 1)).toBe(1);
    expect(await forget(NOW + EVERY + 500)).toBe(1);
    expect(await forget(NOW + EVERY + 500)).toBe(0);
    for (let i = 0; i < 2; i++) expect(await draw(of('cleo'), NOW + 5000)).toBe(0);
    expect(await draw(of('cleo'), NOW + 5000)).toBe(EVERY);
  });

  test('a unit that fails takes nothing', async () => {
    const { transactions, budgets } = opened();
    const failing = transactions.run(async () => {
      await budgets.draw([of('ada')], NOW);
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
    await drawAll('ada');
  });
});
