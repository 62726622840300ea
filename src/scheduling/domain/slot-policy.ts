import { HOUR, MINUTE, type Instant } from '#libs/kernel/clock.js';
import type { Alternative } from '#libs/kernel/errors.js';
import { Agenda } from './agenda.js';
import { addDays, daysBetween, formatTime, type CalendarDate, type WallMinutes } from './calendar.js';
import { Hours, type HoursInterval } from './hours.js';
import type { Refusal } from './refusals.js';
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

const NINE_TO_FIVE: readonly HoursInterval[] = [{ from: 9 * 60, to: 17 * 60 }];

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
  ) {
    if (rules.visitTypes.length === 0) throw new RangeError('a slot policy has at least one visit type');
  }

  /** Every rule that speaks against the request, in the order in which they are told. */
  *refusals(request: SlotRequest, busy: Busy, now: Instant): Generator<Refusal, void, undefined> {
    const { date, time, exempt } = request;
    const { rules, zone } = this;
    const type = request.agreed ?? this.#typeFor(request);
    const start = zone.instantOf(date, time);

    if (this.visitOf(request) === undefined) yield 'unknown-visit-type';
    if (start === undefined) yield 'no-such-time';
    else if (start < now) yield 'in-the-past';
    if (!exempt) {
      if (start !== undefined && start < now + rules.noticeMinutes * MINUTE) yield 'too-soon';
      if (date > addDays(zone.dateAt(now), rules.horizonDays)) yield 'too-far';
    }
    const minutes = request.agreed?.minutes ?? request.durationMinutes ?? type?.minutes;
    if (start === undefined || minutes === undefined) return; // Without a place in time the rest has no meaning.

    const slot = TimeSlot.lasting(start, minutes);
    const interval = rules.hours.on(date).find(({ from, to }) => from <= time && time < to);
    const open = exempt ? { from: 0, to: 1440 } : interval;
    if (open === undefined || !zone.spansOf(date, open.from, open.to).some((span) => span.contains(slot))) {
      yield 'outside-hours';
    }
    if (time % TICK_MINUTES !== 0) yield 'off-grid';
    else if (!exempt && interval && (time - interval.from) % this.#grid(minutes) !== 0) yield 'off-grid';
    if (!busy.absences.isFree(slot)) yield 'doctor-absent';
    const { before, after } = rules.bufferMinutes;
    if (!busy.doctor.isFree(exempt ? slot : slot.widenedBy(Math.max(before, after)))) yield 'slot-taken';
    if (!exempt) {
      if (rules.dailyMaximum !== null && this.#startsOn(date, busy) >= rules.dailyMaximum) yield 'day-full';
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

  /** The times of these dates (both included) that nothing refuses, in the order of the clock. */
  *freeSlots(
    request: VisitRequest,
    from: CalendarDate,
    to: CalendarDate,
    busy: Busy,
    now: Instant,
  ): Generator<Alternative> {
    const visit = this.visitOf(request);
    if (visit === undefined) return;
    for (let day = 0, days = daysBetween(from, to); day <= days; day++) {
      const date = addDays(from, day);
      for (const hours of this.rules.hours.on(date)) {
        for (let time = hours.from; time < hours.to; time += this.#grid(visit.minutes)) {
          const refused = this.refusals({ ...request, date, time }, busy, now).next();
          if (!refused.done) continue;
          const { startsAt, endsAt } = TimeSlot.lasting(this.zone.instantOf(date, time)!, visit.minutes);
          yield {
            startsAt,
            endsAt,
            date,
            time: formatTime(time),
            timeZone: this.zone.name,
            visitType: visit.name,
          };
        }
      }
    }
  }

  /** The free slots nearest to a time that was refused, at most `count`, nearest first. */
  nearestFreeSlots(request: SlotRequest, busy: Busy, now: Instant, count: number): Alternative[] {
    const { date: wantedDate, time } = request;
    // For a time in a gap the first instant after it; a gap may reach to the end of its date.
    const wanted =
      this.zone.instantOf(wantedDate, time) ?? this.zone.spansOf(wantedDate, time, 2 * 1440)[0]?.startsAt;
    if (wanted === undefined) return [];
    const distance = ({ startsAt }: Alternative): number => Math.abs(startsAt - wanted);
    const first = this.zone.dateAt(now);
    const last = addDays(first, this.rules.horizonDays);
    const nearest = wantedDate < first ? first : wantedDate > last ? last : wantedDate;
    const found: Alternative[] = [];
    // Outward day by day; once enough is found, one day further may still hold a nearer one, but no day beyond.
    for (let away = 0, end = daysBetween(first, last); away <= end; away++) {
      const dates = new Set([addDays(nearest, -away), addDays(nearest, away)]);
      const isEnough = found.length >= count;
      for (const date of dates) {
        if (date >= first && date <= last) found.push(...this.freeSlots(request, date, date, busy, now));
      }
      if (isEnough) break;
    }
    return found.toSorted((a, b) => distance(a) - distance(b) || a.startsAt - b.startsAt).slice(0, count);
  }

  #typeFor(request: VisitRequest): VisitType | undefined {
    return this.rules.visitTypes.find((type) =>
      request.visitType === undefined ? this.#mayBook(type, request) : type.name === request.visitType,
    );
  }

  #mayBook({ bookableBy }: VisitType, { exempt, hasSeen, everyVisitType = false }: VisitRequest): boolean {
    return exempt || everyVisitType || bookableBy === 'everyone' || (bookableBy === 'seen' && hasSeen);
  }

  #grid(visitMinutes: number): number {
    return this.rules.gridMinutes ?? visitMinutes;
  }

  #startsOn(date: CalendarDate, busy: Busy): number {
    return busy.starts.filter((start) => this.zone.dateAt(start) === date).length;
  }
}
