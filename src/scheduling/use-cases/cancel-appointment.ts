import type { Actor } from '../../identity/index.js';
import { Zone } from '../domain/zone.js';
import { SlotPolicies } from '../ports.js';
import { ActOnAppointment } from './act-on-appointment.js';
import type { AppointmentView } from './appointment-views.js';

/** Ends an active appointment; its time is free at once. */
export class CancelAppointment {
  constructor(
    private readonly actOn: ActOnAppointment,
    private readonly policies: SlotPolicies,
  ) {}

  execute(input: { actor: Actor; id: string; reason: string | null }): Promise<AppointmentView> {
    return this.actOn.execute(input.actor, input.id, async (appointment, by, now) => {
      const { doctor, timeZone } = appointment.state;
      const { rules } = await this.policies.of(doctor, Zone.of(timeZone));
      return appointment.cancel(by, input.reason, rules, now);
    });
  }
}
