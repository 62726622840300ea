/** RFC 6901. */
export function pointerTo(field: string): string {
  return `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

export function unknownField(pointer: string) {
  return { pointer, code: 'unknown-field', message: 'is not known here' };
}
