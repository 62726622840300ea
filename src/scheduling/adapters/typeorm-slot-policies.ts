import { EntitySchema, In } from 'typeorm';
import { id, integer, longText, reference } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import type { AppointmentRules } from '../domain/appointment.js';
import type { CalendarDate } from '../domain/calendar.js';
import { Hours, type HoursInterval, type WeeklyHours } from '../domain/hours.js';
import { SlotPolicy, type SlotRules } from '../domain/slot-policy.js';
import { Zone } from '../domain/zone.js';
import { SlotPolicies, type Doctor } from '../ports.js';

export interface SlotPolicyRow {
  doctor: string;
  version: number;
  /** JSON of the rules, the weekly hours among them. */
  rules: string;
}

export const slotPolicySchema = new EntitySchema<SlotPolicyRow>({
  name: 'SlotPolicy',
  tableName: 'slot_policies',
  columns: {
    doctor: id({ name: 'doctor_id', primary: true }),
    version: integer(),
    rules: longText(),
  },
  foreignKeys: [reference('slot_policies_doctor_id_fk', 'doctor', 'Doctor')],
});

type StoredRules = Omit<SlotRules, 'hours'> & { hours: WeeklyHours };
interface StoredOverride {
  doctor: string;
  date: CalendarDate;
  hours: string;
}

type Overrides = ReadonlyMap<CalendarDate, readonly HoursInterval[]>;

/** A rule that is younger than the stored policy has its default. */
function toDomain(row: SlotPolicyRow | undefined, overrides: Overrides, zone: Zone): SlotPolicy {
  const stored = row && (JSON.parse(row.rules) as Partial<StoredRules>);
  const hours = new Hours(stored?.hours ?? SlotPolicy.DEFAULT.hours.weekly, overrides);
  return new SlotPolicy({ ...SlotPolicy.DEFAULT, ...stored, hours }, zone, row?.version);
}

function toText({ hours, ...rules }: SlotRules): string {
  return JSON.stringify({ ...rules, hours: hours.weekly } satisfies StoredRules);
}

/** A policy is one text: it is read and set as a whole, and nothing is ever sought inside it. */
export class TypeOrmSlotPolicies extends SlotPolicies {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async of(doctor: string, zone: Zone): Promise<SlotPolicy> {
    const policies = await this.ofMany([{ id: doctor, timeZone: zone.name }]);
    return policies.get(doctor)!;
  }

  async ofMany(doctors: readonly Doctor[]): Promise<ReadonlyMap<string, SlotPolicy>> {
    if (doctors.length === 0) return new Map();
    const { manager } = this.transactions;
    const whose = { doctor: In(doctors.map(({ id }) => id)) };
    const rows = await manager.findBy(slotPolicySchema, whose);
    const stored = new Map(rows.map((row) => [row.doctor, row]));
    const overrides = new Map(doctors.map(({ id }) => [id, new Map<CalendarDate, HoursInterval[]>()]));
    for (const { doctor, date, hours } of await this.#overridesOf(whose)) {
      overrides.get(doctor)?.set(date, JSON.parse(hours) as HoursInterval[]);
    }
    return new Map(
      doctors.map(({ id, timeZone }) => [
        id,
        toDomain(stored.get(id), overrides.get(id)!, Zone.of(timeZone)),
      ]),
    );
  }

  async appointmentRules(doctors: readonly string[]): Promise<ReadonlyMap<string, AppointmentRules>> {
    const rows = await this.transactions.manager.findBy(slotPolicySchema, { doctor: In([...doctors]) });
    const stored = new Map(rows.map(({ doctor, rules }) => [doctor, JSON.parse(rules) as AppointmentRules]));
    return new Map(doctors.map((doctor) => [doctor, { ...SlotPolicy.DEFAULT, ...stored.get(doctor) }]));
  }

  async keep(doctor: string, rules: SlotRules, version: number): Promise<void> {
    const { manager } = this.transactions;
    const row = { version, rules: toText(rules) };
    const { affected } = await manager.update(slotPolicySchema, { doctor }, row);
    if (affected === 0) await manager.insert(slotPolicySchema, { doctor, ...row });
  }

  /** Those are kept by a port of their own. */
  #overridesOf(whose: object): Promise<StoredOverride[]> {
    const query = this.transactions.manager.createQueryBuilder<StoredOverride>('Override', 'override');
    return query.where(whose).getMany();
  }
}
