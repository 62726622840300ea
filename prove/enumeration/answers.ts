import type { Answer } from '../support/client.js';
import { quantile, type Figures } from '../support/table.js';

/** What emails of one kind were told, and how fast. */
export class Answers {
  readonly times: number[] = [];
  readonly #looks = new Set<string>();

  /** Those at the beginning meet code that is not warm yet: they are told what all are told, and are not timed. */
  add({ status, headers, body, milliseconds }: Answer, isTimed: boolean): void {
    if (isTimed) this.times.push(milliseconds);
    const { request_id: _, ...told } = body;
    this.#looks.add(`${status} ${JSON.stringify(told)} ${Object.keys(headers).toSorted().join()}`);
  }

  /** Status, body and names of headers, each once. */
  get looks(): string[] {
    return [...this.#looks].toSorted();
  }
}

export interface Comparison {
  call: string;
  /** How often the slower of one of each is that with an account; a half where the time tells nothing. */
  auc: number;
  /** How far from a half chance alone does not lead. */
  margin: number;
  /** Whether what is told differs by more than time. */
  differs: boolean;
  figures: Figures;
}

/** As far from a half nothing can be told. */
const MARGIN = 0.03;

export function compare(call: string, known: Answers, unknown: Answers): Comparison {
  const auc = aucOf(known.times, unknown.times);
  const fewest = Math.min(known.times.length, unknown.times.length);
  const differs = known.looks.join('\n') !== unknown.looks.join('\n');
  return {
    call,
    auc,
    // Of few samples chance alone makes more.
    margin: Math.max(MARGIN, 4 / Math.sqrt(6 * fewest)),
    differs,
    figures: {
      call,
      known: known.times.length,
      unknown: unknown.times.length,
      AUC: auc.toFixed(3),
      'known p50 ms': quantile(known.times, 0.5),
      'unknown p50 ms': quantile(unknown.times, 0.5),
      'status, body, headers': differs ? 'differ' : 'equal',
    },
  };
}

/** How often a value of the first is above one of the second; half where they are equal (Mann and Whitney). */
function aucOf(first: readonly number[], second: readonly number[]): number {
  const all = [
    ...first.map((value) => ({ value, isFirst: true })),
    ...second.map((value) => ({ value, isFirst: false })),
  ];
  all.sort((a, b) => a.value - b.value);
  let below = 0;
  let above = 0;
  for (let begin = 0; begin < all.length;) {
    let end = begin;
    while (end < all.length && all[end]!.value === all[begin]!.value) end++;
    const equal = all.slice(begin, end);
    const firsts = equal.filter(({ isFirst }) => isFirst).length;
    const seconds = equal.length - firsts;
    above += firsts * (below + seconds / 2);
    below += seconds;
    begin = end;
  }
  return above / (first.length * second.length);
}
