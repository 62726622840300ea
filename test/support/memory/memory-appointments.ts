import type { Instant } from '#libs/kernel/clock.js';
import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import { Agenda } from '../../../src/scheduling/domain/agenda.js';
import {
  Appointment,
  isActive,
  type AppointmentState,
  type HistoryLine,
} from '../../../src/scheduling/domain/appointment.js';
import { OPENS_CARD } from '../../../src/scheduling/domain/care.js';
import { ActionNotAllowed } from '../../../src/scheduling/domain/errors.js';
import { SlotRefused } from '../../../src/scheduling/domain/refusals.js';
import type { Busy } from '../../../src/scheduling/domain/slot-policy.js';
import type { TimeSlot } from '../../../src/scheduling/domain/time-slot.js';
import { Zone } from '../../../src/scheduling/domain/zone.js';
import { Appointments, type AppointmentFilter, type DoctorsTime } from '../../../src/scheduling/ports.js';
import type { MemoryTransactions } from './memory-transactions.js';

export class MemoryAppointments extends Appointments {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async add(...appointments: readonly Appointment[]): Promise<void> {
    for (const appointment of appointments) {
      this.#occupy(appointment);
      this.transactions.changing.appointments.set(appointment.id, appointment.state);
      this.#addHistory(appointment);
    }
  }

  async save(appointment: Appointment): Promise<void> {
    const { appointments } = this.transactions.changing;
    const { state, id } = appointment;
    if (appointments.get(id)?.version !== state.version - 1) throw ActionNotAllowed.overtaken();
    this.#occupy(appointment);
    appointments.set(id, state);
    this.#addHistory(appointment);
  }

  async find(id: string): Promise<Appointment | undefined> {
    const state = this.transactions.rows.appointments.get(id);
    return state && Appointment.restore(state);
  }

  async list(filter: AppointmentFilter, now: Instant): Promise<Page<Appointment>> {
    const { doctor, patient, statuses, needsOutcome, from, to, order, limit, cursor } = filter;
    const direction = order === 'asc' ? 1 : -1;
    const after =
      cursor === undefined ? undefined : decodeCursor<[...Key, string]>(cursor, 'instant', 'id', order);
    const found = this.#states()
      .filter((one) => doctor === undefined || one.doctor === doctor)
      .filter((one) => patient === undefined || one.patient === patient)
      .filter((one) => statuses === undefined || statuses.includes(one.status))
      .filter((one) => needsOutcome === undefined || lacksOutcome(one, now) === needsOutcome)
      .filter((one) => from === undefined || dateOf(one) >= from)
      .filter((one) => to === undefined || dateOf(one) <= to)
      .filter((one) => after === undefined || compare(keyOf(one), after) * direction > 0)
      .toSorted((a, b) => compare(keyOf(a), keyOf(b)) * direction);
    const { results, nextCursor } = pageOf(found, limit, (one) => [...keyOf(one), order]);
    return { results: results.map(Appointment.restore), nextCursor };
  }

  async history(id: string): Promise<readonly HistoryLine[]> {
    return this.transactions.rows.history.get(id) ?? [];
  }

  async historiesOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly HistoryLine[]>> {
    return new Map(await Promise.all(ids.map(async (id) => [id, await this.history(id)] as const)));
  }

  async ofPair(doctor: string, patient: string): Promise<readonly Appointment[]> {
    return this.#states()
      .filter((one) => one.doctor === doctor && one.patient === patient)
      .toSorted((a, b) => compare([a.createdAt, a.id], [b.createdAt, b.id]))
      .map(Appointment.restore);
  }

  async ofSeries(series: string): Promise<readonly Appointment[]> {
    return this.#states()
      .filter((one) => one.series === series)
      .toSorted((a, b) => compare(keyOf(a), keyOf(b)))
      .map(Appointment.restore);
  }

  async upcoming(
    doctor: string,
    { startsAt, id = '\uffff' }: { startsAt: Instant; id?: string | undefined },
    limit: number,
  ): Promise<readonly Appointment[]> {
    return this.#states()
      .filter((one) => one.doctor === doctor && isActive(one) && compare(keyOf(one), [startsAt, id]) > 0)
      .toSorted((a, b) => compare(keyOf(a), keyOf(b)))
      .slice(0, limit)
      .map(Appointment.restore);
  }

  async timeOf(
    doctors: readonly string[],
    patient: string | undefined,
    span: TimeSlot,
    now: Instant,
  ): Promise<ReadonlyMap<string, DoctorsTime>> {
    const found = new Map<string, DoctorsTime>();
    for (const doctor of doctors) {
      const earlier = this.#states().filter(
        (one) => one.doctor === doctor && one.patient === patient && one.status !== 'cancelled',
      );
      found.set(doctor, { busy: await this.busy(doctor, patient, span, now), earlier });
    }
    return found;
  }

  async lapsed(now: Instant, limit: number): Promise<readonly Appointment[]> {
    const confirmBy = (state: AppointmentState): number => state.confirmBy!;
    return this.#states()
      .map(Appointment.restore)
      .filter((one) => one.hasLapsed(now))
      .toSorted((a, b) => compare([confirmBy(a.state), a.id], [confirmBy(b.state), b.id]))
      .slice(0, limit);
  }

  async busy(doctor: string, patient: string | undefined, span: TimeSlot, now: Instant): Promise<Busy> {
    const inSpan = this.#states().filter(({ slot }) => slot.overlaps(span));
    const ofDoctor = inSpan.filter((one) => one.doctor === doctor && one.status !== 'cancelled');
    return {
      doctor: agendaOf(ofDoctor),
      starts: ofDoctor.map(({ slot }) => slot.startsAt),
      absences: new Agenda(
        [...this.transactions.rows.absences.values()]
          .filter((absence) => absence.doctor === doctor && absence.slot.overlaps(span))
          .map(({ slot }) => slot),
      ),
      patient: agendaOf(inSpan.filter((one) => one.patient === patient)),
      openWithDoctor: this.#states().filter(
        (one) => one.doctor === doctor && one.patient === patient && isActive(one) && one.slot.startsAt > now,
      ).length,
    };
  }

  async patientsTreatedBy(
    doctor: string,
    since: Instant,
    among?: readonly string[],
  ): Promise<readonly string[]> {
    const opening = this.#states()
      .filter((one) => one.doctor === doctor && OPENS_CARD.includes(one.status) && one.slot.endsAt > since)
      .map(({ patient }) => patient)
      .filter((patient) => among === undefined || among.includes(patient));
    return [...new Set(opening)];
  }

  /** All that it occupies afterwards; what it occupied before and does not now is free. */
  #occupy({ id, isActive: occupies, state: { doctor, patient, slot } }: Appointment): void {
    const { occupied } = this.transactions.changing;
    const [ofDoctor, ofPatient] = occupies ? [keysOf(doctor, slot), keysOf(patient, slot)] : [[], []];
    const isTaken = (key: string): boolean => (occupied.get(key) ?? id) !== id;
    if (ofDoctor.some(isTaken)) throw new SlotRefused('slot-taken', { startsAt: slot.startsAt });
    if (ofPatient.some(isTaken)) throw new SlotRefused('patient-busy', { startsAt: slot.startsAt });
    for (const [key, by] of occupied) if (by === id) occupied.delete(key);
    for (const key of [...ofDoctor, ...ofPatient]) occupied.set(key, id);
  }

  #states(): AppointmentState[] {
    return [...this.transactions.rows.appointments.values()];
  }

  #addHistory({ id, change }: Appointment): void {
    const { history } = this.transactions.changing;
    if (change !== null) history.set(id, [...(history.get(id) ?? []), change]);
  }
}

type Key = [Instant, string];

function keyOf({ slot, id }: AppointmentState): Key {
  return [slot.startsAt, id];
}

function compare([instant, id]: Key, [otherInstant, otherId]: readonly [...Key, ...unknown[]]): number {
  return instant - otherInstant || (id < otherId ? -1 : Number(id > otherId));
}

function keysOf(person: string, slot: TimeSlot): string[] {
  return slot.ticks().map((tick) => `${person} ${tick}`);
}

function agendaOf(states: readonly AppointmentState[]): Agenda {
  return new Agenda(states.filter(isActive).map(({ slot }) => slot));
}

function dateOf({ timeZone, slot }: AppointmentState): string {
  return Zone.of(timeZone).dateAt(slot.startsAt);
}

function lacksOutcome({ status, slot }: AppointmentState, now: Instant): boolean {
  return (status === 'confirmed' || status === 'checked_in') && slot.endsAt <= now;
}
