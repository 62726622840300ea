import type { Instant } from '#libs/kernel/clock.js';

/** What doctors write about themselves. */
export interface DoctorDetails {
  readonly specialty: string;
  readonly phoneNumber: string;
  readonly experienceYears: number;
  readonly qualifications: string | null;
  readonly hospitalAffiliation: string | null;
  /** The IANA name of the zone whose clocks the doctor's hours mean. */
  readonly timeZone: string;
}

/**
 * The profile of a user of the role doctor. It begins when they fill it in, and from then on patients find and book
 * them by its id, once the clinic has approved it. It changes as the doctor does and is never deleted; a doctor who is
 * deactivated, or whose approval is withdrawn, is only not shown.
 */
export interface Doctor extends DoctorDetails {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: Instant;
  /** Since when patients may find them; null while, or again when, they may not. */
  readonly approvedAt: Instant | null;
}

/** Whether the clinic lets a doctor see patients: one who may be found and booked has both. */
export interface DoctorStanding {
  readonly approved: boolean;
  /** The account is not deactivated. */
  readonly active: boolean;
}

/** What everybody who is signed in may see of a doctor: all but the phone number. How they stand is for the modules above. */
export interface DoctorCard extends Omit<DoctorDetails, 'phoneNumber'>, DoctorStanding {
  readonly id: string;
  readonly userId: string;
  readonly firstName: string;
  readonly lastName: string;
  /** The key of the user's photo. */
  readonly photo: string | null;
  /** The doctor has closed the account, for good. */
  readonly closed: boolean;
}

/** Two specialties with one key are one specialty. */
export function specialtyKey(specialty: string): string {
  return specialty.toLowerCase();
}
