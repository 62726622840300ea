import type { Page } from '#libs/kernel/page.js';
import type { Conflict } from './domain/conflict.js';
import type { Doctor, DoctorCard, DoctorDetails } from './domain/doctor.js';

/** The profiles of doctors, one a user. */
export abstract class Doctors {
  /** Answers false, and adds nothing, when the user has a profile. */
  abstract add(doctor: Doctor): Promise<boolean>;
  abstract findByUser(userId: string): Promise<Doctor | undefined>;
  /** Changes what is given and leaves what is absent or undefined; nothing happens to a profile that is not there. */
  abstract change(id: string, change: Partial<DoctorDetails>): Promise<void>;
  /** Forgets how to reach a user's doctor, and what they wrote of themself but the specialty. */
  abstract removeContacts(userId: string): Promise<void>;
  /** Since when the doctor is approved; null withdraws it. Nothing happens to a profile that is not there. */
  abstract setApproval(id: string, approvedAt: number | null): Promise<void>;
}

export interface DoctorQuery {
  /** The whole specialty; upper and lower case make no difference. */
  specialty?: string;
  /** A part of the name, the specialty or the hospital; upper and lower case make no difference. */
  q?: string;
  limit: number;
  cursor?: string;
  /** Also those whom patients cannot find. */
  everyone?: boolean;
}

/** The doctors whom patients may find: approved, and with an active user. To patients all others are as if they were not there, but for their names. */
export abstract class DoctorDirectory {
  abstract find(id: string): Promise<DoctorCard | undefined>;
  /** Also one who is not approved: this is how doctors find themselves. */
  abstract findByUser(userId: string): Promise<DoctorCard | undefined>;
  /** Also those who cannot be found any more, since past appointments name them. In no order; an id of nobody is left out. */
  abstract findMany(ids: readonly string[]): Promise<readonly DoctorCard[]>;
  /** By id, ascending. Throws InvalidRequest for a cursor that it did not answer. */
  abstract list(query: DoctorQuery): Promise<Page<DoctorCard>>;
}

/** What the clinic's agenda has to do with a change of a doctor's profile. */
export abstract class DoctorAgendas {
  /** Holds the doctor's agenda until the unit of work ends: nothing is booked meanwhile. */
  abstract lock(doctor: string): Promise<void>;
  /** The first 100 appointments that a move between these zones puts outside the doctor's rules, as the doctor sees them. */
  abstract conflictsOfMove(doctor: string, from: string, to: string): Promise<readonly Conflict[]>;
}
