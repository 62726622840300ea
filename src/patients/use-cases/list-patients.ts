import type { Page } from '#libs/kernel/page.js';
import type { Actor } from '../../identity/index.js';
import type { PatientName } from '../domain/patient.js';
import { CareRelationship, PatientDirectory, type PatientQuery } from '../ports.js';

export interface ListPatientsInput {
  actor: Actor;
  query: Omit<PatientQuery, 'among'>;
}

/** Lists the patients whom a doctor treats; to an admin, all. */
export class ListPatients {
  constructor(
    private readonly patients: PatientDirectory,
    private readonly care: CareRelationship,
  ) {}

  /** Throws InvalidRequest for a cursor that it did not answer. */
  async execute({ actor, query }: ListPatientsInput): Promise<Page<PatientName>> {
    const among = actor.role === 'admin' ? undefined : await this.care.patientsOf(actor.userId);
    return this.patients.list({ ...query, among });
  }
}
