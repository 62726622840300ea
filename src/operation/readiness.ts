import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** One thing that must be so for the server to serve. */
export interface Check {
  name: string;
  /** What is wrong, in words that tell no secret; undefined when all is well. Throwing is wrong too. */
  fault: () => Promise<string | undefined> | string | undefined;
}

const FRESH_FOR = 1000;
const ANSWERS_WITHIN = 2000;

/** Whether this node should get requests. Looks at most once a second, however often it is asked. */
export class Readiness {
  #draining = false;
  #looked: { at: number; faults: Promise<readonly string[]> } | undefined;

  constructor(
    private readonly checks: readonly Check[],
    private readonly patience = ANSWERS_WITHIN,
  ) {}

  get isDraining(): boolean {
    return this.#draining;
  }

  /** From now on the node is not ready: it serves what comes, and asks for no more. */
  drain(): void {
    this.#draining = true;
  }

  /** What is wrong, each with the name of its check; empty when the node is ready. */
  async faults(): Promise<readonly string[]> {
    if (this.#draining) return ['the node is stopping'];
    const now = performance.now();
    if (this.#looked === undefined || now - this.#looked.at > FRESH_FOR) {
      this.#looked = { at: now, faults: this.#look() };
    }
    return this.#looked.faults;
  }

  async #look(): Promise<string[]> {
    const faults = await Promise.all(this.checks.map((check) => this.#faultOf(check)));
    return faults.filter((fault) => fault !== undefined);
  }

  async #faultOf({ name, fault }: Check): Promise<string | undefined> {
    const giveUp = new AbortController();
    const late = sleep(this.patience, 'no answer in time', { signal: giveUp.signal, ref: false });
    try {
      const words = await Promise.race([fault(), late]);
      return words === undefined ? undefined : `${name}: ${words}`;
    } catch {
      // The error's own words may name hosts, users or files.
      return `${name}: failed`;
    } finally {
      giveUp.abort();
      late.catch(() => {});
    }
  }
}
