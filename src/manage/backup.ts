import { closeSync, existsSync, openSync, renameSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Refused } from './refused.js';
import { assertWhole, flush, flushFolderOf, open, refusingDamage, removeAll } from './sqlite-file.js';
import { assertKnown, openFile } from './typeorm-databases.js';
import { Tables } from './typeorm-tables.js';

const REMEDY = 'Restore the last good backup.';

/**
 * Copies the database to a file of its own while servers go on writing: it holds what was committed when the copy
 * began. Until the copy has been checked and is safe on the disk it has another name.
 */
export async function backup(database: string, file: string, say: (line: string) => void): Promise<void> {
  const place = resolve(file);
  assertFree(place);
  if (!existsSync(database)) throw new Refused(`There is no database at ${database}: nothing to back up.`);
  const part = `${place}.${process.pid}.part`;
  closeSync(openSync(part, 'wx', 0o600));
  try {
    await copyPages(database, part);
    seal(part);
    const report = await check(part);
    flush(part);
    assertFree(place);
    renameSync(part, place);
    flushFolderOf(place);
    say(`Backed up ${database} to ${place}:`);
    report.forEach(say);
  } finally {
    removeAll(part);
  }
}

function assertFree(place: string): void {
  if (existsSync(place)) throw new Refused(`${place} exists already. Name a file that does not.`);
  if (!existsSync(dirname(place))) throw new Refused(`There is no folder ${dirname(place)}. Make it first.`);
}

async function copyPages(database: string, part: string): Promise<void> {
  // Not read-only: the last of all connections to close would then leave the log beside the file.
  const source = open(database);
  try {
    // One snapshot: without it the copy would begin anew after every commit of a server, perhaps for ever.
    refusingDamage(database, REMEDY, () => {
      source.exec('BEGIN');
      source.prepare('SELECT COUNT(*) FROM sqlite_master').get();
    });
    await source.backup(part);
  } finally {
    source.close();
  }
}

/** One file without a log beside it, which can be read where nothing can be written. */
function seal(part: string): void {
  const copy = open(part);
  try {
    copy.pragma('journal_mode = DELETE');
    assertWhole(copy, 'The database', REMEDY);
  } finally {
    copy.close();
  }
}

async function check(part: string): Promise<string[]> {
  const copy = await openFile(part);
  try {
    await assertKnown(copy, 'The database');
    return await new Tables(copy.manager).report();
  } finally {
    await copy.destroy();
  }
}
