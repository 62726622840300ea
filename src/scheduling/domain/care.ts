import { DAY, type Instant } from '#libs/kernel/clock.js';
import type { AppointmentState, AppointmentStatus } from './appointment.js';

/** What an appointment of a doctor and a patient says about their relationship. */
export type CareFacts = Pick<AppointmentState, 'status' | 'slot'>;

export const OPENS_CARD: readonly AppointmentStatus[] = ['confirmed', 'checked_in', 'completed', 'no_show'];

/** How long, after an appointment's end, its doctor keeps the access to the patient's card. */
export class CareAccess {
  constructor(private readonly days: number) {}

  /** An appointment that ended at this instant or before no longer counts. */
  since(now: Instant): Instant {
    return now - this.days * DAY;
  }

  treats(appointments: readonly CareFacts[], now: Instant): boolean {
    return appointments.some(
      ({ status, slot }) => OPENS_CARD.includes(status) && slot.endsAt > this.since(now),
    );
  }

  hasSeen(appointments: readonly CareFacts[], now: Instant): boolean {
    return appointments.some(
      ({ status, slot }) =>
        status === 'checked_in' || (status === 'completed' && slot.endsAt > this.since(now)),
    );
  }
}

/** What the appointments of a pair say about a further proposal. */
export type ProposalFacts = Pick<
  AppointmentState,
  'bookedBy' | 'awaits' | 'confirmedBy' | 'cancellation' | 'createdAt'
>;

/** To a patient not seen: one open proposal at most, and none after a declined one until the patient books. */
export function mayPropose(appointments: readonly ProposalFacts[]): boolean {
  const bookedByPatient = appointments.filter(({ bookedBy }) => bookedBy === 'patient');
  const lastBooked = Math.max(...bookedByPatient.map(({ createdAt }) => createdAt));
  return appointments
    .filter(({ bookedBy }) => bookedBy === 'doctor')
    .every(({ awaits, confirmedBy, cancellation }) => {
      const isOpen = awaits === 'patient';
      const isDeclined =
        confirmedBy === null && (cancellation?.by === 'patient' || cancellation?.by === 'system');
      return !isOpen && !(isDeclined && cancellation.at > lastBooked);
    });
}
