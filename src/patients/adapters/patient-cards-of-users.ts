import { PatientCards, type Actor } from '../../identity/index.js';
import { PatientDirectory } from '../ports.js';
import { CardAccess } from '../use-cases/card-access.js';

/** Tells identity who may open the card of a user who is a patient. */
export class PatientCardsOfUsers extends PatientCards {
  constructor(
    private readonly patients: PatientDirectory,
    private readonly access: CardAccess,
  ) {
    super();
  }

  async idOf(userId: string): Promise<string | undefined> {
    return (await this.patients.findByUser(userId))?.id;
  }

  async isOpenTo(actor: Actor, userId: string): Promise<boolean> {
    const card = await this.patients.findByUser(userId);
    return card !== undefined && this.access.isOpenTo(actor, card);
  }
}
