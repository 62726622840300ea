import type { Instant } from '#libs/kernel/clock.js';
import { Agenda } from '../../../src/scheduling/domain/agenda.js';
import { Appointment, type Action, type Side } from '../../../src/scheduling/domain/appointment.js';
import { CareAccess } from '../../../src/scheduling/domain/care.js';
import { ActionNotAllowed } from '../../../src/scheduling/domain/errors.js';
import type { Busy, SlotPolicy, SlotRequest } from '../../../src/scheduling/domain/slot-policy.js';
import { TimeSlot } from '../../../src/scheduling/domain/time-slot.js';

export interface Wish {
  by: 'patient' | 'doctor' | 'admin';
  doctor: string;
  patient: string;
  date: string;
  time: number;
  /** Heard of the doctor and the admin only. */
  minutes: number;
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
  book({ by, doctor, patient, date, time, minutes }: Wish): Appointment | undefined {
    const policy = this.policies.get(doctor)!;
    const pair = this.appointments.filter(
      ({ state }) => state.doctor === doctor && state.patient === patient,
    );
    const hasSeen = this.#care.hasSeen(
      pair.map(({ state }) => state),
      this.now,
    );
    const exempt = by !== 'patient';
    const request = { date, time, hasSeen, exempt, durationMinutes: exempt ? minutes : undefined };
    if (this.isRefused(policy, request, this.busy(doctor, patient))) return undefined;

    const visit = policy.visitOf(request)!;
    const appointment = Appointment.book(
      {
        id: String(this.appointments.length),
        doctor,
        patient,
        slot: TimeSlot.lasting(policy.zone.instantOf(date, time)!, visit.minutes),
        outsideHours: false,
        timeZone: policy.zone.name,
        visitType: visit.name,
        reasonForVisit: 'General Checkup',
        exemptionReason: by === 'admin' ? 'asked by phone' : null,
        by,
        hasSeen,
      },
      policy.rules,
      this.now,
    );
    this.appointments.push(appointment);
    return appointment;
  }

  /** The appointment after the action, or undefined if its state does not allow it. */
  act(appointment: Appointment, action: Action, by: Side): Appointment | undefined {
    try {
      const after = this.#acted(appointment, action, by);
      this.appointments[this.appointments.indexOf(appointment)] = after;
      return after;
    } catch (error) {
      if (error instanceof ActionNotAllowed) return undefined;
      throw error;
    }
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

  #acted(appointment: Appointment, action: Action, by: Side): Appointment {
    const { rules } = this.policies.get(appointment.state.doctor)!;
    switch (action) {
      case 'confirm':
        return appointment.confirm(by, null, this.now);
      case 'cancel':
        return appointment.cancel(by, null, rules, this.now);
      case 'complete':
        return appointment.complete(by, this.now);
    }
  }
}
