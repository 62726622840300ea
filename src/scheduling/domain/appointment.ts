import { MINUTE, type Instant } from '#libs/kernel/clock.js';
import { ActionNotAllowed } from './errors.js';
import type { SlotRules } from './slot-policy.js';
import { TimeSlot } from './time-slot.js';

export const STATUSES = ['pending', 'confirmed', 'checked_in', 'completed', 'cancelled', 'no_show'] as const;
export type AppointmentStatus = (typeof STATUSES)[number];

/** The statuses that occupy time. */
export const ACTIVE: readonly AppointmentStatus[] = ['pending', 'confirmed', 'checked_in'];

/** Who acts: one of the two people, the practice for them, or the clock. */
export const SIDES = ['patient', 'doctor', 'admin', 'system'] as const;
export type Side = (typeof SIDES)[number];

export const ACTIONS = ['confirm', 'cancel', 'complete'] as const;
export type Action = (typeof ACTIONS)[number];

/** One line of an appointment's history. */
export interface HistoryLine {
  at: Instant;
  from: AppointmentStatus | null;
  to: AppointmentStatus;
  by: Side;
  reason: string | null;
}

export interface Cancellation {
  by: Side;
  at: Instant;
  reason: string | null;
  /** The patient cancelled a confirmed appointment within the doctor's cancellation notice. */
  late: boolean;
}

export interface AppointmentState {
  id: string;
  /** Profile ids. */
  doctor: string;
  patient: string;
  slot: TimeSlot;
  /** The doctor's IANA zone when the time was chosen. */
  timeZone: string;
  /** The doctor or an admin put it outside the doctor's hours, as they were when the time was chosen. */
  outsideHours: boolean;
  visitType: string;
  reasonForVisit: string;
  status: AppointmentStatus;
  awaits: 'doctor' | 'patient' | null;
  /** Until when the awaited side can confirm; null when nobody is awaited. */
  confirmBy: Instant | null;
  bookedBy: Side;
  /** The side that confirmed last; null when no confirmation was asked for. */
  confirmedBy: Side | null;
  timeChosenBy: Side;
  timeChosenAt: Instant;
  cancellation: Cancellation | null;
  /** Why an admin set the patient's rules aside. */
  exemptionReason: string | null;
  createdAt: Instant;
  updatedAt: Instant;
  /** 1 at first, one more with each change. */
  version: number;
}

type Chosen =
  | 'id'
  | 'doctor'
  | 'patient'
  | 'slot'
  | 'timeZone'
  | 'outsideHours'
  | 'visitType'
  | 'reasonForVisit'
  | 'exemptionReason';

export interface Booking extends Pick<AppointmentState, Chosen> {
  by: 'patient' | 'doctor' | 'admin';
  hasSeen: boolean;
}

/** A patient may think better of a time for this long before a cancellation counts as late. */
const SECOND_THOUGHTS = 15 * MINUTE;

/**
 * A doctor and a patient in one interval of time. It begins confirmed or awaiting a side, occupies both agendas while
 * it is active, and ends completed, missed or cancelled; nothing is deleted. Each action answers a new value that
 * carries the line to add to the history.
 */
export class Appointment {
  private constructor(
    readonly state: Readonly<AppointmentState>,
    /** The change since it was read; null for one that was only read. */
    readonly change: HistoryLine | null,
  ) {}

  static restore(state: AppointmentState): Appointment {
    return new Appointment(state, null);
  }

  /** Books for the patient, or schedules for the doctor or an admin; the slot policy has agreed before. */
  static book({ by, hasSeen, ...booking }: Booking, rules: SlotRules, now: Instant): Appointment {
    const awaits = awaitedAfterChoice(by, hasSeen, rules);
    const status = awaits === null ? 'confirmed' : 'pending';
    const { exemptionReason } = booking;
    return new Appointment(
      {
        ...booking,
        status,
        awaits,
        confirmBy: awaits && Math.min(now + rules.confirmWithinMinutes * MINUTE, booking.slot.startsAt),
        bookedBy: by,
        confirmedBy: null,
        timeChosenBy: by,
        timeChosenAt: now,
        cancellation: null,
        createdAt: now,
        updatedAt: now,
        version: 1,
      },
      { at: now, from: null, to: status, by, reason: exemptionReason },
    );
  }

  get id(): string {
    return this.state.id;
  }

  get isActive(): boolean {
    return ACTIVE.includes(this.state.status);
  }

  /** Whether the doctor may know the patient's name from this appointment alone. */
  get namesPatientToDoctor(): boolean {
    const { bookedBy, confirmedBy } = this.state;
    return bookedBy !== 'doctor' || confirmedBy === 'patient' || confirmedBy === 'admin';
  }

  allowedActions(by: Side, now: Instant): Action[] {
    return ACTIONS.filter((action) => this.#allows(action, by, now));
  }

  /** By the awaited side, or by an admin who says why. */
  confirm(by: Side, reason: string | null, now: Instant): Appointment {
    this.#assertAllows('confirm', by, now);
    return this.#changed(
      { status: 'confirmed', awaits: null, confirmBy: null, confirmedBy: by },
      by,
      reason,
      now,
    );
  }

  /** Frees the time at once. */
  cancel(by: Side, reason: string | null, rules: SlotRules, now: Instant): Appointment {
    this.#assertAllows('cancel', by, now);
    const cancellation = { by, at: now, reason, late: by === 'patient' && this.#isLate(rules, now) };
    return this.#changed(
      { status: 'cancelled', awaits: null, confirmBy: null, cancellation },
      by,
      reason,
      now,
    );
  }

  complete(by: Side, now: Instant): Appointment {
    this.#assertAllows('complete', by, now);
    return this.#changed({ status: 'completed' }, by, null, now);
  }

  #allows(action: Action, by: Side, now: Instant): boolean {
    const { status, awaits, confirmBy, slot } = this.state;
    switch (action) {
      case 'confirm':
        return confirmBy !== null && now < confirmBy && (by === awaits || by === 'admin');
      case 'cancel':
        return this.isActive && (by !== 'patient' || now < slot.startsAt);
      case 'complete':
        return (by === 'doctor' || by === 'admin') && isUnderWay(status) && now >= slot.startsAt;
    }
  }

  #assertAllows(action: Action, by: Side, now: Instant): void {
    if (!this.#allows(action, by, now)) {
      throw ActionNotAllowed.of(action, this.state.status, this.allowedActions(by, now));
    }
  }

  #isLate(rules: SlotRules, now: Instant): boolean {
    const { status, slot, timeChosenBy, timeChosenAt } = this.state;
    return (
      status === 'confirmed' &&
      now > slot.startsAt - rules.cancellationNoticeMinutes * MINUTE &&
      timeChosenBy === 'patient' &&
      now - timeChosenAt > SECOND_THOUGHTS
    );
  }

  #changed(change: Partial<AppointmentState>, by: Side, reason: string | null, now: Instant): Appointment {
    const state = { ...this.state, ...change, updatedAt: now, version: this.state.version + 1 };
    return new Appointment(state, { at: now, from: this.state.status, to: state.status, by, reason });
  }
}

/** The side that must still agree to a time that `by` has chosen. */
function awaitedAfterChoice(
  by: Booking['by'],
  hasSeen: boolean,
  rules: SlotRules,
): 'doctor' | 'patient' | null {
  if (by === 'patient') return rules.confirmation === 'automatic' ? null : 'doctor';
  return by === 'admin' || hasSeen ? null : 'patient';
}

function isUnderWay(status: AppointmentStatus): boolean {
  return status === 'confirmed' || status === 'checked_in';
}
