import { InvalidRequest } from '#libs/kernel/errors.js';
import type { Actor } from '../../identity/index.js';
import { ActOnAppointment } from './act-on-appointment.js';
import type { AppointmentView } from './appointment-views.js';

/** The awaited side agrees; an admin may agree for it and says why. */
export class ConfirmAppointment {
  constructor(private readonly actOn: ActOnAppointment) {}

  async execute(input: { actor: Actor; id: string; reason: string | null }): Promise<AppointmentView> {
    if (input.actor.role === 'admin' && input.reason === null) {
      throw InvalidRequest.at('/reason', 'required', 'is required of an admin');
    }
    return this.actOn.execute(input.actor, input.id, (appointment, by, now) =>
      appointment.confirm(by, input.reason, now),
    );
  }
}
