import { Clock } from '#libs/kernel/clock.js';
import { InvalidRequest, NotFound, type Alternative } from '#libs/kernel/errors.js';
import type { Actor } from '../../identity/index.js';
import { addDays, daysBetween, type CalendarDate } from '../domain/calendar.js';
import { CareAccess } from '../domain/care.js';
import { SlotRefused } from '../domain/refusals.js';
import type { VisitRequest } from '../domain/slot-policy.js';
import { TimeSlot } from '../domain/time-slot.js';
import { widestSpanOf, Zone } from '../domain/zone.js';
import { Appointments, People, SlotPolicies } from '../ports.js';

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
  results: readonly Alternative[];
}

const DEFAULT_DAYS = 14;
export const MAX_DAYS = 62;

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
  async execute(input: ListFreeSlotsInput): Promise<FreeSlots> {
    const doctor = await this.people.findDoctor(input.doctor);
    if (doctor === undefined) throw new NotFound('doctor');
    const now = this.clock.now();
    const policy = await this.policies.of(doctor.id, Zone.of(doctor.timeZone));
    const from = input.from ?? policy.zone.dateAt(now);
    const to = input.to ?? addDays(from, DEFAULT_DAYS - 1);
    assertSpan(from, to);

    const patient = await this.#askingPatient(input.actor);
    const request = await this.#requestOf(input, patient);
    const visit = policy.visitOf(request);
    if (visit === undefined) throw new SlotRefused('unknown-visit-type');
    const span = new TimeSlot(widestSpanOf(from).startsAt, widestSpanOf(to).endsAt);
    const busy = await this.appointments.busy(doctor.id, patient, span, now);
    return {
      timeZone: policy.zone.name,
      visitType: visit.name,
      results: [...policy.freeSlots(request, from, to, busy, now)],
    };
  }

  async #askingPatient({ role, userId }: Actor): Promise<string | undefined> {
    return role === 'patient' ? this.people.profileOf({ userId, role }) : undefined;
  }

  async #requestOf(
    { actor, doctor, visitType }: ListFreeSlotsInput,
    patient: string | undefined,
  ): Promise<VisitRequest> {
    const earlier = patient === undefined ? [] : await this.appointments.ofPair(doctor, patient);
    const facts = earlier.map(({ state }) => state);
    const hasSeen = this.care.hasSeen(facts, this.clock.now());
    return { visitType, exempt: false, hasSeen, everyVisitType: actor.role !== 'patient' };
  }
}

function assertSpan(from: CalendarDate, to: CalendarDate): void {
  const days = daysBetween(from, to) + 1;
  if (days < 1) throw InvalidRequest.at('date_to', 'date', 'is not before date_from');
  if (days > MAX_DAYS)
    throw InvalidRequest.at('date_to', 'date', `is at most ${MAX_DAYS} days from date_from`);
}
