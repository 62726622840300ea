import { Overloaded } from '#libs/kernel/errors.js';

/** Runs one piece of work after the other in the order of arrival, and refuses more than `maxWaiting` that wait. */
export class FifoQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(private readonly maxWaiting: number) {}

  get waiting(): number {
    return this.#waiting;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.maxWaiting) throw new Overloaded();
    this.#waiting++;
    const begun = this.#tail.then(() => {
      this.#waiting--;
      return work();
    });
    this.#tail = begun.catch(() => {});
    return begun;
  }
}
