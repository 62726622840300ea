import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { NotFound } from '#libs/kernel/errors.js';
import { Transactions } from '#libs/kernel/transactions.js';
import type { Actor } from '../../identity/index.js';
import { withoutMedicalFields, type PatientCard } from '../domain/patient.js';
import { PatientDirectory } from '../ports.js';
import { CardAccess } from './card-access.js';

/**
 * Opens a patient's card to the patient themself, to a doctor who treats them and, without medical fields, to an admin. That
 * another person looked is recorded; nobody sees a card of which that could not be.
 */
export class ReadPatientCard {
  constructor(
    private readonly transactions: Transactions,
    private readonly patients: PatientDirectory,
    private readonly access: CardAccess,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws NotFound, alike for a patient who is not there and one whom the actor may not see. */
  async execute({ actor, patientId }: { actor: Actor; patientId: string }): Promise<PatientCard> {
    if (actor.role === 'patient') return this.#find(actor, patientId);
    const card = await this.transactions.run(async () => {
      const found = await this.#find(actor, patientId);
      const event = { action: 'patient.read', entity: { type: 'patient', id: found.id } } as const;
      await this.audit.record({ ...event, patient: found.id });
      return found;
    });
    return actor.role === 'admin' ? withoutMedicalFields(card) : card;
  }

  async #find(actor: Actor, patientId: string): Promise<PatientCard> {
    const card = await this.patients.find(patientId);
    if (card === undefined || !(await this.access.isOpenTo(actor, card))) throw new NotFound('patient');
    return card;
  }
}
