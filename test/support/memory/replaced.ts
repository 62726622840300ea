/** Gives the row of this key what is given of a change; nothing happens to a row that is not there. */
export function replaced<Row extends object>(
  rows: Map<string, Row>,
  key: string,
  change: Partial<Row>,
): void {
  const row = rows.get(key);
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  if (row !== undefined) rows.set(key, { ...row, ...given });
}
