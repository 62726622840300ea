import { Clock } from '#libs/kernel/clock.js';
import { NotFound, type Alternative } from '#libs/kernel/errors.js';
import type { Actor } from '../../identity/index.js';
import { addDays, type CalendarDate } from '../domain/calendar.js';
import { CareAccess } from '../domain/care.js';
import { SlotRefused } from '../domain/refusals.js';
import type { Visit } from '../domain/slot-policy.js';
import { widestSpanOf, Zone } from '../domain/zone.js';
import { Appointments, People, SlotPolicies } from '../ports.js';
import { askingPatient, assertSpan, DEFAULT_DAYS, requestOf } from './slot-audience.js';

export interface ListFreeSlotsInput {
  actor: Actor;
  doctor: string;
  /** Both included; 14 days from today unless told. */
  from?: CalendarDate | undefined;
  to?: CalendarDate | undefined;
  visitType?: string | undefined;
}

export interface FreeSlots {
  timeZone: string;
  visitType: string;
  /** All that the actor may book. */
  visits: readonly Visit[];
  results: readonly Alternative[];
}

/** The times that the asking patient can book; for any other caller, those that some patient could. */
export class ListFreeSlots {
  constructor(
    private readonly appointments: Appointments,
    private readonly policies: SlotPolicies,
    private readonly people: People,
    private readonly care: CareAccess,
    private readonly clock: Clock,
  ) {}

  /** Throws NotFound, and SlotRefused for a visit type that the actor cannot book. */
  async execute({ actor, visitType, ...input }: ListFreeSlotsInput): Promise<FreeSlots> {
    const doctor = await this.people.findDoctor(input.doctor);
    if (doctor === undefined) throw new NotFound('doctor');
    const now = this.clock.now();
    const policy = await this.policies.of(doctor.id, Zone.of(doctor.timeZone));
    const from = input.from ?? policy.zone.dateAt(now);
    const to = input.to ?? addDays(from, DEFAULT_DAYS - 1);
    assertSpan(from, to, input.from);

    const patient = await askingPatient(this.people, actor);
    const span = widestSpanOf(from, to);
    const time = await this.appointments.timeOf([doctor.id], patient, span, now);
    const { busy, earlier } = time.get(doctor.id)!;
    const request = requestOf(actor, visitType, this.care, earlier, now);
    const visit = policy.visitOf(request);
    if (visit === undefined) throw new SlotRefused('unknown-visit-type', { rules: policy.toldFor(request) });
    return {
      timeZone: policy.zone.name,
      visitType: visit.name,
      visits: policy.bookableVisits(request),
      results: [...policy.freeSlots(request, from, to, busy, now)],
    };
  }
}
