import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PhotoStorage } from '../ports.js';

const KEY = /^[0-9a-f]{32}$/;

/** One file a photo. Nodes that share the database share the folder. */
export class FolderPhotoStorage extends PhotoStorage {
  constructor(private readonly folder: string) {
    super();
  }

  newKey(): string {
    return randomBytes(16).toString('hex');
  }

  async keep(key: string, photo: Uint8Array): Promise<void> {
    const file = this.#fileOf(key);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await written(unfinished(file), photo);
    await rename(unfinished(file), file);
    await synced(this.folder);
  }

  async find(key: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#fileOf(key));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    const file = this.#fileOf(key);
    await rm(unfinished(file), { force: true });
    await rm(file, { force: true });
  }

  #fileOf(key: string): string {
    // A key comes from the database, which may not decide where files are.
    if (!KEY.test(key)) throw new Error('this is no key of a photo');
    return join(this.folder, `${key}.webp`);
  }
}

const unfinished = (file: string): string => `${file}.new`;

async function written(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The name of a file is kept by its folder. Windows knows no such call, and needs none. */
async function synced(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
