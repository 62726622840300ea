import { SlotRefused } from '../domain/refusals.js';
import type { Appointment } from '../domain/appointment.js';
import { Appointments } from '../ports.js';
import { ActOnAppointment, type Acting, type ActionInput } from './act-on-appointment.js';
import type { Answer } from './appointment-views.js';
import { assertAllowedFields, SlotRequests, type Ask, type Choice } from './slot-requests.js';

export interface RescheduleAppointmentInput extends ActionInput, Choice {
  reason: string | null;
}

/** Moves an appointment, or changes its visit, in place. Its own time is never in the way. */
export class RescheduleAppointment {
  constructor(
    private readonly actOn: ActOnAppointment,
    private readonly appointments: Appointments,
    private readonly slots: SlotRequests,
  ) {}

  /** Throws SlotRefused and TooLateToChange beside what every action throws. */
  async execute(input: RescheduleAppointmentInput): Promise<Answer> {
    assertAllowedFields(input.actor.role, input);
    try {
      return await this.actOn.execute('reschedule', input, (appointment, acting) =>
        this.#move(appointment, input, acting),
      );
    } catch (error) {
      if (!(error instanceof SlotRefused)) throw error;
      const appointment = (await this.appointments.find(input.id))!;
      throw await this.slots.told(error, askOf(appointment, input, input.actor.role));
    }
  }

  async #move(
    appointment: Appointment,
    input: RescheduleAppointmentInput,
    { by, rules, now }: Acting,
  ): Promise<Appointment> {
    appointment.assertAllows('reschedule', by, rules, now);
    const asked = await this.slots.read(askOf(appointment, input, by), now);
    const granted = this.slots.grant(asked, now);
    const { reason, exemptionReason = null } = input;
    return appointment.reschedule({ by, reason, exemptionReason, ...granted }, rules, now);
  }
}

function askOf(moves: Appointment, input: RescheduleAppointmentInput, by: Ask['by']): Ask {
  const { doctor, patient } = moves.state;
  const { date, time, visitType, durationMinutes, exemptionReason } = input;
  return { by, doctor, patient, date, time, visitType, durationMinutes, exemptionReason, moves };
}
