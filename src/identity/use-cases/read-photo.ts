import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { NotFound } from '#libs/kernel/errors.js';
import { Transactions } from '#libs/kernel/transactions.js';
import type { Actor, User } from '../domain/user.js';
import { DoctorCards, PatientCards, PhotoStorage, Users } from '../ports.js';

/**
 * Shows somebody's photo to whoever may open their card: to themself and to admins always. That another person looked at a
 * patient's is recorded, as of the rest of the card.
 */
export class ReadPhoto {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly doctorCards: DoctorCards,
    private readonly patientCards: PatientCards,
    private readonly storage: PhotoStorage,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws NotFound, alike for a user who is not there, one without a photo, and one whose photo the actor may not see. */
  async execute({ actor, userId }: { actor: Actor; userId: string }): Promise<Uint8Array> {
    const user = await this.users.find(userId);
    if (user === undefined || !(await this.#maySee(actor, user))) throw new NotFound('photo');
    // Replaced since it was looked up, it is found under its next key.
    const photo = (await this.#fileOf(user)) ?? (await this.#fileOf(await this.users.find(userId)));
    if (photo === undefined) throw new NotFound('photo');
    if (user.role === 'patient' && actor.userId !== userId) await this.#recordLook(userId);
    return photo;
  }

  async #recordLook(userId: string): Promise<void> {
    const patient = await this.patientCards.idOf(userId);
    const event = { action: 'photo.read', entity: { type: 'user', id: userId } } as const;
    await this.transactions.run(() =>
      this.audit.record({ ...event, ...(patient !== undefined && { patient }) }),
    );
  }

  async #fileOf(user: User | undefined): Promise<Uint8Array | undefined> {
    return typeof user?.photo === 'string' ? this.storage.find(user.photo) : undefined;
  }

  async #maySee(actor: Actor, { id, role }: User): Promise<boolean> {
    if (actor.userId === id || actor.role === 'admin') return true;
    switch (role) {
      case 'doctor':
        return this.doctorCards.isOpenTo(actor, id);
      case 'patient':
        return this.patientCards.isOpenTo(actor, id);
      case 'admin':
        return false;
    }
  }
}
