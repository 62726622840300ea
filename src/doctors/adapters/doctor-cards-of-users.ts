import { DoctorCards, type Actor } from '../../identity/index.js';
import { DoctorDirectory } from '../ports.js';

/** Tells identity who may open the card of a user who is a doctor: everybody, while patients can find them. */
export class DoctorCardsOfUsers extends DoctorCards {
  constructor(private readonly directory: DoctorDirectory) {
    super();
  }

  async isOpenTo(_actor: Actor, userId: string): Promise<boolean> {
    // Only of an active user.
    return (await this.directory.findByUser(userId))?.approved ?? false;
  }
}
