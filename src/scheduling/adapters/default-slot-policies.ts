import type { AppointmentRules } from '../domain/appointment.js';
import { SlotPolicy } from '../domain/slot-policy.js';
import type { Zone } from '../domain/zone.js';
import { SlotPolicies } from '../ports.js';

/** Every doctor has the default policy until policies can be edited. */
export class DefaultSlotPolicies extends SlotPolicies {
  async of(_doctor: string, zone: Zone): Promise<SlotPolicy> {
    return new SlotPolicy(SlotPolicy.DEFAULT, zone);
  }

  async appointmentRules(doctors: readonly string[]): Promise<ReadonlyMap<string, AppointmentRules>> {
    return new Map(doctors.map((doctor) => [doctor, SlotPolicy.DEFAULT]));
  }
}
