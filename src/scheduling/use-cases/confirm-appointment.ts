import { InvalidRequest } from '#libs/kernel/errors.js';
import { ActOnAppointment, type ActionInput } from './act-on-appointment.js';
import type { Answer } from './appointment-views.js';

/** The awaited side agrees; an admin may agree for it and says why. */
export class ConfirmAppointment {
  constructor(private readonly actOn: ActOnAppointment) {}

  async execute(input: ActionInput & { reason: string | null }): Promise<Answer> {
    if (input.actor.role === 'admin' && input.reason === null) {
      throw InvalidRequest.at('/reason', 'required', 'is required of an admin');
    }
    return this.actOn.execute('confirm', input, (appointment, { by, rules, now }) =>
      appointment.confirm(by, input.reason, rules, now),
    );
  }
}
