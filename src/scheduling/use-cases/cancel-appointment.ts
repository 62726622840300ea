import { ActOnAppointment, type ActionInput } from './act-on-appointment.js';
import type { Answer } from './appointment-views.js';

/** Ends an active appointment; its time is free at once. */
export class CancelAppointment {
  constructor(private readonly actOn: ActOnAppointment) {}

  execute(input: ActionInput & { reason: string | null }): Promise<Answer> {
    return this.actOn.execute('cancel', input, (appointment, { by, rules, now }) =>
      appointment.cancel(by, input.reason, rules, now),
    );
  }
}
