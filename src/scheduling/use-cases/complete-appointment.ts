import type { Actor } from '../../identity/index.js';
import { ActOnAppointment } from './act-on-appointment.js';
import type { AppointmentView } from './appointment-views.js';

/** The visit took place. */
export class CompleteAppointment {
  constructor(private readonly actOn: ActOnAppointment) {}

  execute(input: { actor: Actor; id: string }): Promise<AppointmentView> {
    return this.actOn.execute(input.actor, input.id, (appointment, by, now) => appointment.complete(by, now));
  }
}
