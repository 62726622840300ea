import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { contract } from './stores.js';

const [ADA, BEN] = ['01900000-0000-7000-8000-0000000000a1', '01900000-0000-7000-8000-0000000000b1'] as const;
const LONG = 60_000;
const SHORT = 30;

contract('Leases', (opened) => {
  const take = (name: string, holder: string, duration = LONG) => {
    const { transactions, leases } = opened();
    return transactions.run(() => leases.take(name, holder, duration));
  };
  const release = (name: string, holder: string) => {
    const { transactions, leases } = opened();
    return transactions.run(() => leases.release(name, holder));
  };

  test('a lease that is free is taken, and then held against others', async () => {
    expect(await take('sweep', ADA)).toBe(true);
    expect(await take('sweep', BEN)).toBe(false);
    expect(await take('sweep', BEN)).toBe(false);
  });

  test('leases of other names are other leases', async () => {
    await take('sweep', ADA);
    expect(await take('polish', BEN)).toBe(true);
    expect(await take('Sweep', BEN)).toBe(true);
  });

  test('a lease of a holder who is gone runs out', async () => {
    await take('sweep', ADA, SHORT);
    await sleep(2 * SHORT);
    expect(await take('sweep', BEN)).toBe(true);
    expect(await take('sweep', ADA)).toBe(false);
  });

  test('the holder holds on to it: from then on the new time counts', async () => {
    await take('sweep', ADA, SHORT);
    expect(await take('sweep', ADA, LONG)).toBe(true);
    await sleep(2 * SHORT);
    expect(await take('sweep', BEN)).toBe(false);
    expect(await take('sweep', ADA, SHORT)).toBe(true);
    await sleep(2 * SHORT);
    expect(await take('sweep', BEN)).toBe(true);
  });

  test('what is given back is free at once, for the one who gave it too', async () => {
    await take('sweep', ADA);
    await release('sweep', ADA);
    expect(await take('sweep', BEN)).toBe(true);
    await release('sweep', BEN);
    expect(await take('sweep', BEN)).toBe(true);
  });

  test('what another holds cannot be given back, nor what nobody holds', async () => {
    await release('sweep', ADA);
    await take('sweep', ADA);
    await release('sweep', BEN);
    expect(await take('sweep', BEN)).toBe(false);
  });

  test.each(['that nobody ever held', 'that has run out'])(
    'of 20 who ask at once for a lease %s one gets it',
    async (state) => {
      if (state === 'that has run out') {
        await take('sweep', ADA, 1);
        await sleep(10);
      }
      const holders = Array.from({ length: 20 }, (_, index) => BEN.slice(0, -2) + String(10 + index));
      const taken = await Promise.all(holders.map((holder) => take('sweep', holder)));
      expect(taken.filter(Boolean)).toHaveLength(1);
    },
  );

  test('a unit that fails takes nothing', async () => {
    const { transactions, leases } = opened();
    const failing = transactions.run(async () => {
      await leases.take('sweep', ADA, LONG);
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
    expect(await take('sweep', BEN)).toBe(true);
  });
});
