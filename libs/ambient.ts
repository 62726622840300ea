import { AsyncLocalStorage } from 'node:async_hooks';

/** Where work comes from. */
export interface Origin {
  requestId: string | null;
  /** Read when it is needed: a request is known before its token is. */
  actor(): { userId: string | null; role: string } | undefined;
}

export interface Ambient {
  /** The unit of work, known to its transactions alone. */
  unit?: object;
  origin?: Origin;
}

/** One for the process: Node 20 asks every storage that was ever used at each promise. */
export const ambient = new AsyncLocalStorage<Ambient>();

/** Does work in the name of somebody. */
export function workOf<T>(origin: Origin, work: () => T): T {
  return ambient.run({ ...ambient.getStore(), origin }, work);
}
