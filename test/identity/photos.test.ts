import { describe, expect, test } from 'vitest';
import { HOUR } from '#libs/kernel/clock.js';
import { Overloaded } from '#libs/kernel/errors.js';
import { NotAuthenticated, UnusableImage } from '../../src/identity/domain/errors.js';
import { PhotoEncoder } from '../../src/identity/ports.js';
import { ChangePhoto } from '../../src/identity/use-cases/change-photo.js';
import { RemovePhoto } from '../../src/identity/use-cases/remove-photo.js';
import { RemoveDiscardedPhotos } from '../../src/identity/use-cases/remove-discarded-photos.js';
import { FixedClock } from '../support/app.js';
import { MemoryPhotoStorage } from '../support/memory/memory-photo-storage.js';
import { MemoryPorts } from '../support/memory/memory-ports.js';
import { aUser } from '../support/memory/people.js';

const NOW = Date.parse('2030-01-07T07:00:00Z');

/** A photo is what was sent, but for `broken`. */
class PlainEncoder extends PhotoEncoder {
  async encode(picture: Uint8Array): Promise<Uint8Array> {
    if (Buffer.from(picture).toString() === 'broken') throw new UnusableImage('broken');
    return picture;
  }
}

/** The storage of a node that ends at some moment. */
class CrashingStorage extends MemoryPhotoStorage {
  crash: 'before' | 'after' | 'at removal' | undefined;

  override async keep(key: string, photo: Uint8Array): Promise<void> {
    if (this.crash === 'before') throw new Error('the node ends');
    await super.keep(key, photo);
    if (this.crash === 'after') throw new Error('the node ends');
  }

  override async remove(key: string): Promise<void> {
    if (this.crash === 'at removal') throw new Error('the node ends');
    await super.remove(key);
  }
}

async function clinic() {
  const ports = new MemoryPorts();
  const { transactions, users, discardedPhotos, audit } = ports;
  const storage = new CrashingStorage();
  const clock = new FixedClock(NOW);
  const change = new ChangePhoto(
    transactions,
    users,
    new PlainEncoder(),
    storage,
    discardedPhotos,
    new RemovePhoto(transactions, storage, discardedPhotos),
    { find: async () => undefined },
    clock,
    audit,
  );
  const removal = new RemoveDiscardedPhotos(transactions, storage, discardedPhotos, clock);
  const ada = aUser();
  await transactions.run(() => users.add(ada));
  return {
    transactions,
    discardedPhotos,
    storage,
    clock,
    removal,
    set: (picture: string | null) =>
      change.execute({ userId: ada.id, picture: picture === null ? null : Buffer.from(picture) }),
    deactivate: () => transactions.run(() => users.setActive(ada.id, false)),
    keyOf: async () => (await users.find(ada.id))!.photo,
    kept: () => [...storage.kept.values()].map((photo) => Buffer.from(photo).toString()),
    discarded: () => discardedPhotos.before(Infinity, 100),
  };
}

describe('a user’s photo', () => {
  test('is kept under a new key each time, and the one of before is gone', async () => {
    const { set, keyOf, kept, discarded } = await clinic();
    await set('one');
    const first = await keyOf();
    await set('two');
    expect(await keyOf()).toMatch(/^[0-9a-f]{32}$/);
    expect(await keyOf()).not.toBe(first);
    expect([kept(), await discarded()]).toEqual([['two'], []]);
  });

  test('can be taken away, also where there is none', async () => {
    const { set, keyOf, kept, discarded } = await clinic();
    await set('one');
    await set(null);
    await set(null);
    expect([await keyOf(), kept(), await discarded()]).toEqual([null, [], []]);
  });

  test('stays when the picture cannot be used', async () => {
    const { set, keyOf, kept, discarded } = await clinic();
    await set('one');
    const before = await keyOf();
    await expect(set('broken')).rejects.toBeInstanceOf(UnusableImage);
    expect([await keyOf(), kept(), await discarded()]).toEqual([before, ['one'], []]);
  });

  test('is not set for who may not act any more when the picture has come', async () => {
    const { set, keyOf, kept, discarded, deactivate } = await clinic();
    const late = set('late');
    await deactivate();
    await expect(late).rejects.toBeInstanceOf(NotAuthenticated);
    expect([await keyOf(), kept(), await discarded()]).toEqual([null, [], []]);
  });

  test('is one of those that were sent at once, and no other file stays', async () => {
    const { set, keyOf, kept, discarded, storage } = await clinic();
    await Promise.all(['one', 'two', 'three'].map((picture) => set(picture)));
    expect([...storage.kept.keys()]).toEqual([await keyOf()]);
    expect([kept().length, await discarded()]).toEqual([1, []]);
  });
});

describe('a file that nobody has', () => {
  test.each(['before', 'after'] as const)(
    'because the node ended %s it was written is removed an hour later, and not earlier',
    async (moment) => {
      const { set, keyOf, kept, discarded, storage, clock, removal } = await clinic();
      await set('one');
      const before = await keyOf();
      storage.crash = moment;
      await expect(set('two')).rejects.toThrow('the node ends');
      storage.crash = undefined;
      expect([await keyOf(), (await discarded()).length]).toEqual([before, 1]);
      clock.set(NOW + HOUR);
      expect(await removal.execute()).toBe(false);
      expect((await discarded()).length).toBe(1);
      clock.set(NOW + HOUR + 1);
      await removal.execute();
      expect([await keyOf(), kept(), await discarded()]).toEqual([before, ['one'], []]);
    },
  );

  test('because its removal failed is removed later; the change is made and told', async () => {
    const { set, kept, discarded, storage, clock, removal } = await clinic();
    await set('one');
    storage.crash = 'at removal';
    await set('two');
    expect([kept(), (await discarded()).length]).toEqual([['one', 'two'], 1]);
    clock.set(NOW + HOUR + 1);
    await expect(removal.execute()).rejects.toThrow('the node ends');
    storage.crash = undefined;
    await removal.execute();
    expect([kept(), await discarded()]).toEqual([['two'], []]);
  });

  test('was given to nobody: who comes back after that is refused', async () => {
    const { set, keyOf, storage, clock, removal, discarded } = await clinic();
    const keep = storage.keep.bind(storage);
    storage.keep = async (key, photo) => {
      await keep(key, photo);
      clock.set(NOW + 2 * HOUR);
      await removal.execute();
    };
    await expect(set('late')).rejects.toBeInstanceOf(Overloaded);
    expect([await keyOf(), storage.kept.size, await discarded()]).toEqual([null, 0, []]);
  });

  test('is removed with a hundred others at a time', async () => {
    const { transactions, discardedPhotos, storage, removal, discarded } = await clinic();
    await transactions.run(async () => {
      for (let i = 0; i < 101; i++) await discardedPhotos.add(storage.newKey(), NOW - 2 * HOUR);
    });
    expect([await removal.execute(), (await discarded()).length]).toEqual([true, 1]);
    expect([await removal.execute(), (await discarded()).length]).toEqual([false, 0]);
  });
});
