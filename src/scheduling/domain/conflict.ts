import type { Occupied } from './agenda.js';
import type { AppointmentState } from './appointment.js';
import type { Refusal } from './refusals.js';
import type { SlotPolicy } from './slot-policy.js';
import type { DoctorStanding } from './standing.js';

/** The rules about where a doctor's time is; the others say how it is given away, and have had their say at booking. */
export type ConflictReason =
  | Extract<Refusal, 'outside-hours' | 'doctor-absent'>
  | 'doctor-not-approved'
  | 'doctor-deactivated'
  | 'patient-deactivated';

/** Who of an appointment's people may come, as the clinic sees it. */
export interface PeoplesStanding {
  doctor: DoctorStanding;
  patientActive: boolean;
}

/**
 * The present rules that a future active appointment lies outside of. Hours are no rule for one that was put outside
 * them on purpose; an absence is one for all, and so is whether its people may come at all.
 */
export function conflictReasons(
  { slot, outsideHours }: Pick<AppointmentState, 'slot' | 'outsideHours'>,
  policy: SlotPolicy,
  absences: Occupied,
  { doctor, patientActive }: PeoplesStanding,
): ConflictReason[] {
  const reasons: ConflictReason[] = [];
  if (!outsideHours && !policy.isOpenDuring(slot)) reasons.push('outside-hours');
  if (!absences.isFree(slot)) reasons.push('doctor-absent');
  if (!doctor.approved) reasons.push('doctor-not-approved');
  if (!doctor.active) reasons.push('doctor-deactivated');
  if (!patientActive) reasons.push('patient-deactivated');
  return reasons;
}
