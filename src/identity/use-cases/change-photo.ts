import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Overloaded } from '#libs/kernel/errors.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { NotAuthenticated } from '../domain/errors.js';
import { DiscardedPhotos, PatientProfileIds, PhotoEncoder, PhotoStorage, Users } from '../ports.js';
import { RemovePhoto } from './remove-photo.js';

export interface ChangePhotoInput {
  userId: string;
  /** The file as it was sent; null for no photo. */
  picture: Uint8Array | null;
}

/**
 * Gives a user another photo, or none. A file begins and ends as discarded: whatever stops in between, its key is known to
 * those who remove what nobody has.
 */
export class ChangePhoto {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly encoder: PhotoEncoder,
    private readonly storage: PhotoStorage,
    private readonly discarded: DiscardedPhotos,
    private readonly removePhoto: RemovePhoto,
    private readonly patients: PatientProfileIds,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws UnsupportedImage, UnusableImage, and NotAuthenticated for who may not act any more. */
  async execute({ userId, picture }: ChangePhotoInput): Promise<void> {
    const key = picture === null ? null : await this.#kept(await this.encoder.encode(picture));
    try {
      await this.#change(userId, key);
    } catch (error) {
      if (error instanceof NotAuthenticated && key !== null) await this.removePhoto.execute(key);
      throw error;
    }
  }

  async #change(userId: string, key: string | null): Promise<void> {
    const before = await this.transactions.run(async () => {
      const before = await this.users.replacePhoto(userId, key);
      // Closed or deactivated while the picture was on its way.
      if (before === undefined) throw new NotAuthenticated();
      if (before !== null) await this.discarded.add(before, this.clock.now());
      if (key !== null && !(await this.discarded.takeOff(key))) throw new TookTooLong();
      if (before !== null || key !== null) await this.#recorded(userId);
      return before;
    });
    if (before !== null) await this.removePhoto.execute(before);
  }

  async #kept(photo: Uint8Array): Promise<string> {
    const key = this.storage.newKey();
    await this.transactions.run(() => this.discarded.add(key, this.clock.now()));
    await this.storage.keep(key, photo);
    return key;
  }

  async #recorded(userId: string): Promise<void> {
    const patient = await this.patients.find(userId);
    await this.audit.record({
      action: 'account.change-photo',
      entity: { type: 'user', id: userId },
      ...(patient !== undefined && { patient }),
    });
  }
}

/** The file was removed while it was written, as after a pause of the whole machine. */
class TookTooLong extends Overloaded {
  constructor() {
    super('Keeping the photo took too long; nothing was changed.');
  }
}
