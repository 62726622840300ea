/**
 * What the drivers say went wrong; SQLite, PostgreSQL and MySQL in that order where they have a word for it. MySQL's has
 * none for what only MariaDB says: there the number stands.
 */
export function codeOf(error: unknown): string {
  type Told = { code?: string | number; errno?: number };
  const { driverError, ...own } = (error ?? {}) as Told & { driverError?: Told };
  const told = driverError ?? own;
  return String(told.code ?? told.errno ?? '');
}

const UNIQUE = ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', '23505', 'ER_DUP_ENTRY'];

/** Serialization failure, deadlock, or another process's write lock: the unit may succeed when it begins anew. */
const TRY_AGAIN = ['40001', '40P01', 'ER_LOCK_DEADLOCK'];

const LOCK_TIMEOUT = ['55P03', 'ER_LOCK_WAIT_TIMEOUT'];

/** Statement timeouts, servers that stop, are full or have become read-only, and connections that break. */
const UNAVAILABLE = new Set(
  [
    '57014 ER_QUERY_TIMEOUT ER_QUERY_INTERRUPTED 1969',
    '57P01 57P02 57P03 1927 ER_CON_COUNT_ERROR ER_SERVER_SHUTDOWN ER_NORMAL_SHUTDOWN',
    'ER_DISK_FULL ER_RECORD_FILE_FULL ER_OPTION_PREVENTS_STATEMENT 58030',
    'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT PROTOCOL_CONNECTION_LOST',
  ].flatMap((codes) => codes.split(' ')),
);

/** PostgreSQL's classes: connection exception, insufficient resources. */
const UNAVAILABLE_CLASS = /^(08|53)\w{3}$/;

/** The drivers give their own no code; the last are TypeORM's, whose runner goes with its connection. */
const BROKEN = new RegExp(
  [
    '^Connection terminated|^timeout exceeded when trying to connect',
    '^Client (has encountered a connection error|was closed)',
    '^Can.t (add new command|write) .*in closed state',
    '^Query runner already released|^Database connection provided by a query runner was already released',
  ].join('|'),
);

export function isUniqueViolation(error: unknown): boolean {
  return UNIQUE.includes(codeOf(error));
}

export function isWorthRetrying(error: unknown): boolean {
  const code = codeOf(error);
  return TRY_AGAIN.includes(code) || code.startsWith('SQLITE_BUSY');
}

export function isLockTimeout(error: unknown): boolean {
  return LOCK_TIMEOUT.includes(codeOf(error));
}

/** The database did not answer, or not in time; what a lost commit did is not known. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  return (
    UNAVAILABLE.has(code) ||
    UNAVAILABLE_CLASS.test(code) ||
    (error instanceof Error && BROKEN.test(error.message))
  );
}

/** The disk under a SQLite file is full, failing or gone, or the file is no longer what SQLite wrote. */
const DISK = /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|CANTOPEN|READONLY)(_|$)/;

/** The code of such an error; undefined for every other. */
export function diskFaultOf(error: unknown): string | undefined {
  const code = codeOf(error);
  return DISK.test(code) ? code : undefined;
}
