import { DAY, MINUTE, type Instant } from '#libs/kernel/clock.js';
import { ActionNotAllowed, ApprovalRequired, TooLateToChange } from './errors.js';
import type { SlotRules } from './slot-policy.js';
import { mayBeBooked, type DoctorStanding } from './standing.js';
import { TimeSlot } from './time-slot.js';
import { Zone } from './zone.js';

export const STATUSES = ['pending', 'confirmed', 'checked_in', 'completed', 'cancelled', 'no_show'] as const;
export type AppointmentStatus = (typeof STATUSES)[number];

/** The statuses that occupy time. */
export const ACTIVE: readonly AppointmentStatus[] = ['pending', 'confirmed', 'checked_in'];

/** Who acts: one of the two people, the practice for them, or the clock. */
export const SIDES = ['patient', 'doctor', 'admin', 'system'] as const;
export type Side = (typeof SIDES)[number];

/** Each is also the last part of its path. */
export const ACTIONS = ['confirm', 'cancel', 'reschedule', 'check-in', 'complete', 'no-show'] as const;
export type Action = (typeof ACTIONS)[number];

/** What a doctor's policy says about appointments that are made. */
export type AppointmentRules = Pick<
  SlotRules,
  'confirmation' | 'confirmWithinMinutes' | 'cancellationNoticeMinutes'
> & {
  /** How the doctor stands with the clinic; one who may see patients unless told. */
  standing?: DoctorStanding | undefined;
};

/** What a move took the place of; null where that stands. */
export interface Replaced {
  /** When it was to start before it was moved. */
  movedFrom: Instant | null;
  minutesBefore: number | null;
  visitTypeBefore: string | null;
}

const NOTHING_REPLACED: Replaced = { movedFrom: null, minutesBefore: null, visitTypeBefore: null };

/** One line of an appointment's history. */
export interface HistoryLine extends Replaced {
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
  /** The series that it was scheduled with. */
  series: string | null;
  status: AppointmentStatus;
  awaits: 'doctor' | 'patient' | null;
  /** Until when the awaited side can confirm; null when nobody is awaited. */
  confirmBy: Instant | null;
  bookedBy: Side;
  /** The side that agreed after it was made. The patient's agreement, or an admin's for them, outlasts the doctor's. */
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

/** The sides that choose times. */
export type Chooser = Exclude<Side, 'system'>;

export interface Booking extends Pick<AppointmentState, Chosen> {
  by: Chooser;
  hasSeen: boolean;
  series?: string;
}

/** Another time for an appointment. */
export interface Move extends Pick<
  AppointmentState,
  'slot' | 'timeZone' | 'outsideHours' | 'visitType' | 'exemptionReason'
> {
  by: Chooser;
  reason: string | null;
}

/** A patient may think better of a time for this long before a cancellation counts as late. */
const SECOND_THOUGHTS = 15 * MINUTE;

/** For so long after the end it can still be said that the patient was there after all, or was not. */
const CORRECTIONS = DAY;

/**
 * A doctor and a patient in one interval of time. It begins confirmed or awaiting a side, occupies both agendas while
 * it is active, may be moved until it begins, and ends completed, missed or cancelled; nothing is deleted. Each action
 * answers a new value that carries the line to add to the history.
 */
export class Appointment {
  private constructor(
    readonly state: Readonly<AppointmentState>,
    /** The change since it was read; null for one that was only read. */
    readonly change: HistoryLine | null,
    /** As it was before the change; null for one that was only read, or is new. */
    readonly before: Readonly<AppointmentState> | null,
  ) {}

  static restore(state: AppointmentState): Appointment {
    return new Appointment(state, null, null);
  }

  /** Books for the patient, or schedules for the doctor or an admin; the slot policy has agreed before. */
  static book(
    { by, hasSeen, series, ...booking }: Booking,
    rules: AppointmentRules,
    now: Instant,
  ): Appointment {
    const awaits = awaitedAfterChoice(by, hasSeen, rules);
    const { exemptionReason: reason, slot } = booking;
    const state: AppointmentState = {
      ...booking,
      series: series ?? null,
      ...awaiting(awaits, slot, rules, now),
      bookedBy: by,
      // What awaits nobody is no proposal, so that its cancellation declines none.
      confirmedBy: by === 'doctor' && awaits === null ? 'doctor' : null,
      timeChosenBy: by,
      timeChosenAt: now,
      cancellation: null,
      createdAt: now,
      updatedAt: now,
      version: 1,
    };
    return new Appointment(
      state,
      { at: now, from: null, to: state.status, by, reason, ...NOTHING_REPLACED },
      null,
    );
  }

  get id(): string {
    return this.state.id;
  }

  get isActive(): boolean {
    return isActive(this.state);
  }

  /** Whether the doctor may know the patient's name from this appointment alone. */
  get namesPatientToDoctor(): boolean {
    const { bookedBy, confirmedBy } = this.state;
    return bookedBy !== 'doctor' || confirmedBy === 'patient' || confirmedBy === 'admin';
  }

  /** Nobody confirmed it in time; from then on it can only be cancelled, whether or not the clock has done so yet. */
  hasLapsed(now: Instant): boolean {
    const { confirmBy } = this.state;
    return confirmBy !== null && now >= confirmBy;
  }

  allowedActions(by: Side, rules: AppointmentRules, now: Instant): Action[] {
    return ACTIONS.filter((action) => this.#allows(action, by, rules, now));
  }

  /**
   * Throws ActionNotAllowed, TooLateToChange where only the patient's notice stands in the way, or ApprovalRequired of a
   * doctor who may not see patients.
   */
  assertAllows(action: Action, by: Side, rules: AppointmentRules, now: Instant): void {
    if (this.#allows(action, by, rules, now)) return;
    const allowed = this.allowedActions(by, rules, now);
    const isBookable = seesPatients(rules);
    if (by === 'doctor' && action !== 'cancel' && !isBookable) throw new ApprovalRequired(allowed);
    if (action === 'reschedule' && !isBookable && this.#isMovable(now) && now < this.state.slot.startsAt)
      throw ActionNotAllowed.notBookable(allowed);
    if (action === 'reschedule' && by === 'patient' && isBookable && this.#isMovable(now))
      throw new TooLateToChange(rules.cancellationNoticeMinutes, allowed);
    throw ActionNotAllowed.of(action, this.state.status, allowed, this.hasLapsed(now));
  }

  /** By the awaited side, or by an admin who says why. */
  confirm(by: Side, reason: string | null, rules: AppointmentRules, now: Instant): Appointment {
    this.assertAllows('confirm', by, rules, now);
    const confirmedBy = (by === 'doctor' && this.state.confirmedBy) || by;
    return this.#changed(
      { status: 'confirmed', awaits: null, confirmBy: null, confirmedBy },
      by,
      reason,
      now,
    );
  }

  /** Frees the time at once. What has lapsed expires, whoever comes before the clock: nothing is left to withdraw. */
  cancel(by: Side, reason: string | null, rules: AppointmentRules, now: Instant): Appointment {
    this.assertAllows('cancel', by, rules, now);
    if (this.hasLapsed(now)) return this.expire(now);
    return this.#cancelled(by, reason, by === 'patient' && this.#isLate(rules, now), now);
  }

  /** In the clock's name, once nobody can confirm it any more. */
  expire(now: Instant): Appointment {
    if (!this.hasLapsed(now)) throw ActionNotAllowed.of('expire', this.state.status, []);
    return this.#cancelled('system', 'expired', false, now);
  }

  /**
   * To another time, visit type or length; the slot policy has agreed before. Whoever chooses agrees with that. What is
   * as it was stays wholly as it was: else nobody would have to confirm in time, and who chose the time could be altered.
   */
  reschedule({ by, reason, ...move }: Move, rules: AppointmentRules, now: Instant): Appointment {
    this.assertAllows('reschedule', by, rules, now);
    const { slot, visitType, awaits, confirmBy } = this.state;
    const isMoved = !slot.equals(move.slot);
    if (!isMoved && visitType === move.visitType) return this;
    const awaited = awaiting(awaitedAfterMove(by, this.state.status, rules), move.slot, rules, now);
    const change = {
      ...move,
      ...awaited,
      confirmedBy: by === 'doctor' ? this.state.confirmedBy : by,
      ...(isMoved && { timeChosenBy: by, timeChosenAt: now }),
      ...(!isMoved && awaited.awaits === awaits && { confirmBy }),
    };
    const replaced = {
      movedFrom: slot.startsAt === move.slot.startsAt ? null : slot.startsAt,
      minutesBefore: slot.minutes === move.slot.minutes ? null : slot.minutes,
      visitTypeBefore: visitType === move.visitType ? null : visitType,
    };
    const reasons = [reason, move.exemptionReason].filter((one) => one !== null);
    return this.#changed(change, by, reasons.join('\n') || null, now, replaced);
  }

  /** The patient has come. */
  checkIn(by: Side, rules: AppointmentRules, now: Instant): Appointment {
    this.assertAllows('check-in', by, rules, now);
    return this.#changed({ status: 'checked_in' }, by, null, now);
  }

  complete(by: Side, rules: AppointmentRules, now: Instant): Appointment {
    this.assertAllows('complete', by, rules, now);
    return this.#changed({ status: 'completed' }, by, null, now);
  }

  /** The patient did not come. */
  miss(by: Side, rules: AppointmentRules, now: Instant): Appointment {
    this.assertAllows('no-show', by, rules, now);
    return this.#changed({ status: 'no_show' }, by, null, now);
  }

  #allows(action: Action, by: Side, rules: AppointmentRules, now: Instant): boolean {
    const { status, awaits, slot } = this.state;
    const isPractice = by === 'doctor' || by === 'admin';
    if (!seesPatients(rules)) {
      // To cancel is all that is left to the doctor, and nobody moves a visit to time that is not given away.
      if (by === 'doctor' && action !== 'cancel') return false;
      if (action === 'reschedule') return false;
    }
    switch (action) {
      case 'confirm':
        return awaits !== null && !this.hasLapsed(now) && (by === awaits || by === 'admin');
      case 'cancel':
        return this.isActive && (by !== 'patient' || now < slot.startsAt);
      case 'reschedule':
        return (
          this.#isMovable(now) && now < slot.startsAt && (isPractice || this.#isOnNotice(by, rules, now))
        );
      case 'check-in':
        return isPractice && status === 'confirmed' && this.#isOnItsDate(now);
      case 'complete':
        return isPractice && this.#canEndAs('completed', now);
      case 'no-show':
        return isPractice && this.#canEndAs('no_show', now);
    }
  }

  #isMovable(now: Instant): boolean {
    const { status } = this.state;
    return (status === 'pending' || status === 'confirmed') && !this.hasLapsed(now);
  }

  /** A patient changes what they have booked early enough, by the same edge that makes a cancellation late. */
  #isOnNotice(by: Side, rules: AppointmentRules, now: Instant): boolean {
    return by === 'patient' && now <= this.#lastNotice(rules);
  }

  #lastNotice({ cancellationNoticeMinutes }: AppointmentRules): Instant {
    return this.state.slot.startsAt - cancellationNoticeMinutes * MINUTE;
  }

  #isOnItsDate(now: Instant): boolean {
    const zone = Zone.of(this.state.timeZone);
    return zone.dateAt(now) === zone.dateAt(this.state.slot.startsAt);
  }

  #canEndAs(end: 'completed' | 'no_show', now: Instant): boolean {
    const { status, slot } = this.state;
    const isCorrected = status === (end === 'completed' ? 'no_show' : 'completed');
    return isCorrected ? now < slot.endsAt + CORRECTIONS : isUnderWay(status) && now >= slot.startsAt;
  }

  #isLate(rules: AppointmentRules, now: Instant): boolean {
    const { status, timeChosenBy, timeChosenAt } = this.state;
    return (
      status === 'confirmed' &&
      now > this.#lastNotice(rules) &&
      timeChosenBy === 'patient' &&
      now - timeChosenAt > SECOND_THOUGHTS
    );
  }

  #cancelled(by: Side, reason: string | null, late: boolean, now: Instant): Appointment {
    const cancellation = { by, at: now, reason, late };
    return this.#changed(
      { status: 'cancelled', awaits: null, confirmBy: null, cancellation },
      by,
      reason,
      now,
    );
  }

  #changed(
    change: Partial<AppointmentState>,
    by: Side,
    reason: string | null,
    now: Instant,
    replaced = NOTHING_REPLACED,
  ): Appointment {
    const state = { ...this.state, ...change, updatedAt: now, version: this.state.version + 1 };
    const line = { at: now, from: this.state.status, to: state.status, by, reason, ...replaced };
    return new Appointment(state, line, this.state);
  }
}

function seesPatients({ standing }: AppointmentRules): boolean {
  return standing === undefined || mayBeBooked(standing);
}

export function isActive({ status }: Pick<AppointmentState, 'status'>): boolean {
  return ACTIVE.includes(status);
}

type Awaited = AppointmentState['awaits'];

/** The side that must still agree to a time that `by` has chosen. */
function awaitedAfterChoice(by: Chooser, hasSeen: boolean, rules: AppointmentRules): Awaited {
  if (by === 'patient') return rules.confirmation === 'automatic' ? null : 'doctor';
  return by === 'admin' || hasSeen ? null : 'patient';
}

function awaitedAfterMove(by: Chooser, status: AppointmentStatus, rules: AppointmentRules): Awaited {
  // What is confirmed the doctor may move without asking again, as if the patient were one they have seen.
  return awaitedAfterChoice(by, status === 'confirmed', rules);
}

/** Pending if and only if it awaits someone, and then not for ever. */
function awaiting(awaits: Awaited, slot: TimeSlot, rules: AppointmentRules, now: Instant) {
  return {
    status: awaits === null ? ('confirmed' as const) : ('pending' as const),
    awaits,
    confirmBy: awaits && Math.min(now + rules.confirmWithinMinutes * MINUTE, slot.startsAt),
  };
}

function isUnderWay(status: AppointmentStatus): boolean {
  return status === 'confirmed' || status === 'checked_in';
}
