/** Makes the identifiers of new things. */
export abstract class Ids {
  /** A UUID of version 7 (RFC 9562), lower-case; a later id sorts after an earlier one of the same process. */
  abstract next(): string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Whether `text` could be an id of ours. A path segment that could not is answered `404` without a look-up. */
export function isId(text: string): boolean {
  return UUID.test(text);
}
