import { Overloaded } from '#libs/kernel/errors.js';

/** Lets at most `width` pieces of work run at once, in the order of arrival, and refuses more than `maxWaiting` that wait. */
export class FifoQueue {
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(
    private readonly maxWaiting: number,
    readonly width = 1,
  ) {}

  get waiting(): number {
    return this.#waiting.length;
  }

  get running(): number {
    return this.#running;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.width) this.#running++;
    else if (this.#waiting.length < this.maxWaiting)
      await new Promise<void>((next) => this.#waiting.push(next));
    else throw new Overloaded();
    try {
      return await work();
    } finally {
      // The place passes on; it is given up only when nobody waits.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
