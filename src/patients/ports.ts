import type { Page } from '#libs/kernel/page.js';
import type { Patient, PatientCard, PatientDetails, PatientName } from './domain/patient.js';

/** The profiles of patients, one a user. */
export abstract class Patients {
  /** Answers false, and adds nothing, when the user has a profile. */
  abstract add(patient: Patient): Promise<boolean>;
  abstract findByUser(userId: string): Promise<Patient | undefined>;
  /** Changes what is given and leaves what is absent or undefined; nothing happens to a profile that is not there. */
  abstract change(id: string, change: Partial<PatientDetails>): Promise<void>;
  /** Forgets how to reach a user's patient and whom to call for them; what is medical stays. */
  abstract removeContacts(userId: string): Promise<void>;
}

export interface PatientQuery {
  /** A part of the name; upper and lower case make no difference. */
  q?: string;
  limit: number;
  cursor?: string;
  /** Nobody but these; everybody when absent. */
  among?: readonly string[];
}

/** All patients with their names, also those whose user is not active. Who may see whom is not its question. */
export abstract class PatientDirectory {
  abstract find(id: string): Promise<PatientCard | undefined>;
  abstract findByUser(userId: string): Promise<PatientCard | undefined>;
  /** In no order; an id of nobody is left out. */
  abstract findMany(ids: readonly string[]): Promise<readonly PatientName[]>;
  /** Those of these whose user is deactivated, in no order. */
  abstract deactivatedAmong(ids: readonly string[]): Promise<readonly string[]>;
  /** By id, ascending, without those who have closed the account. Throws InvalidRequest for a cursor that it did not answer. */
  abstract list(query: PatientQuery): Promise<Page<PatientName>>;
}

/** Who treats whom now, told by scheduling above. Doctors are named by user, patients by profile. */
export abstract class CareRelationship {
  abstract treats(doctorUserId: string, patientId: string): Promise<boolean>;
  /** The profile ids of all patients whom the doctor treats. */
  abstract patientsOf(doctorUserId: string): Promise<readonly string[]>;
}
