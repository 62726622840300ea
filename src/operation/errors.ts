import { DomainError, type ProblemDefinition } from '#libs/kernel/errors.js';

export class NotReady extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'not-ready',
    kind: 'unavailable',
    title: 'The server is not ready',
    explanation:
      'Only `/health/ready/` answers so: `detail` names the checks that fail, or says that the node is stopping. A proxy sends requests elsewhere until it answers `200`.',
  };

  constructor(faults: readonly string[]) {
    super(`Not ready: ${faults.join('; ')}.`, { retryAfter: 1 });
  }
}

export class TooManyRequests extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'too-many-requests',
    kind: 'too-many',
    title: 'Too many requests in a minute',
    explanation:
      'You, or without a token all of your network, have sent more requests in a minute than people do. `RateLimit` tells on every answer how many are left of which kind; send the next after `Retry-After` seconds. Nothing was changed.',
  };

  /** Seconds. */
  constructor(retryAfter: number) {
    super('Too many requests in a minute; nothing was changed.', { retryAfter });
  }
}

export const OPERATION_PROBLEMS: readonly ProblemDefinition[] = [NotReady.problem, TooManyRequests.problem];
