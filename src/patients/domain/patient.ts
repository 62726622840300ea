import type { Instant } from '#libs/kernel/clock.js';

/** What patients write about themselves. */
export interface PatientDetails {
  /** `YYYY-MM-DD` */
  readonly dateOfBirth: string;
  readonly address: string;
  readonly emergencyContactName: string;
  readonly emergencyContactPhone: string;
  readonly phoneNumber: string | null;
  readonly medicalHistory: string | null;
  readonly allergies: string | null;
}

/**
 * The profile of a user of the role patient. It begins when they fill it in, and from then on they can book. Beside
 * them only those who treat them read it. It changes as the patient does and is never deleted; of one who has closed
 * the account the medical part stays, with no name and no way to reach them.
 */
export interface Patient extends PatientDetails {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: Instant;
}

/** A patient and their name: what the patient themself and the doctors who treat them see. */
export interface PatientCard extends Patient {
  readonly firstName: string;
  readonly lastName: string;
  /** The patient has closed the account: the names, and how to reach them, are empty. */
  readonly closed: boolean;
  /** The key of the user's photo. */
  readonly photo: string | null;
}

/** As much of a patient as a list shows. */
export type PatientName = Pick<
  PatientCard,
  'id' | 'userId' | 'firstName' | 'lastName' | 'dateOfBirth' | 'closed'
>;

/** The card for those who run the clinic but treat nobody. */
export function withoutMedicalFields(card: PatientCard): PatientCard {
  return { ...card, medicalHistory: null, allergies: null };
}
