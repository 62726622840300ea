import type { Instant } from '#libs/kernel/clock.js';

/** An account as an admin sees it: who it is and how it stands, never a password, and nothing medical. */
export interface Account {
  id: string;
  /** Null once it is closed. */
  email: string | null;
  /** Empty for a patient or an admin who has closed the account. */
  firstName: string;
  lastName: string;
  role: 'patient' | 'doctor' | 'admin';
  active: boolean;
  /** Null for who is no doctor; false until the profile is filled in. */
  approved: boolean | null;
  /** Profile ids; null until the profile is filled in. */
  doctor: string | null;
  patient: string | null;
  createdAt: Instant;
  lastLoginAt: Instant | null;
  /** When its owner closed it, for good. */
  closedAt: Instant | null;
}
