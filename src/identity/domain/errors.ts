import { DomainError, type ProblemDefinition } from '#libs/kernel/errors.js';
import type { Weakness } from './password-rules.js';

export class NotAuthenticated extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'not-authenticated',
    kind: 'unauthenticated',
    title: 'Sign in first',
    explanation:
      'The call needs `Authorization: Bearer <access>`, and the access token must be ours, unexpired (10 minutes) and of a live session. Refresh it at `/api/auth/login/refresh/`, or log in again.',
  };

  constructor() {
    super('The access token is missing, expired, or of a session that has ended.');
  }
}

export class InvalidCredentials extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'invalid-credentials',
    kind: 'unauthenticated',
    title: 'Email and password do not match',
    explanation:
      'There is no account of this email with this password. Which of the two is wrong is not told.',
  };

  constructor() {
    super('There is no account of this email with this password.');
  }
}

export class TooManyTries extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'too-many-tries',
    kind: 'too-many',
    title: 'Too many passwords were tried',
    explanation:
      'The tries for this email, or those of your network, are used up; they come back one by one, the next after `Retry-After` seconds. No password was looked at, and the answer is the same for an email without an account. A device that has logged in before sends its `device_token` and has tries of its own.',
  };

  /** Seconds until the next try. */
  constructor(retryAfter: number) {
    super('Too many passwords were tried; none was looked at this time.', { retryAfter });
  }
}

export class InvalidRefreshToken extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'invalid-refresh-token',
    kind: 'unauthenticated',
    title: 'The refresh token is of no use',
    explanation:
      'It was not made here, was used before, or belongs to a session that has ended: by logging out, after 7 days without a refresh, 30 days after the login, or because a token of it came back that had been exchanged more than 10 seconds before or whose successor was in use, which looks like a theft. Each refresh answers the next token; keep that one. Log in again.',
  };

  constructor() {
    super('The refresh token was used before, or its session has ended.');
  }
}

export class EmailTaken extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'email-taken',
    kind: 'conflict',
    title: 'The email has an account',
    explanation: 'An account of this email exists; upper and lower case make no difference. Log in instead.',
  };

  constructor() {
    super('An account of this email exists.');
  }
}

const WEAK: Readonly<Record<Weakness, string>> = {
  common: 'is among the first that a guesser tries',
  personal: 'is made of your own name or email',
};

export class WeakPassword extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'weak-password',
    kind: 'rule',
    title: 'The password is too easy to guess',
    explanation:
      'It is long enough, but it is on the list of passwords that were published and are tried first (also with digits around it, or repeated), or it is made of the name or email of its owner. Choose another: some words that do not belong together are good.',
  };

  constructor(pointer: string, weakness: Weakness) {
    const message = WEAK[weakness];
    super(`The password ${message}.`, { errors: [{ pointer, code: weakness, message }] });
  }
}

export class WrongPassword extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'wrong-password',
    kind: 'rule',
    title: 'The current password is another',
    explanation:
      'To change the password, or to close the account, takes the present one, and this is not it, or no longer. Nothing was changed.',
  };

  constructor(pointer: string) {
    const fault = { pointer, code: 'wrong', message: 'is not the present password' };
    super('This is not the present password.', { errors: [fault] });
  }
}

export class TokenInvalid extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'token-invalid',
    kind: 'rule',
    title: 'The token is of no use',
    explanation:
      'A token that was mailed works once, within 30 minutes of the request, and only the newest one does. Nothing was changed. Ask for another at `/api/auth/password/forgot/`.',
  };

  constructor() {
    super('The token was used before, is too old, or was not made here.');
  }
}

export class LastAdmin extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'last-admin',
    kind: 'conflict',
    title: 'The last admin stays',
    explanation:
      'An installation keeps at least one active admin, or nobody could let anyone in again. Activate or create another one first (`npm run manage -- create-admin`).',
  };

  constructor() {
    super('This is the only active admin: make another one first.');
  }
}

export class AccountClosed extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'account-closed',
    kind: 'conflict',
    title: 'The account was closed by its owner',
    explanation:
      'What is known of its person was removed, and it stays deactivated; nothing is added to what is left. The person may open another account with the same email.',
  };

  constructor() {
    super('The owner has closed the account, for good.');
  }
}

export class UnsupportedImage extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'unsupported-image',
    kind: 'unsupported',
    title: 'A photo is a JPEG, PNG or WebP',
    explanation:
      'The file does not begin as a JPEG, PNG or WebP does; its name and the type that it was sent as are not looked at. Save the picture in one of these formats and send it again.',
  };

  constructor() {
    super('The file is no JPEG, PNG or WebP.');
  }
}

const UNUSABLE = {
  broken: 'cannot be decoded: it is damaged, incomplete, or takes too long',
  large: 'has more than 25 megapixels',
} as const;

export class UnusableImage extends DomainError {
  static readonly problem: ProblemDefinition = {
    code: 'unusable-image',
    kind: 'rule',
    title: 'The picture cannot be used',
    explanation:
      'It begins as a picture but is damaged or incomplete, takes too long to decode, or has more than 25 megapixels. Your photo is as it was. Open the picture in a program, save it anew or smaller, and send it again.',
  };

  constructor(reason: keyof typeof UNUSABLE) {
    super(`The picture ${UNUSABLE[reason]}.`);
  }
}

export const IDENTITY_PROBLEMS: readonly ProblemDefinition[] = [
  NotAuthenticated,
  InvalidCredentials,
  TooManyTries,
  InvalidRefreshToken,
  EmailTaken,
  WeakPassword,
  WrongPassword,
  TokenInvalid,
  LastAdmin,
  AccountClosed,
  UnsupportedImage,
  UnusableImage,
].map((error) => error.problem);
