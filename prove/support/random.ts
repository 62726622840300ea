/** Numbers that one seed repeats (mulberry32). */
export class Random {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed;
  }

  /** From 0 to below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** From 0 to below `bound`. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  /** Each once. */
  *inAnyOrder<T>(things: readonly T[]): Generator<T> {
    const left = [...things];
    for (let count = left.length; count > 0; count--) {
      const at = this.below(count);
      yield left[at]!;
      left[at] = left[count - 1]!;
    }
  }

  /** Undefined where there is none. */
  mayFind<T>(choices: readonly T[]): T | undefined {
    return choices.length === 0 ? undefined : this.oneOf(choices);
  }

  /** The first is wanted most, the second half as often, the third a third as often, as in Zipf's law. */
  oftenFirst<T>(choices: readonly T[]): T {
    return choices[Math.floor((choices.length + 1) ** this.next()) - 1]!;
  }
}
