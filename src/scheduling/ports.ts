import type { Instant } from '#libs/kernel/clock.js';
import type { Page } from '#libs/kernel/page.js';
import type { Absence } from './domain/absence.js';
import type { Appointment, AppointmentRules, AppointmentStatus, HistoryLine } from './domain/appointment.js';
import type { CalendarDate } from './domain/calendar.js';
import type { CareFacts } from './domain/care.js';
import type { HoursInterval } from './domain/hours.js';
import type { DoctorStanding } from './domain/standing.js';
import type { Series } from './domain/series.js';
import type { Busy, SlotPolicy, SlotRules } from './domain/slot-policy.js';
import type { TimeSlot } from './domain/time-slot.js';
import type { Zone } from './domain/zone.js';

/** The locks that make decisions about one person's time follow each other. */
export abstract class Agendas {
  /**
   * Holds the agenda of the doctor, then of the patient if there is one, until the unit of work ends; a person's agenda
   * is made when absent. What the unit reads of these people and of the doctor's rules afterwards is what it decides on.
   */
  abstract lock(doctor: string, patient?: string): Promise<void>;
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

/** A doctor's time, and what a patient has had to do with them. */
export interface DoctorsTime {
  busy: Busy;
  /** All appointments of the two but the cancelled ones, in no order. */
  earlier: readonly CareFacts[];
}

/** The appointments, and what they say about people's time. */
export abstract class Appointments {
  /**
   * Keeps new appointments of the same two people, in the order of time, each with its first line of history, and
   * occupies the time of both. Throws SlotRefused (`slot-taken` or `patient-busy`, with the start of the one that it
   * is about) when any of that time is occupied, whoever asked before.
   */
  abstract add(...appointments: readonly Appointment[]): Promise<void>;
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
  /** Of each of these, oldest line first, read at once however many they are. */
  abstract historiesOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly HistoryLine[]>>;
  /** All appointments of the two, in the order in which they were made. */
  abstract ofPair(doctor: string, patient: string): Promise<readonly Appointment[]>;
  /** All that were scheduled with the series, by start, then id. */
  abstract ofSeries(series: string): Promise<readonly Appointment[]>;
  /** Pending ones that nobody can confirm any more, at most `limit`, the longest lapsed first. */
  abstract lapsed(now: Instant, limit: number): Promise<readonly Appointment[]>;
  /** Active ones of the doctor that start after an instant, or after a place in this list: by start, then id. */
  abstract upcoming(
    doctor: string,
    after: { startsAt: Instant; id?: string | undefined },
    limit: number,
  ): Promise<readonly Appointment[]>;
  /**
   * What stands in the way of requests in this span, the doctor's absences included; without a patient, nothing of a
   * patient.
   */
  abstract busy(doctor: string, patient: string | undefined, span: TimeSlot, now: Instant): Promise<Busy>;
  /** The same for each of many doctors, read at once however many they are. */
  abstract timeOf(
    doctors: readonly string[],
    patient: string | undefined,
    span: TimeSlot,
    now: Instant,
  ): Promise<ReadonlyMap<string, DoctorsTime>>;
  /** The patients of whom an appointment with the doctor opens the card and ended after `since` (or has not yet). */
  abstract patientsTreatedBy(
    doctor: string,
    since: Instant,
    among?: readonly string[],
  ): Promise<readonly string[]>;
}

/** What was scheduled together. The appointments themselves say which series they belong to. */
export abstract class SeriesRegister {
  abstract add(series: Series): Promise<void>;
  abstract find(id: string): Promise<Series | undefined>;
  /** All of a person, on either side, by id. */
  abstract listOf(person: string, page: PageOf): Promise<Page<Series>>;
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
  /** The appointment that it was about; of a series one of its appointments, which tells the series. */
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
  /** Forgets the keys of a user. */
  abstract forgetOf(user: string): Promise<void>;
  /** Forgets keys that were taken before that instant, the oldest first, at most so many; answers how many. */
  abstract forget(before: Instant, atMost: number): Promise<number>;
}

/** The doctors' rules about their time. */
export abstract class SlotPolicies {
  /** The stored policy of the doctor, or the default one, with the overrides of single dates. */
  abstract of(doctor: string, zone: Zone): Promise<SlotPolicy>;
  /** The policy of each, read at once however many they are. */
  abstract ofMany(doctors: readonly Doctor[]): Promise<ReadonlyMap<string, SlotPolicy>>;
  /** What the policy of each of these doctors says about appointments that are made. */
  abstract appointmentRules(doctors: readonly string[]): Promise<ReadonlyMap<string, AppointmentRules>>;
  /** Keeps rules under a version. Overrides among them are left alone: they are kept one by one. */
  abstract keep(doctor: string, rules: SlotRules, version: number): Promise<void>;
}

/** Hours of one date instead of the weekly ones; none means closed. */
export interface Override {
  date: CalendarDate;
  hours: readonly HoursInterval[];
}

export interface PageOf {
  limit: number;
  cursor?: string | undefined;
}

/** What doctors say of single dates; a slot policy is read with them. */
export abstract class Overrides {
  /** Takes the place of what was said of that date before. */
  abstract put(doctor: string, override: Override): Promise<void>;
  abstract remove(doctor: string, date: CalendarDate): Promise<void>;
  /** By date. */
  abstract list(doctor: string, page: PageOf): Promise<Page<Override>>;
  /** Drops those before a date. */
  abstract forgetBefore(doctor: string, date: CalendarDate): Promise<void>;
}

/** When doctors are away; what stands in the way of requests is read with it. */
export abstract class Absences {
  abstract add(absence: Absence): Promise<void>;
  abstract remove(id: string): Promise<void>;
  abstract removeAllOf(doctor: string): Promise<void>;
  abstract find(id: string): Promise<Absence | undefined>;
  /** By start, then id. */
  abstract list(doctor: string, page: PageOf): Promise<Page<Absence>>;
  /** Those of the doctor that end after an instant, by start, then id. */
  abstract endingAfter(doctor: string, instant: Instant): Promise<readonly Absence[]>;
}

export interface Doctor {
  /** Profile id. */
  id: string;
  timeZone: string;
}

/** A doctor and how they stand with the clinic. */
export interface KnownDoctor extends Doctor, DoctorStanding {
  /** They have closed the account, for good. */
  closed: boolean;
}

export interface NamedDoctor extends Doctor {
  /** `First Last` */
  name: string;
}

export interface Parties {
  /** `First Last`; nobody's who is a patient and has closed the account. */
  names: ReadonlyMap<string, string>;
  standings: ReadonlyMap<string, DoctorStanding>;
}

/** Who the people of appointments are: profiles, seen from scheduling. */
export abstract class People {
  /** A doctor who can be booked. */
  abstract findDoctor(id: string): Promise<Doctor | undefined>;
  /** Also one who cannot be booked now. */
  abstract findAnyDoctor(id: string): Promise<KnownDoctor | undefined>;
  /** Those of a specialty who can be booked, by id, at most `limit`. */
  abstract doctorsOf(specialty: string, limit: number): Promise<readonly NamedDoctor[]>;
  /** Whether there is such a patient, and they may still come. */
  abstract hasPatient(id: string): Promise<boolean>;
  /** Those of these patients who are deactivated. */
  abstract deactivatedAmong(patients: readonly string[]): Promise<ReadonlySet<string>>;
  /** The profile id of a user of that role; undefined until the profile is filled in. */
  abstract profileOf(user: { userId: string; role: 'doctor' | 'patient' }): Promise<string | undefined>;
  /** By profile id; of patients the names alone. */
  abstract partiesOf(people: { doctors: readonly string[]; patients: readonly string[] }): Promise<Parties>;
}
