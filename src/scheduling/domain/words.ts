/** `1 day`, `90 days`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** Minutes as people say them: in hours where these are whole. */
export function inWords(minutes: number): string {
  const isHours = minutes > 0 && minutes % 60 === 0;
  return isHours ? counted(minutes / 60, 'hour') : counted(minutes, 'minute');
}
