import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Options } from 'better-sqlite3';
import { SqliteDatabase, type SqliteConnection } from '#libs/persistence/sqlite-driver.js';
import { Refused } from './refused.js';

/** Milliseconds: a lock that is held longer is a server's, not one of a passing command. */
const BUSY_TIMEOUT = 200;

export function open(file: string, options: Options = {}): SqliteConnection {
  return new SqliteDatabase(file, { fileMustExist: true, timeout: BUSY_TIMEOUT, ...options });
}

/**
 * Takes the file for this connection alone, until it closes. A server keeps a shared lock as long as it has the file
 * open, also when it is idle, so this fails beside one, and none can start meanwhile.
 */
export function claim(connection: SqliteConnection): void {
  try {
    connection.pragma('locking_mode = EXCLUSIVE');
    connection.exec('BEGIN EXCLUSIVE; COMMIT');
  } catch (error) {
    if (isBusy(error)) {
      throw new Refused(
        `A server or another command uses ${connection.name}. Stop it (Ctrl+C, or systemctl stop cybermed), then try again.`,
      );
    }
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));
}

/** The file is no SQLite database, or was damaged. */
export function isBroken(error: unknown): boolean {
  return /^SQLITE_(NOTADB|CORRUPT)/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** Throws Refused, with `name` for the file, unless every page, index and foreign key is as it should be. */
export function assertWhole(connection: SqliteConnection, name: string, remedy: string): void {
  refusingDamage(name, remedy, () => {
    const faults = connection.pragma('integrity_check(1)', { simple: true });
    if (faults !== 'ok') throw damaged(name, String(faults), remedy);
    const [orphan] = connection.pragma('foreign_key_check') as { table: string; parent: string }[];
    if (orphan) throw damaged(name, `a row of ${orphan.table} lacks its ${orphan.parent}`, remedy);
  });
}

/** Does something with a file that may be no database; throws Refused if so. */
export function refusingDamage<T>(name: string, remedy: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isBroken(error) ? damaged(name, (error as Error).message, remedy) : error;
  }
}

function damaged(name: string, fault: string, remedy: string): Refused {
  return new Refused(
    `${name} is damaged, or no database: ${fault.trim().replace(/\s*\n\s*/g, '; ')}. ${remedy}`,
  );
}

/** Never of a file that SQLite has open in this process: closing it here would drop SQLite's locks. */
export function flush(file: string): void {
  // Windows flushes only what may be written.
  flushAs('r+', file);
}

function flushAs(flags: 'r' | 'r+', path: string): void {
  const descriptor = openSync(path, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a rename last. Windows cannot open folders, and needs no such thing. */
export function flushFolderOf(file: string): void {
  if (process.platform !== 'win32') flushAs('r', dirname(file));
}

/** The file and all that SQLite may have laid beside it. */
export function removeAll(file: string): void {
  for (const end of ['', '-journal', '-wal', '-shm']) rmSync(file + end, { force: true });
}
