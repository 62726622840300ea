import type { Instant } from '#libs/kernel/clock.js';
import type { Page } from '#libs/kernel/page.js';
import type { Appointment, AppointmentRules, AppointmentStatus, HistoryLine } from './domain/appointment.js';
import type { CalendarDate } from './domain/calendar.js';
import type { Busy, SlotPolicy } from './domain/slot-policy.js';
import type { TimeSlot } from './domain/time-slot.js';
import type { Zone } from './domain/zone.js';

/** The locks that make decisions about one person's time follow each other. */
export abstract class Agendas {
  /**
   * Holds the agenda of the doctor, then of the patient, until the unit of work ends; a person's agenda is made when
   * absent. What the unit reads of these two people afterwards is what it decides on.
   */
  abstract lock(doctor: string, patient: string): Promise<void>;
}

export interface AppointmentFilter {
  doctor?: string | undefined;
  patient?: string | undefined;
  statuses?: readonly AppointmentStatus[] | undefined;
  /** Confirmed or checked in, and the end has passed (true), or anything else (false). */
  needsOutcome?: boolean | undefined;
  /** Both included, compared with the date that the appointment shows. */
  from?: CalendarDate | undefined;
  to?: CalendarDate | undefined;
  order: 'asc' | 'desc';
  limit: number;
  cursor?: string | undefined;
}

/** The appointments, and what they say about people's time. */
export abstract class Appointments {
  /**
   * Keeps a new appointment with its first line of history, and occupies the time of both people.
   * Throws SlotRefused (`slot-taken` or `patient-busy`) when any of that time is occupied, whoever asked before.
   */
  abstract add(appointment: Appointment): Promise<void>;
  /**
   * Keeps a change with its line of history. The time of one that is no longer active is free at once; of one that
   * was moved the new time is occupied before the old one is free.
   * Throws ActionNotAllowed when the appointment is not at the version that was read: somebody acted first. Throws
   * SlotRefused as `add` does.
   */
  abstract save(appointment: Appointment): Promise<void>;
  abstract find(id: string): Promise<Appointment | undefined>;
  /** By start, then id. */
  abstract list(filter: AppointmentFilter, now: Instant): Promise<Page<Appointment>>;
  /** Oldest line first. */
  abstract history(id: string): Promise<readonly HistoryLine[]>;
  /** All appointments of the two, in the order in which they were made. */
  abstract ofPair(doctor: string, patient: string): Promise<readonly Appointment[]>;
  /** Pending ones that nobody can confirm any more, at most `limit`, the longest lapsed first. */
  abstract lapsed(now: Instant, limit: number): Promise<readonly Appointment[]>;
  /** What stands in the way of requests in this span; without a patient, nothing of a patient. */
  abstract busy(doctor: string, patient: string | undefined, span: TimeSlot, now: Instant): Promise<Busy>;
  /** The patients of whom an appointment with the doctor opens the card and ended after `since` (or has not yet). */
  abstract patientsTreatedBy(
    doctor: string,
    since: Instant,
    among?: readonly string[],
  ): Promise<readonly string[]>;
}

/** A request that its sender may repeat without a second effect. */
export interface KeyedRequest {
  user: string;
  key: string;
  /** What was asked, in one fixed form. */
  request: string;
}

export interface KeptAnswer {
  status: number;
  /** The appointment that it was about. */
  appointment: string;
  /** False when the key was taken for something else. */
  isSameRequest: boolean;
}

/** The keys under which requests have had their effect. No copy of a request or an answer is kept. */
export abstract class IdempotencyKeys {
  /**
   * Takes the key for this unit of work, and answers undefined if it was free or taken before `since`; else what was
   * kept. Waits while another unit holds it; throws RequestInFlight when that takes too long.
   */
  abstract take(request: KeyedRequest, now: Instant, since: Instant): Promise<KeptAnswer | undefined>;
  /** Completes a key that this unit took. */
  abstract keep(request: KeyedRequest, answer: { status: number; appointment: string }): Promise<void>;
  /** Forgets keys that were taken before that instant, the oldest first, at most so many; answers how many. */
  abstract forget(before: Instant, atMost: number): Promise<number>;
}

/** The doctors' rules about their time. */
export abstract class SlotPolicies {
  /** The stored policy of the doctor, or the default one. */
  abstract of(doctor: string, zone: Zone): Promise<SlotPolicy>;
  /** What the policy of each of these doctors says about appointments that are made. */
  abstract appointmentRules(doctors: readonly string[]): Promise<ReadonlyMap<string, AppointmentRules>>;
}

export interface Doctor {
  /** Profile id. */
  id: string;
  timeZone: string;
}

/** Who the people of appointments are: profiles, seen from scheduling. */
export abstract class People {
  /** A doctor who can be booked. */
  abstract findDoctor(id: string): Promise<Doctor | undefined>;
  abstract hasPatient(id: string): Promise<boolean>;
  /** The profile id of a user of that role; undefined until the profile is filled in. */
  abstract profileOf(user: { userId: string; role: 'doctor' | 'patient' }): Promise<string | undefined>;
  /** `First Last` by profile id. */
  abstract namesOf(people: {
    doctors: readonly string[];
    patients: readonly string[];
  }): Promise<ReadonlyMap<string, string>>;
}
