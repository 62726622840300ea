const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Whether it is a date, `YYYY-MM-DD`, that some calendar shows. */
export function isCalendarDate(value: unknown): value is string {
  if (typeof value !== 'string' || !DATE.test(value)) return false;
  const instant = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(value);
}
