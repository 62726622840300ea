import { ActOnAppointment, type ActionInput } from './act-on-appointment.js';
import type { Answer } from './appointment-views.js';

/** The visit took place. */
export class CompleteAppointment {
  constructor(private readonly actOn: ActOnAppointment) {}

  execute(input: ActionInput): Promise<Answer> {
    return this.actOn.execute('complete', input, (appointment, { by, rules, now }) =>
      appointment.complete(by, rules, now),
    );
  }
}
