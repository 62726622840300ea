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

export const ADMIN_PROBLEMS: readonly ProblemDefinition[] = [NoDoctorProfile.problem];
