/** A LIKE pattern for text that contains `part` as it stands; goes with `ESCAPE '!'`. */
export function containing(part: string): string {
  return `%${part.replace(/[!%_]/g, '!$&')}%`;
}
