import { isCalendarDate } from './calendar-date.js';
import { InvalidRequest } from './errors.js';
import { isId } from './ids.js';

/** One page of a keyset-paginated list; `nextCursor` is null on the last page. */
export interface Page<T> {
  results: readonly T[];
  nextCursor: string | null;
}

/** The sort key of the last row of a page, and which way the list goes where it may go either. */
export type Keyset = readonly (string | number)[];

/** Of JavaScript's dates. */
const LAST_INSTANT = 8.64e15;

/**
 * What lists are sorted by, and which way where they go either. Of other values some databases fail, and none belongs to
 * a row.
 */
const PARTS = {
  id: (part: unknown) => typeof part === 'string' && isId(part),
  date: isCalendarDate,
  instant: (part: unknown) => Number.isSafeInteger(part) && Math.abs(part as number) <= LAST_INSTANT,
  asc: (part: unknown) => part === 'asc',
  desc: (part: unknown) => part === 'desc',
};

export function encodeCursor(key: Keyset): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * The key inside a cursor, whose members are what `parts` says.
 * Throws InvalidRequest for anything that `encodeCursor` did not make.
 */
export function decodeCursor<K extends Keyset>(
  cursor: string,
  ...parts: { [I in keyof K]: keyof typeof PARTS }
): K {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const isAlike =
      Array.isArray(key) && key.length === parts.length && key.every((part, i) => PARTS[parts[i]!](part));
    // Decoding overlooks what does not belong; only what was encoded here comes out the same again.
    if (isAlike && encodeCursor(key as Keyset) === cursor) return key as unknown as K;
  } catch {
    // Not ours: answered below.
  }
  throw InvalidRequest.at('cursor', 'cursor', 'is not a cursor that this list answered');
}

/** A page out of `limit + 1` rows read: the extra one only tells that there are more. */
export function pageOf<T>(rows: readonly T[], limit: number, key: (row: T) => Keyset): Page<T> {
  const results = rows.slice(0, limit);
  const last = results.at(-1);
  return { results, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(key(last)) : null };
}

/** All rows of a list, read page by page as they are asked for; none where there is nobody whose list it is. */
export async function* everyOf<T>(
  owner: string | undefined,
  read: (owner: string, cursor: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<T> {
  if (owner === undefined) return;
  for (let cursor: string | undefined; ;) {
    const { results, nextCursor } = await read(owner, cursor);
    yield* results;
    if (nextCursor === null) return;
    cursor = nextCursor;
  }
}
