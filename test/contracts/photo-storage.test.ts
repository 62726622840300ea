import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FolderPhotoStorage } from '../../src/identity/adapters/folder-photo-storage.js';
import type { PhotoStorage } from '../../src/identity/ports.js';
import { MemoryPhotoStorage } from '../support/memory/memory-photo-storage.js';

const PHOTO = Buffer.from('a photo');
const OTHER = Buffer.from('another');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cybermed-photos-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const STORES: [string, () => PhotoStorage][] = [
  ['memory', () => new MemoryPhotoStorage()],
  ['a folder', () => new FolderPhotoStorage(join(folder, 'photos'))],
];

describe.each(STORES)('PhotoStorage (%s)', (_, open) => {
  test('what is kept is found, under its key alone', async () => {
    const storage = open();
    const [one, other] = [storage.newKey(), storage.newKey()];
    await storage.keep(one, PHOTO);
    await storage.keep(other, OTHER);
    expect([await storage.find(one), await storage.find(other)]).toEqual([PHOTO, OTHER]);
    expect(await storage.find(storage.newKey())).toBeUndefined();
  });

  test('what is removed is gone, and nothing else is; nothing happens where nothing is kept', async () => {
    const storage = open();
    const [one, other] = [storage.newKey(), storage.newKey()];
    await storage.remove(one);
    await storage.keep(one, PHOTO);
    await storage.keep(other, OTHER);
    await storage.remove(one);
    expect([await storage.find(one), await storage.find(other)]).toEqual([undefined, OTHER]);
  });

  test('a key is 128 random bits', () => {
    const storage = open();
    const keys = Array.from({ length: 100 }, () => storage.newKey());
    expect(new Set(keys).size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('a folder of photos', () => {
  const photos = () => join(folder, 'photos');

  test('is its owner’s alone, and so are its files', async () => {
    const storage = new FolderPhotoStorage(photos());
    const key = storage.newKey();
    await storage.keep(key, PHOTO);
    expect(readdirSync(photos())).toEqual([`${key}.webp`]);
    expect(statSync(photos()).mode & 0o777).toBe(0o700);
    expect(statSync(join(photos(), `${key}.webp`)).mode & 0o777).toBe(0o600);
  });

  test('is left by what a crash has left of a photo, when that is removed', async () => {
    const storage = new FolderPhotoStorage(photos());
    const key = storage.newKey();
    await storage.keep(storage.newKey(), OTHER);
    writeFileSync(join(photos(), `${key}.webp.new`), 'half a ph');
    expect(await storage.find(key)).toBeUndefined();
    await storage.remove(key);
    expect(readdirSync(photos())).toHaveLength(1);
  });

  test.each(['', '..', '../../etc/passwd', 'A'.repeat(32), `${'a'.repeat(32)}/b`, 'a'.repeat(33)])(
    'has no file of the key %j',
    async (key) => {
      const storage = new FolderPhotoStorage(photos());
      await expect(storage.find(key)).rejects.toThrow('no key');
      await expect(storage.keep(key, PHOTO)).rejects.toThrow('no key');
      await expect(storage.remove(key)).rejects.toThrow('no key');
    },
  );

  test('that cannot be made or written is an error, and no photo', async () => {
    writeFileSync(photos(), 'a file is in the way');
    const storage = new FolderPhotoStorage(photos());
    await expect(storage.keep(storage.newKey(), PHOTO)).rejects.toThrow();
    expect(existsSync(photos())).toBe(true);
  });
});
