import { DomainError, type ProblemDefinition } from '#libs/kernel/errors.js';

export class NoDoctorProfile extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'no-doctor-profile',
    kind: 'conflict',
    title: 'There is no doctor profile to approve',
    explanation:
      'What is approved is a doctor profile. The account is no doctor, or its owner has not filled in the profile yet.',
  };

  constructor() {
    super('The account has no doctor profile.');
  }
}

export class AccountClosed extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'account-closed',
    kind: 'conflict',
    title: 'The account was closed by its owner',
    explanation:
      'What is known of its person was removed, and it stays deactivated. The person may open another account with the same email.',
  };

  constructor() {
    super('The owner has closed the account, for good.');
  }
}

export const ADMIN_PROBLEMS: readonly ProblemDefinition[] = [NoDoctorProfile.problem, AccountClosed.problem];
