import type { Occupied } from './agenda.js';
import type { AppointmentState } from './appointment.js';
import type { Refusal } from './refusals.js';
import type { SlotPolicy } from './slot-policy.js';

/** The rules about where a doctor's time is; the others say how it is given away, and have had their say at booking. */
export type ConflictReason = Extract<Refusal, 'outside-hours' | 'doctor-absent'>;

/**
 * The present rules that a future active appointment lies outside of. Hours are no rule for one that was put outside
 * them on purpose; an absence is one for all.
 */
export function conflictReasons(
  { slot, outsideHours }: Pick<AppointmentState, 'slot' | 'outsideHours'>,
  policy: SlotPolicy,
  absences: Occupied,
): ConflictReason[] {
  const reasons: ConflictReason[] = [];
  if (!outsideHours && !policy.isOpenDuring(slot)) reasons.push('outside-hours');
  if (!absences.isFree(slot)) reasons.push('doctor-absent');
  return reasons;
}
