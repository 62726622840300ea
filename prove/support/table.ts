export type Figures = Record<string, string | number>;

/** Figures as a table of Markdown, one run a row; a figure that a run does not have stays empty. */
export function table(runs: readonly Figures[]): string {
  const heads = [...new Set(runs.flatMap(Object.keys))];
  const rows = [heads, heads.map(() => '---'), ...runs.map((run) => heads.map((head) => cell(run[head])))];
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => `| ${row.map((text, column) => text.padEnd(widths[column]!)).join(' | ')} |`)
    .join('\n');
}

function cell(figure: string | number | undefined): string {
  return typeof figure === 'number' ? figure.toLocaleString('en') : (figure ?? '');
}

/** The value below which this part of all lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
}

/** How often each occurs, the most frequent first: `409 slot-taken 812, 409 patient-busy 90`. */
export function tally(words: Iterable<string>): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([word, count]) => `${word} ${count.toLocaleString('en')}`)
    .join(', ');
}
