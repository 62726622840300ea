import { createHash } from 'node:crypto';
import { closeSync, copyFileSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { SqliteDatabase } from '#libs/persistence/sqlite-driver.js';
import { scratchFolder } from '../support/folders.js';
import type { Template } from '../support/templates.js';
import { manage } from './terminal.js';

/** Gone when the test is. */
export function newFolder(): string {
  const folder = scratchFolder('manage');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An installation's only file, which no server uses. */
export function installation(content: Template = 'demo'): string {
  const file = join(newFolder(), 'cybermed.db');
  copyFileSync(join(inject('templates'), `${content}.db`), file);
  return file;
}

/** As before the first change of the tables. */
export function olderInstallation(): string {
  const file = installation();
  change(file, 'DROP TABLE leases', `DELETE FROM migrations WHERE name NOT LIKE 'Foundation%'`);
  return file;
}

export const environmentOf = (file: string): NodeJS.ProcessEnv => ({ DATABASE_URL: `sqlite:${file}` });

/** A finished backup, in a folder of its own. */
export async function backupOf(file: string): Promise<string> {
  const backup = join(newFolder(), 'backup.db');
  const { code, complaint } = await manage(['backup', backup], environmentOf(file));
  if (code !== 0) throw new Error(complaint);
  return backup;
}

/** Runs SQL as somebody would who does not know the product. */
export function change(file: string, ...statements: string[]): void {
  const connection = new SqliteDatabase(file);
  for (const sql of statements) connection.exec(sql);
  connection.close();
}

/** Every row of every table. */
export function rowsOf(file: string): Record<string, unknown[]> {
  const connection = new SqliteDatabase(file, { fileMustExist: true });
  try {
    const tables = connection
      .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
      .pluck()
      .all() as string[];
    return Object.fromEntries(
      tables.map((name) => [name, connection.prepare(`SELECT * FROM ${name}`).all()]),
    );
  } finally {
    connection.close();
  }
}

/** What lies in a folder, by name, to see whether anything has changed; not while this process has a database there open. */
export function contentsOf(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

/** As a broken disk would: some pages in the middle are not what was written. */
export function overwrite(file: string): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(8 * 4096, 7), 0, 8 * 4096, 8 * 4096);
  closeSync(descriptor);
}
