import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { Doctors } from '../../doctors/index.js';
import {
  ConfirmPassword,
  DiscardedPhotos,
  emailKey,
  LastAdmin,
  NotAuthenticated,
  PasswordHasher,
  PasswordResets,
  RemovePhoto,
  RESET_PAUSE,
  Sessions,
  Users,
  WrongPassword,
  type Actor,
} from '../../identity/index.js';
import { Patients } from '../../patients/index.js';
import { CloseAgenda } from '../../scheduling/index.js';

const POINTER = '/password';

/**
 * Closes the actor's account, for good and all at once: nobody is signed in to it any more, its visits to come are
 * cancelled, and who its person is and how to reach them is forgotten. What medicine has to keep stays under its ids.
 */
export class CloseAccount {
  constructor(
    private readonly transactions: Transactions,
    private readonly confirmPassword: ConfirmPassword,
    private readonly hasher: PasswordHasher,
    private readonly users: Users,
    private readonly sessions: Sessions,
    private readonly resets: PasswordResets,
    private readonly discardedPhotos: DiscardedPhotos,
    private readonly removePhoto: RemovePhoto,
    private readonly closeAgenda: CloseAgenda,
    private readonly doctors: Doctors,
    private readonly patients: Patients,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Throws TooManyTries, WrongPassword, also where another change was faster, NotAuthenticated where the account was closed or
   * deactivated meanwhile, OpenAppointments of a doctor, and LastAdmin.
   */
  async execute({ actor, password }: { actor: Actor; password: string }): Promise<void> {
    const { userId, role } = actor;
    const user = await this.confirmPassword.execute({ userId, password, pointer: POINTER });
    const passwordHash = await this.hasher.hashOfNothing();
    // Not made of the id, which the owner knows and could register an account with.
    const email = `closed-${this.ids.next()}@closed.invalid`;
    const photo = await this.transactions.run(async () => {
      if (role === 'admin' && (await this.users.lockActiveAdmins()).every((id) => id === userId))
        throw new LastAdmin();
      // Locks in the order of all others: agendas, then what was mailed, then the account, then what hangs on it.
      await this.closeAgenda.execute(actor);
      const at = this.clock.now();
      await this.resets.dismiss(emailKey(user.email), at, RESET_PAUSE);
      const photo = await this.users.replacePhoto(userId, null);
      if (photo === undefined) throw new NotAuthenticated();
      if (photo !== null) await this.discardedPhotos.add(photo, at);
      // The records of patients name who treated them.
      const closed = { email, passwordHash, at, keepsNames: role === 'doctor' };
      if (!(await this.users.close(user, closed))) throw new WrongPassword(POINTER);
      await this.sessions.removeAllOf(userId);
      await this.doctors.removeContacts(userId);
      await this.patients.removeContacts(userId);
      const patient = await this.patients.findByUser(userId);
      const about = patient === undefined ? {} : { patient: patient.id };
      await this.audit.record({ action: 'account.close', entity: { type: 'user', id: userId }, ...about });
      return photo;
    });
    if (photo !== null) await this.removePhoto.execute(photo);
  }
}
