/**
 * A place where whoever has read, and not yet written, waits until something else has happened. A control that left this
 * to chance would find nothing on a busy machine.
 */
export class Hold {
  #next: { reached: () => void; over: Promise<void> } | undefined;

  async here(): Promise<void> {
    const next = this.#next;
    this.#next = undefined;
    next?.reached();
    await next?.over;
  }

  /** Begins the first, makes the second once the first has come to the hold, and then lets the first go on. */
  async during<First, Second>(
    first: () => Promise<First>,
    second: () => Promise<Second>,
  ): Promise<[First, Second]> {
    let release = (): void => {};
    const over = new Promise<void>((resolve) => (release = resolve));
    const reached = new Promise<void>((resolve) => (this.#next = { reached: resolve, over }));
    const held = first();
    try {
      const passed = await Promise.race([reached, held.then(() => 'passed')]);
      if (passed === 'passed') throw new Error('The first ended without coming to the hold.');
      const between = await second();
      release();
      return [await held, between];
    } finally {
      release();
    }
  }
}
