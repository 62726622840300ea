import { EntitySchema, In } from 'typeorm';
import { id, instant, primaryId } from '#libs/persistence/columns.js';
import { isUniqueViolation } from '#libs/persistence/database-errors.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { isActive, type Appointment, type AppointmentState } from '../domain/appointment.js';
import { SlotRefused } from '../domain/refusals.js';

/** The floor against double booking: one row for every five minutes of a person's occupied time, and no second one. */
export interface OccupiedTimeRow {
  person: string;
  tick: number;
  appointment: string;
}

export const occupiedTimeSchema = new EntitySchema<OccupiedTimeRow>({
  name: 'OccupiedTime',
  tableName: 'occupied_time',
  columns: {
    person: primaryId(),
    tick: instant({ primary: true }),
    appointment: id({ name: 'appointment_id' }),
  },
});

/** Takes and frees the time of both people of an appointment, in the unit of work that changes it. */
export class TypeOrmOccupiedTime {
  constructor(private readonly transactions: TypeOrmTransactions) {}

  /** In key order, so that two writers meet at the first common row instead of locking each other out. */
  async occupy(...appointments: readonly Appointment[]): Promise<void> {
    const { doctor, patient } = appointments[0]!.state;
    for (const person of [doctor, patient].toSorted()) {
      for (const appointment of appointments) await this.#occupyOf(person, appointment);
    }
  }

  async free({ id: appointment, state, before }: Appointment): Promise<void> {
    const ticks = gained(ticksOf(before), ticksOf(state));
    if (ticks.length === 0) return;
    const persons = [state.doctor, state.patient];
    await this.transactions.manager.delete(occupiedTimeSchema, {
      person: In(persons),
      tick: In(ticks),
      appointment,
    });
  }

  async #occupyOf(person: string, { id: appointment, state, before }: Appointment): Promise<void> {
    const ticks = gained(ticksOf(state), ticksOf(before));
    if (ticks.length === 0) return;
    try {
      const rows = ticks.map((tick) => ({ person, tick, appointment }));
      await this.transactions.manager.insert(occupiedTimeSchema, rows);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      const refusal = person === state.doctor ? 'slot-taken' : 'patient-busy';
      throw new SlotRefused(refusal, { startsAt: state.slot.startsAt });
    }
  }
}

function ticksOf(state: Readonly<AppointmentState> | null): number[] {
  return state !== null && isActive(state) ? state.slot.ticks() : [];
}

function gained(ticks: readonly number[], before: readonly number[]): number[] {
  return ticks.filter((tick) => !before.includes(tick));
}
