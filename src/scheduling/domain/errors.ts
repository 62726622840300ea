import {
  DomainError,
  type FieldError,
  type ProblemDefinition,
  type ProblemDetails,
} from '#libs/kernel/errors.js';
import type { CalendarDate } from './calendar.js';
import { EXEMPTION_HINT, REFUSAL_PROBLEMS } from './refusals.js';
import { inWords } from './words.js';

/** When each action is allowed, for those to whom it was not. */
const WHEN_ALLOWED = {
  confirm:
    'A pending appointment is confirmed by the side that it awaits, or by an admin, until its confirm_by.',
  cancel:
    'A pending, confirmed or checked-in appointment is cancelled, by the patient only before its start.',
  reschedule: 'A pending or confirmed appointment is moved before its start and its confirm_by.',
  'check-in': 'A confirmed appointment is checked in by the practice, on its date.',
  complete:
    'A confirmed or checked-in appointment is completed by the practice after its start; a missed one until 24 hours after its end.',
  'no-show':
    'A confirmed or checked-in appointment is missed after its start, as the practice says; a completed one until 24 hours after its end.',
  expire: 'A pending appointment expires at its confirm_by.',
};

export class ActionNotAllowed extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'action-not-allowed',
    kind: 'conflict',
    title: 'This action is not allowed now',
    explanation:
      "The appointment's status, the time, or a doctor who takes no bookings at present rules the action out; somebody may have acted first. `allowed_actions` lists what you may do now. A series is not cancelled when none of its visits is still to come.",
  };

  private constructor(detail: string, details: ProblemDetails) {
    super(detail, details);
  }

  static of(
    action: keyof typeof WHEN_ALLOWED,
    status: string,
    allowedActions: readonly string[],
    hasLapsed = false,
  ): ActionNotAllowed {
    const words = status === 'no_show' ? 'a no-show' : status.replace('_', ' ');
    const lapse = hasLapsed ? ', and its confirm_by has passed' : '';
    return new ActionNotAllowed(`It is ${words}${lapse}. ${WHEN_ALLOWED[action]}`, { allowedActions });
  }

  /** It would be moved if its doctor's time were given away. */
  static notBookable(allowedActions: readonly string[]): ActionNotAllowed {
    const detail = 'The doctor takes no bookings at present, so it cannot be moved. It can be cancelled.';
    return new ActionNotAllowed(detail, { allowedActions });
  }

  /** Somebody changed the appointment between its reading and its writing. */
  static overtaken(): ActionNotAllowed {
    return new ActionNotAllowed('Somebody acted on the appointment first; read it again.', {});
  }

  static nothingFollows(from: CalendarDate | undefined): ActionNotAllowed {
    const where = from === undefined ? '' : ` from ${from} on`;
    const detail = `No visit of the series is still to come${where}: there is nothing to cancel.`;
    return new ActionNotAllowed(detail, {});
  }
}

export class ApprovalRequired extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'approval-required',
    kind: 'conflict',
    title: 'The clinic has not approved you, or not any more',
    explanation:
      'A doctor schedules, confirms, moves and closes visits when an admin of the clinic has approved them. Until then you can fill in your profile and slot policy, and read and cancel your own appointments.',
  };

  constructor(allowedActions?: readonly string[]) {
    super('Only a doctor whom the clinic has approved can do this.', allowedActions && { allowedActions });
  }
}

export class TooLateToChange extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'too-late-to-change',
    kind: 'conflict',
    title: 'It is too late to move the appointment',
    explanation:
      "A patient moves an appointment until the doctor's cancellation notice before its start (24 hours unless changed). Cancel it, or ask the practice to move it.",
  };

  constructor(noticeMinutes: number, allowedActions: readonly string[]) {
    super(`The start is nearer than the doctor's cancellation notice of ${inWords(noticeMinutes)}.`, {
      allowedActions,
    });
  }
}

export class StaleVersion extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'stale-version',
    kind: 'stale',
    title: 'It has changed since you read it',
    explanation:
      'What you act on is no longer at the version that `If-Match`, or `version` in the body, names. Nothing was changed; read it again and decide anew.',
  };

  constructor(version: number, what: 'appointment' | 'slot policy' = 'appointment') {
    super(`The ${what} is at version ${version} now.`);
  }
}

export class KeyReused extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'key-reused',
    kind: 'rule',
    title: 'The idempotency key was used for another request',
    explanation:
      'Within 48 hours a key stands for one request: method, path and body. Send a new request under a new key.',
  };

  constructor() {
    super('This Idempotency-Key was sent with another request.');
  }
}

export class RequestInFlight extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'request-in-flight',
    kind: 'conflict',
    title: 'The same request is being worked on',
    explanation:
      'An earlier request of this idempotency key has not ended. Send the same again a little later; it will be answered as the first was.',
  };

  constructor() {
    super('An earlier request of this Idempotency-Key has not ended.', { retryAfter: 1 });
  }
}

export class ProfileRequired extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'profile-required',
    kind: 'conflict',
    title: 'Fill in your profile first',
    explanation:
      'Appointments are made between profiles. Send your profile to `/api/patient-profile/` or `/api/doctor-profile/`, then try again.',
  };

  constructor(role: 'patient' | 'doctor') {
    super(`Fill in your ${role} profile before you make an appointment.`);
  }
}

export class ProposalLimit extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'proposal-limit',
    kind: 'conflict',
    title: 'No further proposal to this patient',
    explanation:
      'To a patient whom the doctor has not seen there is at most one open proposal, and none after a declined one until the patient books. A series would be several.',
  };

  constructor(detail = 'The patient has not answered an earlier proposal, or has declined one.') {
    super(detail);
  }

  static ofSeries(): ProposalLimit {
    return new ProposalLimit('The doctor has not seen the patient; a series would be several proposals.');
  }
}

export class SeriesRefused extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'series-refused',
    kind: 'conflict',
    title: 'Not all dates of the series can be booked',
    explanation:
      'A series is booked wholly or not at all, and nothing was. `errors` tells for each refused date the code of the first rule against it; the pointer counts the `dates` that were sent, or all dates of the series. The preview names all rules and the nearest free time; send the `dates` that you want.',
  };

  /** `isWaivable`: who was refused may set some of the rules aside. */
  constructor(errors: readonly FieldError[], isWaivable = false) {
    const detail = 'Some dates of the series are refused; nothing was booked.';
    super(isWaivable ? `${detail} ${EXEMPTION_HINT}` : detail, { errors });
  }
}

export class TooManyEntries extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'too-many-entries',
    kind: 'conflict',
    title: 'The doctor has too many absences or overrides',
    explanation:
      'A doctor has at most 200 absences that have not ended, and hours of at most 366 single dates from today on. Remove some, or write several as one.',
  };

  constructor(what: 'absences' | 'overrides', most: number) {
    super(`A doctor has at most ${most} ${what} ahead.`);
  }
}

export class OpenAppointments extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'open-appointments',
    kind: 'conflict',
    title: 'Patients are still to come',
    explanation:
      'A doctor closes the account when no appointment that is to come is pending or confirmed. Cancel them, or have the clinic settle them, first. Nothing was changed.',
  };

  constructor() {
    super('There are appointments to come: cancel them first.');
  }
}

export const SCHEDULING_PROBLEMS: readonly ProblemDefinition[] = [
  ...REFUSAL_PROBLEMS,
  ...[
    ActionNotAllowed,
    ApprovalRequired,
    TooLateToChange,
    StaleVersion,
    KeyReused,
    RequestInFlight,
    ProfileRequired,
    ProposalLimit,
    SeriesRefused,
    TooManyEntries,
    OpenAppointments,
  ].map((error) => error.problem),
];
