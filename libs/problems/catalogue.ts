import {
  Forbidden,
  InvalidRequest,
  NotFound,
  Overloaded,
  type ProblemDefinition,
  type ProblemKind,
} from '#libs/kernel/errors.js';

export const STATUS_OF: Record<ProblemKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  stale: 412,
  unsupported: 415,
  rule: 422,
  'too-many': 429,
  unavailable: 503,
};

export interface Problem {
  code: string;
  status: number;
  title: string;
  explanation: string;
}

/** What HTTP itself refuses, before any rule of ours is asked. */
export const HTTP_PROBLEMS = {
  methodNotAllowed: {
    code: 'method-not-allowed',
    status: 405,
    title: 'There is no such method here',
    explanation:
      'This path does not have this method: `Allow` lists those that it has. Where no path of the API has the method, `Allow` lists those that the API uses.',
  },
  requestTimeout: {
    code: 'request-timeout',
    status: 408,
    title: 'The request came too slowly',
    explanation:
      'The head of a request must be complete within 10 seconds, and the whole of it within 30. Nothing was changed; send it again on a new connection.',
  },
  bodyTooLarge: {
    code: 'body-too-large',
    status: 413,
    title: 'The body is too large',
    explanation: 'A body has at most 64 KiB, and a photo 5 MiB.',
  },
  unsupportedMediaType: {
    code: 'unsupported-media-type',
    status: 415,
    title: 'The body is of another type',
    explanation:
      'Send bodies as `Content-Type: application/json`, and a photo as the one file of a `multipart/form-data`.',
  },
  headersTooLarge: {
    code: 'headers-too-large',
    status: 431,
    title: 'The headers are too large',
    explanation: 'No request of this API needs an address and headers of more than 16 KiB together.',
  },
  internal: {
    code: 'internal-error',
    status: 500,
    title: 'The server failed',
    explanation: 'A fault of the server, not of the request. Report it with the `request_id`.',
  },
} satisfies Record<string, Problem>;

const KERNEL = [InvalidRequest, NotFound, Forbidden, Overloaded].map((error) => error.problem);

export function describeProblem({ kind, code, title, explanation }: ProblemDefinition): Problem {
  return { code, status: STATUS_OF[kind], title, explanation };
}

/** Every problem that the application can answer, by code: the source of `docs/problems.md` and `/problems/<code>`. */
export class ProblemCatalogue {
  readonly #problems: ReadonlyMap<string, Problem>;

  constructor(definitions: readonly ProblemDefinition[]) {
    const problems = [...[...KERNEL, ...definitions].map(describeProblem), ...Object.values(HTTP_PROBLEMS)];
    this.#problems = new Map(problems.map((problem) => [problem.code, problem]));
    if (this.#problems.size !== problems.length) throw new Error('two problems share a code');
  }

  find(code: string): Problem | undefined {
    return this.#problems.get(code);
  }

  /** By status, then code. */
  all(): Problem[] {
    return [...this.#problems.values()].toSorted((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1));
  }
}
