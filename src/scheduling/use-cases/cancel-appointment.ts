import { Zone } from '../domain/zone.js';
import { SlotPolicies } from '../ports.js';
import { ActOnAppointment, type ActionInput } from './act-on-appointment.js';
import type { Answer } from './appointment-views.js';

/** Ends an active appointment; its time is free at once. */
export class CancelAppointment {
  constructor(
    private readonly actOn: ActOnAppointment,
    private readonly policies: SlotPolicies,
  ) {}

  execute(input: ActionInput & { reason: string | null }): Promise<Answer> {
    return this.actOn.execute(input, async (appointment, by, now) => {
      const { doctor, timeZone } = appointment.state;
      const { rules } = await this.policies.of(doctor, Zone.of(timeZone));
      return appointment.cancel(by, input.reason, rules, now);
    });
  }
}
