import { expect, test } from 'vitest';
import { contract } from './stores.js';

const [A, B, C] = ['a'.repeat(32), 'b'.repeat(32), 'c'.repeat(32)];

contract('DiscardedPhotos', (opened) => {
  test('keys that were added before are told, the oldest first and no more than asked for', async () => {
    const { transactions, discardedPhotos } = opened();
    await transactions.run(async () => {
      await discardedPhotos.add(A, 3000);
      await discardedPhotos.add(B, 1000);
      await discardedPhotos.add(C, 2000);
    });
    expect(await discardedPhotos.before(3000, 10)).toEqual([B, C]);
    expect(await discardedPhotos.before(3001, 10)).toEqual([B, C, A]);
    expect(await discardedPhotos.before(3001, 1)).toEqual([B]);
  });

  test('of all who take a key off one is answered that it was there', async () => {
    const { transactions, discardedPhotos } = opened();
    await transactions.run(() => discardedPhotos.add(A, 1000));
    const taken = await Promise.all(
      Array.from({ length: 5 }, () => transactions.run(() => discardedPhotos.takeOff(A))),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await discardedPhotos.before(9999, 10)).toEqual([]);
  });
});
