import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { inject, onTestFinished } from 'vitest';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { openReader, openWriter, writerOptions } from '../../src/database/data-source.js';
import { TypeOrmUsers } from '../../src/identity/adapters/typeorm-users.js';
import { scratchFolder } from '../support/folders.js';

/** Where a database may be made; gone when the test is. */
export function newFile(): string {
  const folder = scratchFolder('persistence');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'cybermed.db');
}

/** A migrated database without rows. */
export function migratedFile(): string {
  const file = newFile();
  copyFileSync(join(inject('templates'), 'empty.db'), file);
  return file;
}

export interface Opened {
  file: string;
  writer: DataSource;
  reader: DataSource;
  transactions: TypeOrmTransactions;
  users: TypeOrmUsers;
}

/** The writing connection as the application opens it, but for what a test changes. */
export async function openFile(file: string, change: object = {}): Promise<DataSource> {
  return openWriter({ ...(await writerOptions({ kind: 'sqlite', file })), ...change });
}

/** As the application opens it, but for the queue if another is given. */
export async function openDatabase(
  file = migratedFile(),
  queue?: ConstructorParameters<typeof TypeOrmTransactions>[2],
): Promise<Opened> {
  const writer = await openFile(file);
  const reader = await openReader({ kind: 'sqlite', file });
  onTestFinished(async () => {
    if (reader.isInitialized) await reader.destroy();
    if (writer.isInitialized) await writer.destroy();
  });
  const transactions = new TypeOrmTransactions(writer, reader, queue);
  return { file, writer, reader, transactions, users: new TypeOrmUsers(transactions) };
}
