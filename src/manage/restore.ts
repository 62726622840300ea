import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SqliteConnection } from '#libs/persistence/sqlite-driver.js';
import { Refused } from './refused.js';
import { assertWhole, claim, flush, flushFolderOf, isBroken, open, removeAll } from './sqlite-file.js';
import { assertKnown, openFile } from './typeorm-databases.js';
import { Tables } from './typeorm-tables.js';

/** Milliseconds: longer than a starting server waits for a lock. */
const ALL_GAVE_UP = 500;

/**
 * Puts a backup in the place of the database, which is kept beside it under a dated name. Both are locked until the
 * end, so that a server that starts meanwhile finds neither. A crash at any moment leaves one of the two in the place.
 */
export async function restore(name: string, file: string, say: (line: string) => void): Promise<void> {
  // Where a link points to is where SQLite lays the log.
  const database = existsSync(name) ? realpathSync(name) : name;
  const source = resolve(file);
  assertFinished(source, database);
  mkdirSync(dirname(database), { recursive: true });
  const copy = `${database}.${process.pid}.restoring`;
  let present: SqliteConnection | undefined;
  let restored: SqliteConnection | undefined;
  try {
    present = claimPresent(database);
    copyFileSync(source, copy, constants.COPYFILE_EXCL);
    giveToOwnerOf(existsSync(database) ? database : dirname(database), copy);
    const report = await check(copy, source);
    flush(copy);
    restored = open(copy);
    claim(restored);
    const kept = existsSync(database) ? keep(database, present) : undefined;
    if (process.platform === 'win32') {
      // There a file that anybody has open is not renamed, which also keeps a starting server safe.
      present?.close();
      restored.close();
    }
    renameSync(copy, database);
    flushFolderOf(database);
    // Who opened the one before by this name, just before the renaming, shall find it locked, and not go on with it.
    if (kept !== undefined) {
      await sleep(ALL_GAVE_UP);
      say(`The database before is kept as ${kept}`);
    }
    say(`Restored ${source} to ${database}:`);
    report.forEach(say);
  } finally {
    present?.close();
    restored?.close();
    removeAll(copy);
  }
}

function assertFinished(source: string, database: string): void {
  const backup = statSync(source, { throwIfNoEntry: false });
  if (!backup?.isFile()) throw new Refused(`There is no file ${source}.`);
  const present = statSync(database, { throwIfNoEntry: false });
  if (present?.ino === backup.ino && present.dev === backup.dev)
    throw new Refused(`${source} is the database itself. Name a backup.`);
  if ((statSync(`${source}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0)
    throw new Refused(`${source} has a log beside it (-wal): it is a database in use, no finished backup.`);
}

/** The present database, locked and whole in its one file; undefined where there is none, or none that can be read. */
function claimPresent(database: string): SqliteConnection | undefined {
  if (!existsSync(database)) return undefined;
  const present = open(database);
  try {
    claim(present);
    present.pragma('wal_checkpoint(TRUNCATE)');
    return present;
  } catch (error) {
    present.close();
    // A damaged database is a reason to restore one.
    if (isBroken(error)) return undefined;
    throw error;
  }
}

/** Who restores as root shall not lock the server out. */
function giveToOwnerOf(other: string, copy: string): void {
  chmodSync(copy, 0o600);
  const { uid, gid } = statSync(other);
  if (process.getuid?.() === 0) chownSync(copy, uid, gid);
}

async function check(copy: string, name: string): Promise<string[]> {
  const file = open(copy);
  try {
    assertWhole(file, name, 'Name another backup.');
    file.pragma('journal_mode = DELETE');
  } finally {
    file.close();
  }
  const dataSource = await openFile(copy);
  try {
    await assertKnown(dataSource, name);
    return await new Tables(dataSource.manager).report();
  } finally {
    await dataSource.destroy();
  }
}

function keep(database: string, present: SqliteConnection | undefined): string {
  const kept = `${database}.before-${new Date().toISOString().replace(/[-:]/g, '')}`;
  // The log of a database that could not be read belongs to it; any other has been emptied into its file.
  if (present === undefined && existsSync(`${database}-wal`)) renameSync(`${database}-wal`, `${kept}-wal`);
  for (const end of ['-wal', '-shm']) rmSync(database + end, { force: true });
  try {
    // Not a move, so that the place is never empty: a server that starts there would make a new database.
    linkSync(database, kept);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
    renameSync(database, kept);
  }
  return kept;
}
