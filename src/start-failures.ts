import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, isUnavailable } from '#libs/persistence/database-errors.js';
import { diskFaultOf, explainDiskFault } from '#libs/persistence/disk-faults.js';
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

/** By what PostgreSQL or MySQL and MariaDB say. */
const REFUSALS: readonly [codes: readonly string[], line: string][] = [
  [
    ['28P01', '28000', 'ER_ACCESS_DENIED_ERROR'],
    'The database server refuses the user of DATABASE_URL. Mend its name or password.',
  ],
  [['3D000', 'ER_BAD_DB_ERROR'], 'The database of DATABASE_URL does not exist. Create it, or mend its name.'],
  [
    ['42501', 'ER_DBACCESS_DENIED_ERROR', 'ER_TABLEACCESS_DENIED_ERROR'],
    'The user of DATABASE_URL may not do what is needed in its database. Make the user its owner.',
  ],
];

function explainDatabase(error: unknown): string | undefined {
  const code = codeOf(error);
  const fault = diskFaultOf(error);
  if (fault !== undefined) return explainDiskFault(fault);
  const refusal = REFUSALS.find(([codes]) => codes.includes(code));
  if (refusal !== undefined) return refusal[1];
  if (isUnavailable(error) || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `No database server answers at DATABASE_URL (${code || (error as Error).message}). Start it, or mend the address.`;
  return undefined;
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
  const database = explainDatabase(error);
  if (database !== undefined) return `CyberMed cannot start. ${database}`;
  return `CyberMed cannot start.\n${error instanceof Error ? error.stack : String(error)}`;
}
