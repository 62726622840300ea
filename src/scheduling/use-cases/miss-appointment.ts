import { ActOnAppointment, type ActionInput } from './act-on-appointment.js';
import type { Answer } from './appointment-views.js';

/** The patient did not come. */
export class MissAppointment {
  constructor(private readonly actOn: ActOnAppointment) {}

  execute(input: ActionInput): Promise<Answer> {
    return this.actOn.execute('no-show', input, (appointment, { by, rules, now }) =>
      appointment.miss(by, rules, now),
    );
  }
}
