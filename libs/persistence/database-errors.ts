/** What the drivers say went wrong; SQLite, PostgreSQL and MySQL in that order where they have a word for it. */
function codeOf(error: unknown): string {
  const { driverError, code } = (error ?? {}) as { driverError?: { code?: unknown }; code?: unknown };
  const told = driverError?.code ?? code;
  return typeof told === 'string' ? told : '';
}

const UNIQUE = ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', '23505', 'ER_DUP_ENTRY'];

/** Serialization failure, deadlock, or another process's write lock: the unit may succeed when it begins anew. */
const TRY_AGAIN = ['40001', '40P01', 'ER_LOCK_DEADLOCK'];

const LOCK_TIMEOUT = ['55P03', 'ER_LOCK_WAIT_TIMEOUT'];

/** Statement timeouts, servers that stop or are full, and connections that break. */
const UNAVAILABLE = new Set(
  [
    '57014 ER_STATEMENT_TIMEOUT ER_QUERY_TIMEOUT ER_QUERY_INTERRUPTED',
    '57P01 57P02 57P03 53300 ER_CON_COUNT_ERROR ER_SERVER_SHUTDOWN',
    'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT PROTOCOL_CONNECTION_LOST ER_CONNECTION_KILLED',
  ].flatMap((codes) => codes.split(' ')),
);

/** node-postgres gives the first no code; the others are TypeORM's, whose runner goes with its connection. */
const BROKEN = new RegExp(
  [
    '^Connection terminated|^timeout exceeded when trying to connect|^Client has encountered a connection error',
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
    code.startsWith('08') || UNAVAILABLE.has(code) || (error instanceof Error && BROKEN.test(error.message))
  );
}
