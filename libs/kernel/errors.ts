import type { Instant } from './clock.js';

/** Why a request was refused, in words that know no transport. `libs/problems` maps each to an HTTP status. */
export type ProblemKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'stale'
  | 'unsupported'
  | 'rule'
  | 'too-many'
  | 'unavailable';

/** A fault at one place of the input; `pointer` is an RFC 6901 JSON pointer (`/date`) or the name of a parameter of the address. */
export interface FieldError {
  pointer: string;
  code: string;
  message: string;
}

/** The public, permanent part of an error class; `docs/problems.md` is made of these. */
export interface ProblemDefinition {
  /** Stable and kebab-case; clients branch on it. */
  code: string;
  kind: ProblemKind;
  title: string;
  /** What happened and what the caller can do, for the page `/problems/<code>`. */
  explanation: string;
}

/** A free slot: two instants, and what the clocks of `timeZone` show at its start. */
export interface Alternative {
  startsAt: Instant;
  endsAt: Instant;
  /** `YYYY-MM-DD` */
  date: string;
  /** `HH:MM` */
  time: string;
  timeZone: string;
  visitType: string;
}

/** What an error tells beyond its sentence. Everything in it is sent to the caller. */
export interface ProblemDetails {
  errors?: readonly FieldError[];
  /** Free slots near the refused one, nearest first. */
  alternatives?: readonly Alternative[];
  /** The actions that the appointment's status still allows the actor. */
  allowedActions?: readonly string[];
  /** Seconds after which a retry is worth it. */
  retryAfter?: number;
}

/** A refusal with a name. Each says what happened; none carries a status, a stack or another layer's words. */
export abstract class DomainError extends Error {
  constructor(
    detail: string,
    readonly details: ProblemDetails = {},
  ) {
    super(detail);
    this.name = new.target.name;
  }

  get problem(): ProblemDefinition {
    return (this.constructor as unknown as { problem: ProblemDefinition }).problem;
  }
}

/** A request can name thousands of unknown fields, or one without end; its answer stays small. */
const MOST_FAULTS = 20;
const LONGEST_POINTER = 200;

function short(pointer: string): string {
  return pointer.length > LONGEST_POINTER ? `${pointer.slice(0, LONGEST_POINTER)}…` : pointer;
}

export class InvalidRequest extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'invalid-request',
    kind: 'invalid',
    title: 'The request is malformed',
    explanation:
      'A field or query parameter is missing, unknown, or not of the documented form. `errors` names each place. Nothing was changed; correct the request and send it again.',
  };

  constructor(faults: readonly FieldError[]) {
    const errors = faults.slice(0, MOST_FAULTS).map((fault) => ({ ...fault, pointer: short(fault.pointer) }));
    super(
      errors.map(({ pointer, message }) => (pointer ? `${pointer} ${message}` : message)).join('; ') + '.',
      { errors },
    );
  }

  static missing(...names: readonly string[]): InvalidRequest {
    return new InvalidRequest(
      names.map((name) => ({ pointer: `/${name}`, code: 'required', message: 'is required' })),
    );
  }

  static at(pointer: string, code: string, message: string): InvalidRequest {
    return new InvalidRequest([{ pointer, code, message }]);
  }
}

export class NotFound extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'not-found',
    kind: 'not-found',
    title: 'Not found',
    explanation:
      'Nothing is here, or nothing that you may see: the two are answered alike, so that an id tells nobody that a thing exists.',
  };

  constructor(what = 'resource') {
    super(`There is no such ${what}, or it is not yours to see.`);
  }
}

export class Forbidden extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'forbidden',
    kind: 'forbidden',
    title: 'Your role cannot do this',
    explanation:
      'The operation exists, but never for your role: a patient cannot keep a doctor profile, for example. Signing in again as the same user changes nothing.',
  };

  constructor(detail = 'Your role can never do this.') {
    super(detail);
  }
}

export class Overloaded extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'overloaded',
    kind: 'unavailable',
    title: 'Too much work is waiting',
    explanation:
      'The server refused the request at once rather than let it wait without end, or its database did not answer. `detail` says where it is not known whether something was changed: the same request under the same `Idempotency-Key` tells. Send it again after `Retry-After` seconds.',
  };

  constructor(detail = 'Too many writes are waiting; nothing was changed.') {
    super(detail, { retryAfter: 1 });
  }
}
