import { performance } from 'node:perf_hooks';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';

const EVERY = 50;
/** Ticks. One long one, such as that of the start, is over when anybody could act on it. */
const SUSTAINED = 4;

/** How late the event loop is: how long anything that is ready to run has to wait. */
@Injectable()
export class LoopDelay implements OnModuleDestroy {
  #due = performance.now() + EVERY;
  /** Of the last ticks, the newest first. */
  #late: readonly number[] = Array.from({ length: SUSTAINED }, () => 0);
  readonly #timer = setInterval(() => this.#tick(), EVERY).unref();

  /** Milliseconds, of the last tick or of the one that is overdue. */
  get latest(): number {
    return Math.max(this.#late[0]!, performance.now() - this.#due);
  }

  /** Milliseconds by which each of the last ticks was late. */
  get sustained(): number {
    return Math.min(...this.#late);
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    this.#late = [Math.max(now - this.#due, 0), ...this.#late.slice(0, SUSTAINED - 1)];
    this.#due = now + EVERY;
  }
}
