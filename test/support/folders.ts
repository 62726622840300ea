import { existsSync, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In memory on Linux, where a commit need not wait for a disk: nothing of a test need survive a power cut. */
const SHARED_MEMORY = '/dev/shm';
const ROOM = 2 ** 31;

const parent = hasRoom(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir();

const made: string[] = [];

/** A new folder for databases of a test; whoever makes it removes it. */
export function scratchFolder(name: string): string {
  const folder = mkdtempSync(join(parent, `cybermed-${name}-`));
  made.push(folder);
  return folder;
}

/** Those of this test file that nobody has removed. */
export function scratchFoldersLeft(): string[] {
  return made.filter((folder) => existsSync(folder));
}

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > ROOM;
  } catch {
    return false;
  }
}
