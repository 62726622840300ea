/** Scheduled work that one node does for all. It is safe, if wasteful, to do it twice. */
export interface Job {
  /** Permanent and kebab-case: its lease, its metric and its line in the log carry it. */
  readonly name: string;
  /** Milliseconds from the end of one run to the next. */
  readonly pause: number;
  /** One bounded piece, a few seconds at the most; true when more is left for this run. */
  step(): Promise<boolean>;
}
