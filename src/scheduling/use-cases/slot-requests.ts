import { Clock, type Instant } from '#libs/kernel/clock.js';
import { InvalidRequest, NotFound } from '#libs/kernel/errors.js';
import type { Role } from '../../identity/index.js';
import { Agenda } from '../domain/agenda.js';
import type { Appointment, AppointmentState, Chooser } from '../domain/appointment.js';
import type { CalendarDate, WallMinutes } from '../domain/calendar.js';
import { CareAccess } from '../domain/care.js';
import { ApprovalRequired } from '../domain/errors.js';
import { SlotRefused, type Refusal } from '../domain/refusals.js';
import {
  busyWithout,
  type Busy,
  type SlotPolicy,
  type SlotRequest,
  type Visit,
} from '../domain/slot-policy.js';
import { TimeSlot } from '../domain/time-slot.js';
import { widestSpanOf, Zone } from '../domain/zone.js';
import { Appointments, People, SlotPolicies, type Doctor } from '../ports.js';

/** A time and a visit, as somebody chooses them. */
export interface Choice {
  date: CalendarDate;
  time: WallMinutes;
  visitType?: string | undefined;
  /** Doctor and admin only. */
  durationMinutes?: number | undefined;
  /** Admin only: sets the patient's rules aside, and is kept. */
  exemptionReason?: string | undefined;
}

/** A choice of a doctor's time for a patient. */
export interface Ask extends Choice {
  by: Chooser;
  doctor: string;
  patient: string;
  /** The appointment that is to be moved there: judged as if it were not there. */
  moves?: Appointment | undefined;
}

/** An ask, with all that the policy has to know of it. */
export interface AskedSlot {
  policy: SlotPolicy;
  request: SlotRequest;
  busy: Busy;
  /** All appointments of the two. */
  earlier: readonly AppointmentState[];
  /** The time of those that are active, but for the one that is moved. */
  together: Agenda;
}

/** What the policy agrees to. */
export type GrantedSlot = Pick<AppointmentState, 'slot' | 'timeZone' | 'outsideHours' | 'visitType'>;

const ALTERNATIVES = 3;

/** Puts asks before the doctor's policy: the same for booking, scheduling and moving. */
export class SlotRequests {
  constructor(
    private readonly appointments: Appointments,
    private readonly policies: SlotPolicies,
    private readonly people: People,
    private readonly care: CareAccess,
    private readonly clock: Clock,
  ) {}

  /**
   * What is decided on has to be read under the locks of the two. Throws NotFound for a doctor who cannot be booked, and
   * ApprovalRequired where that doctor is the one who asks.
   */
  async read(ask: Ask, now: Instant, span = widestSpanOf(ask.date)): Promise<AskedSlot> {
    return this.#read(ask, now, () => span);
  }

  /** Throws SlotRefused by the first rule that speaks against it. */
  grant({ policy, request, busy }: AskedSlot, now: Instant): GrantedSlot {
    const [refusal] = policy.refusals(request, busy, now);
    if (refusal !== undefined) throw new SlotRefused(refusal);
    const visit = policy.visitOf(request)!;
    const slot = slotOf(policy, request, visit);
    const outsideHours = !policy.isOpenDuring(slot);
    return { slot, timeZone: policy.zone.name, outsideHours, visitType: visit.name };
  }

  /** The refusal in the words that the actor may hear, with free times nearby. Runs after the unit, holding no lock. */
  async told(refused: SlotRefused, ask: Ask): Promise<SlotRefused> {
    const now = this.clock.now();
    const { policy, request, busy, earlier, together } = await this.#read(ask, now, (of) => {
      const { first, last } = of.datesAround(ask, now);
      return widestSpanOf(first, last);
    });
    const rules = policy.toldFor(request);
    if (!this.mayHearOfPatient(ask, earlier, now)) {
      return new SlotRefused(concealed(refused.refusal), { rules });
    }
    // To stay where it is moves nothing.
    const present = ask.moves?.state.slot;
    const alternatives = policy
      .nearestFreeSlots(request, busy, now, ALTERNATIVES + 1)
      .filter(({ startsAt, endsAt }) => startsAt !== present?.startsAt || endsAt !== present.endsAt)
      .slice(0, ALTERNATIVES);
    const isWaivable = ask.by === 'admin' && policy.waivable(request, busy, now).includes(refused.refusal);
    const isOwn =
      ask.by === 'patient' &&
      refused.refusal === 'slot-taken' &&
      !together.isFree(slotOf(policy, request, policy.visitOf(request)!));
    return new SlotRefused(refused.refusal, { rules, alternatives, isOwn, isWaivable });
  }

  /** A doctor who does not treat the patient learns nothing of when the patient is busy. */
  mayHearOfPatient({ by }: Ask, earlier: AskedSlot['earlier'], now: Instant): boolean {
    return by !== 'doctor' || this.care.treats(earlier, now);
  }

  /**
   * A first look, before any lock: a doctor who is not approved is not told which patients there are, and a patient who
   * is not there gets no agenda. Throws NotFound, ApprovalRequired.
   */
  async assertMayAskFor(ask: Pick<Ask, 'by' | 'doctor' | 'patient'>): Promise<void> {
    if (ask.by === 'doctor') await this.bookable(ask);
    // Patients ask for themselves.
    if (ask.by !== 'patient' && !(await this.people.hasPatient(ask.patient))) throw new NotFound('patient');
  }

  /** Throws NotFound, or ApprovalRequired, for a doctor whose time is not given away. */
  async bookable({ by, doctor }: Pick<Ask, 'by' | 'doctor'>): Promise<Doctor> {
    const found = await this.people.findDoctor(doctor);
    if (found === undefined) throw by === 'doctor' ? new ApprovalRequired() : new NotFound('doctor');
    return found;
  }

  async #read(ask: Ask, now: Instant, spanOf: (policy: SlotPolicy) => TimeSlot): Promise<AskedSlot> {
    const { doctor, patient, moves } = ask;
    const found = await this.bookable(ask);
    const policy = await this.policies.of(doctor, Zone.of(found.timeZone));
    const ofBoth = await this.appointments.ofPair(doctor, patient);
    const earlier = ofBoth.map(({ state }) => state);
    const others = ofBoth.filter(({ id, isActive }) => isActive && id !== moves?.id);
    const busy = await this.appointments.busy(doctor, patient, spanOf(policy), now);
    return {
      policy,
      request: requestOf(ask, this.care.hasSeen(earlier, now)),
      busy: moves?.isActive ? busyWithout(moves.state, busy, now) : busy,
      earlier,
      together: new Agenda(others.map(({ state }) => state.slot)),
    };
  }
}

/** Of a time that the clocks show. */
function slotOf({ zone }: SlotPolicy, { date, time }: SlotRequest, { minutes }: Visit): TimeSlot {
  return TimeSlot.lasting(zone.instantOf(date, time)!, minutes);
}

/** As it is told to somebody who is not to know when the patient is busy. */
export function concealed(refusal: Refusal): Refusal {
  return refusal === 'patient-busy' ? 'slot-taken' : refusal;
}

function requestOf(ask: Ask, hasSeen: boolean): SlotRequest {
  const { by, date, time, visitType, durationMinutes, exemptionReason } = ask;
  const exempt = by === 'doctor' || exemptionReason !== undefined;
  return { date, time, visitType, durationMinutes, exempt, hasSeen, agreed: agreedVisit(ask) };
}

/** A visit that stays as it was booked, or changes only in a length that its chooser may give. */
function agreedVisit({ moves, visitType, durationMinutes }: Ask): Visit | undefined {
  if (moves === undefined) return undefined;
  const { visitType: name, slot } = moves.state;
  if (visitType !== undefined && visitType !== name) return undefined;
  return { name, minutes: durationMinutes ?? slot.minutes };
}

export function assertAllowedFields(role: Role, { durationMinutes, exemptionReason }: Choice): void {
  if (role !== 'admin' && exemptionReason !== undefined) {
    throw InvalidRequest.at('/exemption_reason', 'unknown-field', 'is for admins only');
  }
  if (role === 'patient' && durationMinutes !== undefined) {
    throw InvalidRequest.at(
      '/duration_minutes',
      'unknown-field',
      'is not for patients: the visit type has a length',
    );
  }
  if (role === 'admin' && durationMinutes !== undefined && exemptionReason === undefined) {
    throw InvalidRequest.at('/exemption_reason', 'required', 'is required beside duration_minutes');
  }
}
