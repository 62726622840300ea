import type { FieldError } from '#libs/kernel/errors.js';

/** RFC 6901. */
export function pointerTo(field: string): string {
  return `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

const UNKNOWN = 'unknown-field';

export function unknownField(pointer: string): FieldError {
  return { pointer, code: UNKNOWN, message: 'is not known here' };
}

/** The same faults, where unknown fields that the answer has are read and cannot be set. */
export function knowingAnswer(faults: readonly FieldError[], answered: readonly string[]): FieldError[] {
  const pointers = new Set(answered.map(pointerTo));
  return faults.map((fault) =>
    fault.code === UNKNOWN && pointers.has(fault.pointer)
      ? { ...fault, code: 'read-only', message: 'is read-only' }
      : fault,
  );
}
