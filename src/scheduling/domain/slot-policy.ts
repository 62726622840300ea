import { HOUR, MINUTE, type Instant } from '#libs/kernel/clock.js';
import type { Alternative } from '#libs/kernel/errors.js';
import type { Agenda, Occupied } from './agenda.js';
import { addDays, daysBetween, formatTime, type CalendarDate, type WallMinutes } from './calendar.js';
import { Hours, type HoursInterval } from './hours.js';
import type { Refusal, ToldRules } from './refusals.js';
import type { Stretch } from './stretch.js';
import { TICK_MINUTES, TimeSlot } from './time-slot.js';
import type { Zone } from './zone.js';

/** A kind of visit that a doctor offers. `seen` is only for patients whom the doctor has seen. */
export interface VisitType {
  name: string;
  minutes: number;
  bookableBy: 'everyone' | 'seen' | 'doctor';
}

export interface SlotRules {
  /** At least one; a request that names none means the first that its actor may book. */
  visitTypes: readonly VisitType[];
  hours: Hours;
  /** Starts are every so many wall-clock minutes from an interval's written start; null: the visit's length. */
  gridMinutes: number | null;
  noticeMinutes: number;
  horizonDays: number;
  /** Minutes free before and after a visit; between two neighbours the larger counts. */
  bufferMinutes: { before: number; after: number };
  dailyMaximum: number | null;
  patientLimit: number;
  confirmation: 'automatic' | 'manual';
  confirmWithinMinutes: number;
  cancellationNoticeMinutes: number;
}

/** What an appointment keeps of a visit type. */
export interface Visit {
  name: string;
  minutes: number;
}

/** What is asked for, apart from when. */
export interface VisitRequest {
  visitType?: string | undefined;
  durationMinutes?: number | undefined;
  /** The doctor whose agenda it is, or an admin with a kept reason: some rules then do not hold. */
  exempt: boolean;
  /** The doctor has seen the patient. */
  hasSeen: boolean;
  /** Asks about every visit type, whoever may book it. */
  everyVisitType?: boolean;
  /** The visit as it was booked, of an appointment that is moved: it is not judged again. */
  agreed?: Visit | undefined;
}

/** A visit asked for at a wall-clock time of the doctor's zone. */
export interface SlotRequest extends VisitRequest {
  date: CalendarDate;
  time: WallMinutes;
}

/** What stands in the way of a request, as one read of the agendas found it. */
export interface Busy {
  /** The doctor's active appointments. */
  doctor: Agenda;
  /** Starts of all of the doctor's appointments but the cancelled ones; they count for the daily maximum. */
  starts: readonly Instant[];
  absences: Agenda;
  /** The patient's active appointments with any doctor. */
  patient: Agenda;
  /** The patient's open future appointments with this doctor. */
  openWithDoctor: number;
}

/** A start that is judged, with what it shares with others found out before. */
interface Candidate {
  time: WallMinutes;
  /** Undefined where the clocks never show the time. */
  start: Instant | undefined;
  /** The interval of the hours in which it lies: visits start on its grid, */
  interval: HoursInterval | undefined;
  /** and lie wholly in the time that is open to who asks. */
  open: Stretch | undefined;
  isTooFar: boolean;
  isDayFull: boolean;
}

/** Whose agendas are in the way; each is asked in the order of time. */
type Obstacles = Record<'doctor' | 'absences' | 'patient', Occupied> & Pick<Busy, 'openWithDoctor'>;

/** A look for free slots. */
interface Search {
  request: VisitRequest;
  visit: Visit;
  obstacles: Obstacles;
  /** Ascending. */
  starts: readonly Instant[];
  lastDate: CalendarDate;
  now: Instant;
}

/** To either side of a wanted date. */
const DAYS_AROUND = 31;

/** What would stand in the way if this active appointment of the two were not there. */
export function busyWithout(
  { slot }: { slot: TimeSlot },
  { doctor, patient, starts, openWithDoctor, absences }: Busy,
  now: Instant,
): Busy {
  const own = starts.indexOf(slot.startsAt);
  return {
    doctor: doctor.without(slot),
    starts: own < 0 ? starts : starts.toSpliced(own, 1),
    absences,
    patient: patient.without(slot),
    openWithDoctor: openWithDoctor - (slot.startsAt > now ? 1 : 0),
  };
}

/** What would stand in the way if the two had this appointment too. */
export function busyWith(
  { slot }: { slot: TimeSlot },
  { doctor, patient, starts, openWithDoctor, absences }: Busy,
  now: Instant,
): Busy {
  return {
    doctor: doctor.with(slot),
    starts: [...starts, slot.startsAt],
    absences,
    patient: patient.with(slot),
    openWithDoctor: openWithDoctor + (slot.startsAt > now ? 1 : 0),
  };
}

const NINE_TO_FIVE: readonly HoursInterval[] = [{ from: 9 * 60, to: 17 * 60 }];
const ALL_DAY: HoursInterval = { from: 0, to: 1440 };

/**
 * A doctor's rules about their time. It answers one question, which rules speak against a request; booking reads the
 * first of them, explaining all, listing offers the times that have none. So what is listed is what can be booked.
 */
export class SlotPolicy {
  static readonly DEFAULT: SlotRules = {
    visitTypes: [{ name: 'consultation', minutes: 30, bookableBy: 'everyone' }],
    hours: new Hours({
      monday: NINE_TO_FIVE,
      tuesday: NINE_TO_FIVE,
      wednesday: NINE_TO_FIVE,
      thursday: NINE_TO_FIVE,
      friday: NINE_TO_FIVE,
    }),
    gridMinutes: null,
    noticeMinutes: 60,
    horizonDays: 90,
    bufferMinutes: { before: 0, after: 0 },
    dailyMaximum: null,
    patientLimit: 5,
    confirmation: 'manual',
    confirmWithinMinutes: (72 * HOUR) / MINUTE,
    cancellationNoticeMinutes: (24 * HOUR) / MINUTE,
  };

  constructor(
    readonly rules: SlotRules,
    readonly zone: Zone,
    /** One more with each change; 0 for rules that nobody has set. */
    readonly version = 0,
  ) {
    if (rules.visitTypes.length === 0) throw new RangeError('a slot policy has at least one visit type');
  }

  /** Every rule that speaks against the request, in the order in which they are told. */
  *refusals(request: SlotRequest, busy: Busy, now: Instant): Generator<Refusal, void, undefined> {
    const { date, time, exempt } = request;
    const interval = this.rules.hours.on(date).find(({ from, to }) => from <= time && time < to);
    const open = exempt ? this.#allOf(date) : interval && this.#during(date, interval);
    const day = this.#dayOf(date, request, this.#lastDate(now), inOrder(busy.starts));
    const start = this.zone.instantOf(date, time);
    yield* this.#against(request, { ...day, time, start, interval, open }, busy, now);
  }

  /** Those of the refusals that would not be told to somebody who is exempt. */
  waivable(request: SlotRequest, busy: Busy, now: Instant): Refusal[] {
    const kept = new Set(this.refusals({ ...request, exempt: true }, busy, now));
    return [...this.refusals(request, busy, now)].filter((refusal) => !kept.has(refusal));
  }

  /** The rules that would refuse the request to others; to whom a visit type is offered is none of them. */
  exemptedFrom(request: SlotRequest, busy: Busy, now: Instant): Refusal[] {
    if (!request.exempt) return [];
    return this.waivable({ ...request, exempt: false, everyVisitType: true }, busy, now);
  }

  /** The one question. */
  *#against(
    request: VisitRequest,
    { time, start, interval, open, isTooFar, isDayFull }: Candidate,
    busy: Obstacles,
    now: Instant,
  ): Generator<Refusal, void, undefined> {
    const { rules } = this;
    const { exempt } = request;
    const visit = this.visitOf(request);
    if (visit === undefined) yield 'unknown-visit-type';
    if (start === undefined) yield 'no-such-time';
    else if (start < now) yield 'in-the-past';
    if (!exempt) {
      if (start !== undefined && start < now + rules.noticeMinutes * MINUTE) yield 'too-soon';
      if (isTooFar) yield 'too-far';
    }
    if (start === undefined) return; // Without a place in time the rest has no meaning.

    const { minutes } = visit ?? this.#standInFor(request);
    const slot = TimeSlot.lasting(start, minutes);
    if (!open?.contains(slot)) yield 'outside-hours';
    if (time % TICK_MINUTES !== 0) yield 'off-grid';
    else if (!exempt && interval && (time - interval.from) % this.#grid(minutes) !== 0) yield 'off-grid';
    if (!busy.absences.isFree(slot)) yield 'doctor-absent';
    if (!busy.doctor.isFree(exempt ? slot : slot.widenedBy(this.#buffer))) yield 'slot-taken';
    if (!exempt) {
      if (isDayFull) yield 'day-full';
      if (busy.openWithDoctor >= rules.patientLimit) yield 'patient-limit';
    }
    if (!busy.patient.isFree(slot)) yield 'patient-busy';
  }

  /** The visit that a request means, if its actor may book it: the type's name, and its length unless another was asked for. */
  visitOf(request: VisitRequest): Visit | undefined {
    if (request.agreed !== undefined) return request.agreed;
    const type = this.#typeFor(request);
    if (type === undefined || !this.#mayBook(type, request)) return undefined;
    return { name: type.name, minutes: request.durationMinutes ?? type.minutes };
  }

  /** The visits among which who asks may choose, in the doctor's order. */
  bookableVisits(request: VisitRequest): Visit[] {
    const types = this.rules.visitTypes.filter((type) => this.#mayBook(type, request));
    return types.map(({ name, minutes }) => ({ name, minutes }));
  }

  /** What may be said of these rules to who asks. */
  toldFor(request: VisitRequest): ToldRules {
    const { gridMinutes, noticeMinutes, horizonDays, patientLimit } = this.rules;
    const bookable = this.bookableVisits(request).map(({ name }) => name);
    return { bookable, gridMinutes, noticeMinutes, horizonDays, patientLimit, exempt: request.exempt };
  }

  /**
   * The times of these dates (both included) that nothing refuses, in the order of the clock and inside the hours. Each
   * interval of hours is converted once, and each agenda is gone through once.
   */
  *freeSlots(
    request: VisitRequest,
    from: CalendarDate,
    to: CalendarDate,
    busy: Busy,
    now: Instant,
  ): Generator<Alternative> {
    const freeOn = this.#freeSlotsByDate(request, busy, now);
    for (let days = 0, count = daysBetween(from, to); days <= count; days++)
      yield* freeOn(addDays(from, days));
  }

  /** Whether the slot lies wholly inside one interval of the hours of its date. */
  isOpenDuring(slot: TimeSlot): boolean {
    const date = this.zone.dateAt(slot.startsAt);
    return this.rules.hours.on(date).some((interval) => this.#during(date, interval).contains(slot));
  }

  /** Whether any part of the slot lies on a date that an override closes wholly. */
  isClosedDuring({ startsAt, endsAt }: TimeSlot): boolean {
    const dates = [startsAt, endsAt - 1].map((instant) => this.zone.dateAt(instant));
    return dates.some((date) => this.rules.hours.isClosedOn(date));
  }

  /** The time before and after a visit that no other visit may take; none without a buffer. */
  bufferOf({ startsAt, endsAt }: TimeSlot): TimeSlot[] {
    const minutes = this.#buffer;
    if (minutes === 0) return [];
    return [TimeSlot.lasting(startsAt - minutes * MINUTE, minutes), TimeSlot.lasting(endsAt, minutes)];
  }

  /** Whether so many of these starts, which are in order, are on an instant's date before it that no more may be. */
  isFullBefore(instant: Instant, starts: readonly Instant[]): boolean {
    const { dailyMaximum } = this.rules;
    if (dailyMaximum === null) return false;
    const day = this.#allOf(this.zone.dateAt(instant));
    return countIn(day, starts.slice(0, countBefore(instant, starts))) >= dailyMaximum;
  }

  /** Whether a conflict depends on the appointments beside it. */
  get mindsNeighbours(): boolean {
    return this.#buffer > 0 || this.rules.dailyMaximum !== null;
  }

  /** The free slots nearest to a time that was refused, at most `count`, nearest first, on its dates or those around it. */
  nearestFreeSlots(
    request: SlotRequest,
    busy: Busy,
    now: Instant,
    count: number,
    { first, last }: { first: CalendarDate; last: CalendarDate } = this.datesAround(request, now),
  ): Alternative[] {
    const { date: wantedDate, time } = request;
    // For a time in a gap the first instant after it; a gap may reach to the end of its date.
    const wanted =
      this.zone.instantOf(wantedDate, time) ?? this.zone.spansOf(wantedDate, time, 2 * 1440)[0]?.startsAt;
    if (wanted === undefined) return [];
    const distance = ({ startsAt }: Alternative): number => Math.abs(startsAt - wanted);
    const nearest = wantedDate < first ? first : wantedDate > last ? last : wantedDate;
    const freeOn = this.#freeSlotsByDate(request, busy, now);
    const found: Alternative[] = [];
    // Outward day by day; once enough is found, one day further may still hold a nearer one, but no day beyond.
    for (let away = 0, end = daysBetween(first, last); away <= end; away++) {
      const dates = new Set([addDays(nearest, -away), addDays(nearest, away)]);
      const isEnough = found.length >= count;
      for (const date of dates) if (date >= first && date <= last) found.push(...freeOn(date));
      if (isEnough) break;
    }
    return found.toSorted((a, b) => distance(a) - distance(b) || a.startsAt - b.startsAt).slice(0, count);
  }

  /** The dates among which free slots near a wanted one are looked for: as far around it as one listing goes. */
  datesAround(
    { date }: Pick<SlotRequest, 'date'>,
    now: Instant,
  ): { first: CalendarDate; last: CalendarDate } {
    const today = this.zone.dateAt(now);
    const horizon = this.#lastDate(now);
    const nearest = date < today ? today : date > horizon ? horizon : date;
    const [before, after] = [addDays(nearest, -DAYS_AROUND), addDays(nearest, DAYS_AROUND)];
    return { first: before < today ? today : before, last: after > horizon ? horizon : after };
  }

  /** The same rules with other hours on one date; undefined: with the weekly ones. */
  withOverride(date: CalendarDate, intervals: readonly HoursInterval[] | undefined): SlotPolicy {
    const overrides = new Map(this.rules.hours.overrides);
    if (intervals === undefined) overrides.delete(date);
    else overrides.set(date, intervals);
    const hours = new Hours(this.rules.hours.weekly, overrides);
    return new SlotPolicy({ ...this.rules, hours }, this.zone, this.version);
  }

  /** What is free on one date after another, best in their order. */
  #freeSlotsByDate(
    request: VisitRequest,
    busy: Busy,
    now: Instant,
  ): (date: CalendarDate) => Iterable<Alternative> {
    const visit = this.visitOf(request);
    // No time is any better.
    if (visit === undefined || (!request.exempt && busy.openWithDoctor >= this.rules.patientLimit))
      return () => [];
    const obstacles = swept(busy);
    const starts = inOrder(busy.starts);
    const lastDate = this.#lastDate(now);
    return (date) => this.#freeSlotsOn(date, { request, visit, obstacles, starts, lastDate, now });
  }

  *#freeSlotsOn(
    date: CalendarDate,
    { request, visit, obstacles, starts, lastDate, now }: Search,
  ): Generator<Alternative> {
    const hours = this.rules.hours.on(date);
    if (hours.length === 0) return;
    const day = this.#dayOf(date, request, lastDate, starts);
    for (const interval of hours) {
      const open = this.#during(date, interval);
      for (let time = interval.from; time < interval.to; time += this.#grid(visit.minutes)) {
        const start = open.instantOf(time);
        const [refusal] = this.#against(request, { ...day, time, start, interval, open }, obstacles, now);
        if (refusal === undefined) yield this.#offer(visit, date, time, start!);
      }
    }
  }

  /**
   * In place of a visit that is not there or not for the actor, who is not to learn which of the two from what else is
   * said: the first that is, or else the first of all.
   */
  #standInFor(request: VisitRequest): Visit {
    const [first] = this.rules.visitTypes;
    return this.visitOf({ ...request, visitType: undefined }) ?? first!;
  }

  #typeFor(request: VisitRequest): VisitType | undefined {
    return this.rules.visitTypes.find((type) =>
      request.visitType === undefined ? this.#mayBook(type, request) : type.name === request.visitType,
    );
  }

  #mayBook({ bookableBy }: VisitType, { exempt, hasSeen, everyVisitType = false }: VisitRequest): boolean {
    return exempt || everyVisitType || bookableBy === 'everyone' || (bookableBy === 'seen' && hasSeen);
  }

  /** Minutes between two neighbours, whichever of them the longer one belongs to. */
  get #buffer(): number {
    const { before, after } = this.rules.bufferMinutes;
    return Math.max(before, after);
  }

  #grid(visitMinutes: number): number {
    return this.rules.gridMinutes ?? visitMinutes;
  }

  /** The last date of the horizon. */
  #lastDate(now: Instant): CalendarDate {
    return addDays(this.zone.dateAt(now), this.rules.horizonDays);
  }

  #during(date: CalendarDate, { from, to }: HoursInterval): Stretch {
    return this.zone.stretchOf(date, from, to);
  }

  #allOf(date: CalendarDate): Stretch {
    return this.#during(date, ALL_DAY);
  }

  #dayOf(
    date: CalendarDate,
    { exempt }: VisitRequest,
    lastDate: CalendarDate,
    starts: readonly Instant[],
  ): Pick<Candidate, 'isTooFar' | 'isDayFull'> {
    const { dailyMaximum } = this.rules;
    const isDayFull = dailyMaximum !== null && !exempt && countIn(this.#allOf(date), starts) >= dailyMaximum;
    return { isTooFar: date > lastDate, isDayFull };
  }

  #offer(
    { name, minutes }: { name: string; minutes: number },
    date: CalendarDate,
    time: WallMinutes,
    start: Instant,
  ): Alternative {
    const { startsAt, endsAt } = TimeSlot.lasting(start, minutes);
    return { startsAt, endsAt, date, time: formatTime(time), timeZone: this.zone.name, visitType: name };
  }
}

function swept({ doctor, absences, patient, openWithDoctor }: Busy): Obstacles {
  return { doctor: doctor.sweep(), absences: absences.sweep(), patient: patient.sweep(), openWithDoctor };
}

function inOrder(starts: readonly Instant[]): readonly Instant[] {
  return starts.toSorted((a, b) => a - b);
}

/** How many of these, which are in order, lie in the stretch. */
function countIn({ spans }: Stretch, starts: readonly Instant[]): number {
  return spans.reduce(
    (count, { startsAt, endsAt }) => count + countBefore(endsAt, starts) - countBefore(startsAt, starts),
    0,
  );
}

function countBefore(instant: Instant, starts: readonly Instant[]): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! < instant) low = middle + 1;
    else high = middle;
  }
  return low;
}
