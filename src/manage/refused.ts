import { isUnavailable } from '#libs/persistence/database-errors.js';

/** The command was not done, for a reason that was foreseen; the message says what to do about it. */
export class Refused extends Error {}

/** The command line is none of those that there are. */
export class NotUnderstood extends Error {}

/** What an error of the system, SQLite or a database server says in one line; undefined for a fault of this program. */
export function toldBySystem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, driverError } = error as { code?: unknown; driverError?: { code?: unknown } };
  const name = driverError?.code ?? code;
  if (typeof name !== 'string' || name.startsWith('ERR_'))
    return isUnavailable(error) ? error.message : undefined;
  // Node gives no message where several addresses were tried.
  return error.message.includes(name) || error.message === ''
    ? error.message || name
    : `${error.message} (${name})`;
}
