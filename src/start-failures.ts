import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError, type Config } from './config.js';

class DataFolderUnusable extends Error {}

/** Throws when the folder cannot be made or written to, or a database file that is there cannot be written. */
export function assertWritable({ dataDir, database }: Pick<Config, 'dataDir' | 'database'>): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK);
  } catch {
    throw new DataFolderUnusable(
      `The data folder ${dataDir} cannot be written to. Make it writable, or set DATA_DIR.`,
    );
  }
  if (database.kind === 'sqlite') assertFileWritable(database.file);
}

/** SQLite opens a file that it may only read without a word, and fails at the first change. */
function assertFileWritable(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    accessSync(dirname(file), constants.W_OK);
    if (existsSync(file)) accessSync(file, constants.W_OK);
  } catch {
    throw new DataFolderUnusable(
      `The database file ${file} cannot be written to. Make it and its folder writable, or set DATABASE_URL.`,
    );
  }
}

/** What the person at the terminal should read; a stack only for what nobody foresaw. */
export function explainFailure(error: unknown): string {
  if (error instanceof ConfigError) return `CyberMed cannot start. Mend these settings:\n${error.message}`;
  if (error instanceof DataFolderUnusable) return error.message;
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken. Stop the program that uses it, or set PORT to another.`;
  if (code === 'EACCES' && port !== undefined)
    return `Port ${port} needs more rights. Set PORT to one above 1023.`;
  if (code === 'EADDRNOTAVAIL') return `This machine has no address ${address}. Mend HOST.`;
  return `CyberMed cannot start.\n${error instanceof Error ? error.stack : String(error)}`;
}
