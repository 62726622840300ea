import type { Instant } from '#libs/kernel/clock.js';

/** What of a doctor's present rules an appointment lies outside of, or who of its people may not come any more. */
export const CONFLICT_REASONS = [
  'outside-hours',
  'doctor-absent',
  'too-close',
  'day-full',
  'doctor-not-approved',
  'doctor-deactivated',
  'patient-deactivated',
] as const;
export type ConflictReason = (typeof CONFLICT_REASONS)[number];

/** A future active appointment outside the doctor's present rules, as one actor may see it. */
export interface Conflict {
  /** Id of the appointment. */
  appointment: string;
  /** Profile id. */
  patient: string;
  /** Null to a doctor who is not to know it yet. */
  patientName: string | null;
  startsAt: Instant;
  endsAt: Instant;
  /** At the start, on the clocks of `timeZone`: the zone in which the time was chosen. */
  date: string;
  /** `HH:MM` */
  time: string;
  timeZone: string;
  visitType: string;
  reasons: readonly ConflictReason[];
}
