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

export const OPERATION_PROBLEMS: readonly ProblemDefinition[] = [NotReady.problem];
