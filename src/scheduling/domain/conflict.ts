import type { Instant } from '#libs/kernel/clock.js';
import type { Occupied } from './agenda.js';
import type { AppointmentState } from './appointment.js';
import type { Refusal } from './refusals.js';
import type { SlotPolicy } from './slot-policy.js';
import type { DoctorStanding } from './standing.js';

/**
 * The rules about when the doctor is there and how full a day may be, and who may come. Notice, horizon, grid, visit types
 * and the patient's limit say how time is given away: they have had their say at booking.
 */
export type ConflictReason =
  | Extract<Refusal, 'outside-hours' | 'doctor-absent' | 'day-full'>
  | 'too-close'
  | 'doctor-not-approved'
  | 'doctor-deactivated'
  | 'patient-deactivated';

/** Who of an appointment's people may come, as the clinic sees it. */
export interface PeoplesStanding {
  doctor: DoctorStanding;
  patientActive: boolean;
}

/** The doctor's time around an appointment, its own time in it. */
export interface DoctorsDays {
  absences: Occupied;
  doctor: Occupied;
  /** Of all of the doctor's appointments but the cancelled ones, ascending. */
  starts: readonly Instant[];
}

/**
 * The present rules that a future active appointment lies outside of. Hours are no rule for one that was put outside
 * them on purpose, unless they close its date; the others are for all.
 */
export function conflictReasons(
  { slot, outsideHours }: Pick<AppointmentState, 'slot' | 'outsideHours'>,
  policy: SlotPolicy,
  { absences, doctor, starts }: DoctorsDays,
  people: PeoplesStanding,
): ConflictReason[] {
  const reasons: ConflictReason[] = [];
  const isOutside = outsideHours ? policy.isClosedDuring(slot) : !policy.isOpenDuring(slot);
  if (isOutside) reasons.push('outside-hours');
  if (!absences.isFree(slot)) reasons.push('doctor-absent');
  if (!policy.bufferOf(slot).every((part) => doctor.isFree(part))) reasons.push('too-close');
  if (policy.isFullBefore(slot.startsAt, starts)) reasons.push('day-full');
  if (!people.doctor.approved) reasons.push('doctor-not-approved');
  if (!people.doctor.active) reasons.push('doctor-deactivated');
  if (!people.patientActive) reasons.push('patient-deactivated');
  return reasons;
}
