import type { Actor } from '../../identity/index.js';
import type { PatientCard } from '../domain/patient.js';
import { CareRelationship } from '../ports.js';

/** Who may open a patient's card: the patient themself, a doctor who treats them, an admin. */
export class CardAccess {
  constructor(private readonly care: CareRelationship) {}

  async isOpenTo(actor: Actor, card: Pick<PatientCard, 'id' | 'userId' | 'closed'>): Promise<boolean> {
    switch (actor.role) {
      case 'patient':
        return card.userId === actor.userId;
      case 'doctor':
        return this.care.treats(actor.userId, card.id);
      case 'admin':
        // Nothing that they may see is left of one that is closed.
        return !card.closed;
    }
  }
}
