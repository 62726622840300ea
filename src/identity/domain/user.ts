import type { Instant } from '#libs/kernel/clock.js';

export const ROLES = ['patient', 'doctor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** The roles that a person may choose at registration. */
export const OPEN_ROLES = ['patient', 'doctor'] as const satisfies readonly Role[];

export const GENDERS = ['male', 'female', 'other'] as const;
export type Gender = (typeof GENDERS)[number];

/** Who is asking: a live user and their role. */
export interface Actor {
  userId: string;
  role: Role;
  sessionId: string;
}

/**
 * An account: one person, one role, chosen once. What a doctor or a patient is beyond that stands in their profile. It is
 * deactivated and activated by admins, and closed by its owner: what is left then only keeps together what others hold.
 */
export interface User {
  readonly id: string;
  /** As it was typed; compared by `emailKey`. */
  readonly email: string;
  readonly passwordHash: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly gender: Gender | null;
  /** The key of the photo in its storage. */
  readonly photo: string | null;
  readonly role: Role;
  readonly active: boolean;
  readonly createdAt: Instant;
  /** Null until the first login. */
  readonly lastLoginAt: Instant | null;
  /** Until when the owner of the mailbox is to say that the account is theirs; null where nobody waits for that. Before, nobody logs in. */
  readonly verifyBy: Instant | null;
  /** When its owner closed it, for good; null where nobody has. */
  readonly closedAt: Instant | null;
}

/** Two emails with one key are one account. */
export function emailKey(email: string): string {
  return email.toLowerCase();
}
