import { DomainError, type ProblemDefinition, type ProblemDetails } from '#libs/kernel/errors.js';
import { REFUSAL_PROBLEMS } from './refusals.js';

export class ActionNotAllowed extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'action-not-allowed',
    kind: 'conflict',
    title: 'The appointment does not allow this action',
    explanation:
      "The appointment's status, or the time, rules the action out; somebody may have acted first. `allowed_actions` lists what you may do now.",
  };

  private constructor(detail: string, details: ProblemDetails) {
    super(detail, details);
  }

  static of(action: string, status: string, allowedActions: readonly string[]): ActionNotAllowed {
    return new ActionNotAllowed(`A ${status} appointment does not allow "${action}" now.`, {
      allowedActions,
    });
  }

  /** Somebody changed the appointment between its reading and its writing. */
  static overtaken(): ActionNotAllowed {
    return new ActionNotAllowed('Somebody acted on the appointment first; read it again.', {});
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
      'To a patient whom the doctor has not seen there is at most one open proposal, and none after a declined one until the patient books.',
  };

  constructor() {
    super('The patient has not answered an earlier proposal, or has declined one.');
  }
}

export const SCHEDULING_PROBLEMS: readonly ProblemDefinition[] = [
  ...REFUSAL_PROBLEMS,
  ...[ActionNotAllowed, ProfileRequired, ProposalLimit].map((error) => error.problem),
];
