import type { Instant } from '#libs/kernel/clock.js';
import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import type { Absence } from '../../../src/scheduling/domain/absence.js';
import type { AppointmentRules } from '../../../src/scheduling/domain/appointment.js';
import type { CalendarDate } from '../../../src/scheduling/domain/calendar.js';
import { Hours } from '../../../src/scheduling/domain/hours.js';
import { SlotPolicy, type SlotRules } from '../../../src/scheduling/domain/slot-policy.js';
import { Zone } from '../../../src/scheduling/domain/zone.js';
import {
  Absences,
  Overrides,
  SlotPolicies,
  type Doctor,
  type Override,
  type PageOf,
} from '../../../src/scheduling/ports.js';
import type { MemoryTransactions } from './memory-transactions.js';

export class MemorySlotPolicies extends SlotPolicies {
  /** Those of a doctor who has set none. */
  rules: SlotRules = SlotPolicy.DEFAULT;

  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async of(doctor: string, zone: Zone): Promise<SlotPolicy> {
    const { policies, overrides } = this.transactions.rows;
    const { rules, version } = policies.get(doctor) ?? { rules: this.rules, version: 0 };
    const own = [...overrides.values()].filter((override) => override.doctor === doctor);
    const dates = new Map(own.map(({ date, hours }) => [date, hours]));
    const hours = new Hours(rules.hours.weekly, new Map([...rules.hours.overrides, ...dates]));
    return new SlotPolicy({ ...rules, hours }, zone, version);
  }

  async ofMany(doctors: readonly Doctor[]): Promise<ReadonlyMap<string, SlotPolicy>> {
    const found = new Map<string, SlotPolicy>();
    for (const { id, timeZone } of doctors) found.set(id, await this.of(id, Zone.of(timeZone)));
    return found;
  }

  async appointmentRules(doctors: readonly string[]): Promise<ReadonlyMap<string, AppointmentRules>> {
    const { policies } = this.transactions.rows;
    return new Map(doctors.map((doctor) => [doctor, policies.get(doctor)?.rules ?? this.rules]));
  }

  async keep(doctor: string, rules: SlotRules, version: number): Promise<void> {
    const hours = new Hours(rules.hours.weekly);
    this.transactions.changing.policies.set(doctor, { rules: { ...rules, hours }, version });
  }
}

export class MemoryOverrides extends Overrides {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async put(doctor: string, { date, hours }: Override): Promise<void> {
    this.transactions.changing.overrides.set(`${doctor} ${date}`, { doctor, date, hours });
  }

  async remove(doctor: string, date: CalendarDate): Promise<void> {
    this.transactions.changing.overrides.delete(`${doctor} ${date}`);
  }

  async list(doctor: string, { limit, cursor }: PageOf): Promise<Page<Override>> {
    const [after] = cursor === undefined ? [''] : decodeCursor<[string]>(cursor, 'date');
    const found = [...this.transactions.rows.overrides.values()]
      .filter((override) => override.doctor === doctor && override.date > after)
      .toSorted((a, b) => (a.date < b.date ? -1 : 1))
      .map(({ date, hours }) => ({ date, hours }));
    return pageOf(found, limit, ({ date }) => [date]);
  }

  async forgetBefore(doctor: string, date: CalendarDate): Promise<void> {
    const { overrides } = this.transactions.changing;
    for (const [key, override] of overrides) {
      if (override.doctor === doctor && override.date < date) overrides.delete(key);
    }
  }
}

export class MemoryAbsences extends Absences {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async add(absence: Absence): Promise<void> {
    this.transactions.changing.absences.set(absence.id, absence);
  }

  async remove(id: string): Promise<void> {
    this.transactions.changing.absences.delete(id);
  }

  async removeAllOf(doctor: string): Promise<void> {
    const { absences } = this.transactions.changing;
    for (const { id } of this.#of(doctor)) absences.delete(id);
  }

  async find(id: string): Promise<Absence | undefined> {
    return this.transactions.rows.absences.get(id);
  }

  async list(doctor: string, { limit, cursor }: PageOf): Promise<Page<Absence>> {
    const [startsAt, id] =
      cursor === undefined ? [-Infinity, ''] : decodeCursor<[number, string]>(cursor, 'instant', 'id');
    const found = this.#of(doctor).filter(
      (one) => one.slot.startsAt > startsAt || (one.slot.startsAt === startsAt && one.id > id),
    );
    return pageOf(found, limit, ({ slot, id }) => [slot.startsAt, id]);
  }

  async endingAfter(doctor: string, instant: Instant): Promise<readonly Absence[]> {
    return this.#of(doctor).filter(({ slot }) => slot.endsAt > instant);
  }

  #of(doctor: string): Absence[] {
    return [...this.transactions.rows.absences.values()]
      .filter((absence) => absence.doctor === doctor)
      .toSorted((a, b) => a.slot.startsAt - b.slot.startsAt || (a.id < b.id ? -1 : 1));
  }
}
