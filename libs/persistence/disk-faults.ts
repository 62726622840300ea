import { codeOf } from './database-errors.js';

/** The disk under a SQLite file is full, failing or gone, or the file is no longer what SQLite wrote. */
const DISK = /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|CANTOPEN|READONLY)(_|$)/;

/** The code of such an error; undefined for every other. */
export function diskFaultOf(error: unknown): string | undefined {
  const code = codeOf(error);
  return DISK.test(code) ? code : undefined;
}

const REMEDIES: readonly [fault: string, remedy: string][] = [
  ['SQLITE_FULL', 'The disk of the database file is full: make room on it.'],
  ['SQLITE_IOERR', 'The disk of the database file failed: look for its errors in the log of the system.'],
  [
    'SQLITE_CORRUPT',
    'The database file is damaged, or cannot be read: look at its disk, then restore a backup.',
  ],
  [
    'SQLITE_NOTADB',
    'The database file is damaged, or no file of SQLite: restore a backup, or mend DATABASE_URL.',
  ],
  ['SQLITE_CANTOPEN', 'The database file cannot be opened: look for its folder and whose it is.'],
  [
    'SQLITE_READONLY',
    'The database file cannot be written to: look whose it is, and how its disk is mounted.',
  ],
];

/** One line for the operator about a code that `diskFaultOf` answered. */
export function explainDiskFault(fault: string): string {
  return `${REMEDIES.find(([beginning]) => fault.startsWith(beginning))![1]} (${fault})`;
}
