import { NotFound } from '#libs/kernel/errors.js';
import type { Actor } from '../../identity/index.js';
import { withoutMedicalFields, type PatientCard } from '../domain/patient.js';
import { CareRelationship, PatientDirectory } from '../ports.js';

/** Opens a patient's card to the patient themself, to a doctor who treats them and, without medical fields, to an admin. */
export class ReadPatientCard {
  constructor(
    private readonly patients: PatientDirectory,
    private readonly care: CareRelationship,
  ) {}

  /** Throws NotFound, alike for a patient who is not there and one whom the actor may not see. */
  async execute({ actor, patientId }: { actor: Actor; patientId: string }): Promise<PatientCard> {
    const card = await this.patients.find(patientId);
    if (card === undefined || !(await this.#maySee(actor, card))) throw new NotFound('patient');
    return actor.role === 'admin' ? withoutMedicalFields(card) : card;
  }

  async #maySee(actor: Actor, card: PatientCard): Promise<boolean> {
    switch (actor.role) {
      case 'patient':
        return card.userId === actor.userId;
      case 'doctor':
        return this.care.treats(actor.userId, card.id);
      case 'admin':
        return true;
    }
  }
}
