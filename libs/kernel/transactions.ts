/**
 * A unit of work: all that `work` writes through the repositories becomes durable together, or not at all.
 * `work` may run more than once (a deadlock or a busy file retries the whole unit), so it must read afresh inside
 * and touch nothing outside: no network, no hashing, no mail. A unit inside a unit joins it; one that fails there
 * undoes both, whoever catches its error.
 */
export abstract class Transactions {
  abstract run<T>(work: () => Promise<T>): Promise<T>;
}
