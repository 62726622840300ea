import type { Instant } from '#libs/kernel/clock.js';
import { Agenda } from '../../../src/scheduling/domain/agenda.js';
import {
  Appointment,
  type Action,
  type AppointmentState,
  type Side,
} from '../../../src/scheduling/domain/appointment.js';
import { CareAccess } from '../../../src/scheduling/domain/care.js';
import { ActionNotAllowed, TooLateToChange } from '../../../src/scheduling/domain/errors.js';
import {
  busyWithout,
  type Busy,
  type SlotPolicy,
  type SlotRequest,
} from '../../../src/scheduling/domain/slot-policy.js';
import { TimeSlot } from '../../../src/scheduling/domain/time-slot.js';

/** When somebody wants a visit. */
export interface When {
  date: string;
  time: number;
  /** Heard of the doctor and the admin only. */
  minutes: number;
}

export interface Wish extends When {
  by: 'patient' | 'doctor' | 'admin';
  doctor: string;
  patient: string;
}

/** Doctors with their policies and patients, as far as the domain alone carries them: nothing is stored or locked. */
export class SmallClinic {
  readonly appointments: Appointment[] = [];
  readonly #care = new CareAccess(365);

  constructor(
    readonly policies: ReadonlyMap<string, SlotPolicy>,
    public now: Instant,
  ) {}

  /** The appointment, or undefined if a rule speaks against it. */
  book({ by, doctor, patient, ...when }: Wish): Appointment | undefined {
    const hasSeen = this.#hasSeen(doctor, patient);
    const granted = this.#granted(by, { doctor, patient }, when, this.busy(doctor, patient));
    if (granted === undefined) return undefined;
    const appointment = Appointment.book(
      {
        id: String(this.appointments.length),
        doctor,
        patient,
        ...granted,
        outsideHours: false,
        reasonForVisit: 'General Checkup',
        exemptionReason: by === 'admin' ? 'asked by phone' : null,
        by,
        hasSeen,
      },
      this.policies.get(doctor)!.rules,
      this.now,
    );
    this.appointments.push(appointment);
    return appointment;
  }

  /** The appointment after the action, or undefined if its state does not allow it. */
  act(appointment: Appointment, action: Exclude<Action, 'reschedule'>, by: Side): Appointment | undefined {
    return this.#replaced(appointment, () => this.#acted(appointment, action, by));
  }

  /** The appointment at its other time, or undefined if its state or a rule speaks against it. */
  move(appointment: Appointment, by: Wish['by'], when: When): Appointment | undefined {
    const { doctor, patient } = appointment.state;
    const { rules } = this.policies.get(doctor)!;
    const busy = busyWithout(appointment.state, this.busy(doctor, patient), this.now);
    return this.#replaced(appointment, () => {
      appointment.assertAllows('reschedule', by, rules, this.now);
      const granted = this.#granted(by, appointment.state, when, busy);
      const move = { by, reason: null, exemptionReason: null, outsideHours: false };
      return granted && appointment.reschedule({ ...move, ...granted }, rules, this.now);
    });
  }

  /** What the clock does to all that has lapsed. */
  expire(): Appointment[] {
    const lapsed = this.appointments.filter((appointment) => appointment.hasLapsed(this.now));
    return lapsed.map((appointment) => this.#replaced(appointment, () => appointment.expire(this.now))!);
  }

  busy(doctor: string, patient: string): Busy {
    const states = this.appointments.map(({ state }) => state);
    const active = this.appointments.filter(({ isActive }) => isActive).map(({ state }) => state);
    const ofDoctor = active.filter((state) => state.doctor === doctor);
    return {
      doctor: new Agenda(ofDoctor.map(({ slot }) => slot)),
      starts: states
        .filter((state) => state.doctor === doctor && state.status !== 'cancelled')
        .map(({ slot }) => slot.startsAt),
      absences: Agenda.EMPTY,
      patient: new Agenda(active.filter((state) => state.patient === patient).map(({ slot }) => slot)),
      openWithDoctor: ofDoctor.filter((state) => state.patient === patient && state.slot.startsAt > this.now)
        .length,
    };
  }

  protected isRefused(policy: SlotPolicy, request: SlotRequest, busy: Busy): boolean {
    return policy.refusals(request, busy, this.now).next().done !== true;
  }

  #hasSeen(doctor: string, patient: string): boolean {
    const states = this.appointments.map(({ state }) => state);
    const pair = states.filter((state) => state.doctor === doctor && state.patient === patient);
    return this.#care.hasSeen(pair, this.now);
  }

  #granted(
    by: Wish['by'],
    { doctor, patient }: Pick<AppointmentState, 'doctor' | 'patient'>,
    { date, time, minutes }: When,
    busy: Busy,
  ): Pick<AppointmentState, 'slot' | 'timeZone' | 'visitType'> | undefined {
    const policy = this.policies.get(doctor)!;
    const exempt = by !== 'patient';
    const durationMinutes = exempt ? minutes : undefined;
    const request = { date, time, hasSeen: this.#hasSeen(doctor, patient), exempt, durationMinutes };
    if (this.isRefused(policy, request, busy)) return undefined;
    const visit = policy.visitOf(request)!;
    const slot = TimeSlot.lasting(policy.zone.instantOf(date, time)!, visit.minutes);
    return { slot, timeZone: policy.zone.name, visitType: visit.name };
  }

  #replaced(appointment: Appointment, act: () => Appointment | undefined): Appointment | undefined {
    try {
      const after = act();
      if (after !== undefined) this.appointments[this.appointments.indexOf(appointment)] = after;
      return after;
    } catch (error) {
      if (error instanceof ActionNotAllowed || error instanceof TooLateToChange) return undefined;
      throw error;
    }
  }

  #acted(appointment: Appointment, action: Exclude<Action, 'reschedule'>, by: Side): Appointment {
    const { rules } = this.policies.get(appointment.state.doctor)!;
    switch (action) {
      case 'confirm':
        return appointment.confirm(by, null, rules, this.now);
      case 'cancel':
        return appointment.cancel(by, null, rules, this.now);
      case 'check-in':
        return appointment.checkIn(by, rules, this.now);
      case 'complete':
        return appointment.complete(by, rules, this.now);
      case 'no-show':
        return appointment.miss(by, rules, this.now);
    }
  }
}
