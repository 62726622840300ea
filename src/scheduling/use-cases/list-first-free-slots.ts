import { Clock } from '#libs/kernel/clock.js';
import type { Alternative } from '#libs/kernel/errors.js';
import type { Actor } from '../../identity/index.js';
import { addDays, dateAsIfUtc, type CalendarDate } from '../domain/calendar.js';
import { CareAccess } from '../domain/care.js';
import { widestSpanOf } from '../domain/zone.js';
import { Appointments, People, SlotPolicies } from '../ports.js';
import { askingPatient, assertSpan, DEFAULT_DAYS, requestOf } from './slot-audience.js';

export interface ListFirstFreeSlotsInput {
  actor: Actor;
  specialty: string;
  /** Both included, in each doctor's zone; 14 days from today unless told. */
  from?: CalendarDate | undefined;
  to?: CalendarDate | undefined;
  limit: number;
}

export interface FreeSlotOfDoctor extends Alternative {
  doctor: string;
  doctorName: string;
}

/** Of a specialty so many doctors are looked at, the first to come first. */
export const MOST_DOCTORS = 500;

/** The first times at which the asking patient can see any doctor of a specialty, each for the first visit type that they may book. */
export class ListFirstFreeSlots {
  constructor(
    private readonly appointments: Appointments,
    private readonly policies: SlotPolicies,
    private readonly people: People,
    private readonly care: CareAccess,
    private readonly clock: Clock,
  ) {}

  /** By start, then doctor. Every table is read once, however many doctors there are. */
  async execute({ actor, specialty, from, to, limit }: ListFirstFreeSlotsInput): Promise<FreeSlotOfDoctor[]> {
    const now = this.clock.now();
    const first = from ?? dateAsIfUtc(now);
    const last = to ?? addDays(first, DEFAULT_DAYS - 1);
    assertSpan(first, last, from);
    const doctors = await this.people.doctorsOf(specialty, MOST_DOCTORS);
    const patient = await askingPatient(this.people, actor);
    const policies = await this.policies.ofMany(doctors);
    // Today may be a day away from that of UTC.
    const span = widestSpanOf(addDays(first, -1), addDays(last, 1));
    const ids = doctors.map(({ id }) => id);
    const times = await this.appointments.timeOf(ids, patient, span, now);
    const lists = doctors.map(({ id, name }) => {
      const policy = policies.get(id)!;
      const { busy, earlier } = times.get(id)!;
      const request = requestOf(actor, undefined, this.care, earlier, now);
      const ownFirst = from ?? policy.zone.dateAt(now);
      const ownLast = to ?? addDays(ownFirst, DEFAULT_DAYS - 1);
      return { id, name, slots: policy.freeSlots(request, ownFirst, ownLast, busy, now) };
    });
    return earliest(lists, limit);
  }
}

interface OneDoctor {
  id: string;
  name: string;
  /** In the order of time, found only as far as they are asked for. */
  slots: Iterator<Alternative, void>;
}

/** The first of lists that are each in order. */
function earliest(lists: readonly OneDoctor[], limit: number): FreeSlotOfDoctor[] {
  const heads = new Map<OneDoctor, Alternative>();
  const advance = (one: OneDoctor): void => {
    const { value } = one.slots.next();
    if (value) heads.set(one, value);
    else heads.delete(one);
  };
  lists.forEach(advance);
  const found: FreeSlotOfDoctor[] = [];
  while (heads.size > 0 && found.length < limit) {
    const [next, slot] = [...heads].reduce((a, b) => (isBefore(b, a) ? b : a));
    found.push({ ...slot, doctor: next.id, doctorName: next.name });
    advance(next);
  }
  return found;
}

function isBefore([one, a]: [OneDoctor, Alternative], [other, b]: [OneDoctor, Alternative]): boolean {
  return a.startsAt < b.startsAt || (a.startsAt === b.startsAt && one.id < other.id);
}
