import { ActOnAppointment, type ActionInput } from './act-on-appointment.js';
import type { Answer } from './appointment-views.js';

/** The patient has come. */
export class CheckInAppointment {
  constructor(private readonly actOn: ActOnAppointment) {}

  execute(input: ActionInput): Promise<Answer> {
    return this.actOn.execute('check-in', input, (appointment, { by, rules, now }) =>
      appointment.checkIn(by, rules, now),
    );
  }
}
