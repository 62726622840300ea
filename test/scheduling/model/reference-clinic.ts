/**
 * The clinic as the rules tell it, and nothing of the product: whole minutes since a Monday's midnight, one list of
 * visits, and each rule as plainly as it can be said. What the product answers is compared with this.
 */

export type Role = 'patient' | 'doctor' | 'admin';

type Interval = [from: number, to: number];

export interface Rules {
  types: { name: string; minutes: number; for: 'everyone' | 'seen' | 'doctor' }[];
  /** Every day, in minutes after midnight. */
  open: Interval[];
  grid: number;
  notice: number;
  buffer: number;
  dailyMaximum: number | null;
  limit: number;
  automatic: boolean;
  confirmWithin: number;
  changeNotice: number;
}

export interface Visit {
  doctor: number;
  patient: number;
  from: number;
  to: number;
  type: string;
  status: 'pending' | 'confirmed' | 'checked_in' | 'completed' | 'cancelled' | 'no_show';
  awaits: 'doctor' | 'patient' | null;
  confirmBy: number | null;
  maker: Role;
  madeAt: number;
  chooser: Role;
  chosenAt: number;
  /** The patient, or an admin for them, has confirmed or moved it. */
  agreed: boolean;
  ended: { by: Role | 'system'; at: number; late: boolean } | null;
  /** Put outside the hours on purpose. */
  outside: boolean;
  /** The number of its series; -1 for one that was made alone. */
  series: number;
  version: number;
}

export interface Wanted {
  from: number;
  type?: string | undefined;
  minutes?: number | undefined;
  exempt: boolean;
}

/** When the visits of a series come round. */
export interface Rounds {
  everyWeeks: number;
  count: number;
}

export type Deed = 'confirm' | 'cancel' | 'check-in' | 'complete' | 'no-show';

const DAY = 1440;
const dayOf = (minute: number): number => Math.floor(minute / DAY);
const isActive = ({ status }: Visit): boolean => ['pending', 'confirmed', 'checked_in'].includes(status);
const meet = (a: Pick<Visit, 'from' | 'to'>, b: Pick<Visit, 'from' | 'to'>): boolean =>
  a.from < b.to && b.from < a.to;

export class ReferenceClinic {
  readonly visits: Visit[] = [];
  seriesMade = 0;
  readonly absences: (Pick<Visit, 'from' | 'to'> & { doctor: number })[] = [];
  /** The hours of single days, by doctor and day. */
  readonly overrides = new Map<string, Interval[]>();

  constructor(
    public rules: Rules,
    public now: number,
  ) {}

  /** The code of the refusal, or undefined when it is booked. */
  book(by: Role, doctor: number, patient: number, wanted: Wanted): string | undefined {
    const hasSeen = this.hasSeen(doctor, patient);
    if (by === 'doctor' && !hasSeen && !this.mayPropose(doctor, patient)) return 'proposal-limit';
    const place = this.placeFor(doctor, patient, wanted);
    if (typeof place === 'string') return this.told(place, by, doctor, patient);
    const awaits =
      by === 'patient'
        ? this.rules.automatic
          ? null
          : 'doctor'
        : by === 'doctor' && !hasSeen
          ? 'patient'
          : null;
    this.visits.push({
      doctor,
      patient,
      ...place,
      ...this.standing(awaits, place.from),
      maker: by,
      madeAt: this.now,
      chooser: by,
      chosenAt: this.now,
      agreed: false,
      ended: null,
      series: -1,
      version: 1,
    });
    return undefined;
  }

  /** All visits or none. */
  plan(by: Role, doctor: number, patient: number, first: Wanted, rounds: Rounds): string | undefined {
    if (by === 'doctor' && !this.hasSeen(doctor, patient)) return 'proposal-limit';
    const before = this.visits.length;
    for (let i = 0; i < rounds.count; i++) {
      const from = first.from + i * rounds.everyWeeks * 7 * DAY;
      if (this.book(by, doctor, patient, { ...first, from }) === undefined) continue;
      this.visits.length = before;
      return 'series-refused';
    }
    for (const visit of this.visits.slice(before)) visit.series = this.seriesMade;
    this.seriesMade++;
    return undefined;
  }

  /** All of a series that has not begun, from a day on. */
  cancelFollowing(by: Role, series: number, day: number): string | undefined {
    const following = this.visits.filter(
      (one) => one.series === series && isActive(one) && one.from > this.now && dayOf(one.from) >= day,
    );
    for (const visit of following) this.do('cancel', by, visit);
    return following.length > 0 ? undefined : 'action-not-allowed';
  }

  move(by: Role, visit: Visit, wanted: Wanted): string | undefined {
    const isMovable = ['pending', 'confirmed'].includes(visit.status) && !this.hasLapsed(visit);
    if (!isMovable) return 'action-not-allowed';
    if (!this.allowed(by, visit).includes('reschedule')) {
      return by === 'patient' ? 'too-late-to-change' : 'action-not-allowed';
    }
    const place = this.placeFor(visit.doctor, visit.patient, wanted, visit);
    if (typeof place === 'string') return this.told(place, by, visit.doctor, visit.patient);
    const isMoved = place.from !== visit.from || place.to !== visit.to;
    if (!isMoved && place.type === visit.type) return undefined;
    const awaits = {
      patient: this.rules.automatic ? null : ('doctor' as const),
      doctor: visit.status === 'confirmed' ? null : ('patient' as const),
      admin: null,
    }[by];
    const standing = this.standing(awaits, place.from);
    if (!isMoved && awaits === visit.awaits) standing.confirmBy = visit.confirmBy;
    const choice = isMoved ? { chooser: by, chosenAt: this.now } : {};
    Object.assign(visit, {
      ...place,
      ...standing,
      ...choice,
      agreed: visit.agreed || by !== 'doctor',
      version: visit.version + 1,
    });
    return undefined;
  }

  do(deed: Deed, by: Role, visit: Visit): string | undefined {
    if (!this.allowed(by, visit).includes(deed)) return 'action-not-allowed';
    if (deed === 'cancel' && this.hasLapsed(visit)) {
      this.expireOne(visit);
      return undefined;
    }
    const becomes = {
      confirm: 'confirmed',
      cancel: 'cancelled',
      'check-in': 'checked_in',
      complete: 'completed',
      'no-show': 'no_show',
    } as const;
    if (deed === 'cancel') {
      const late =
        by === 'patient' &&
        visit.status === 'confirmed' &&
        this.now > visit.from - this.rules.changeNotice &&
        visit.chooser === 'patient' &&
        this.now - visit.chosenAt > 15;
      visit.ended = { by, at: this.now, late };
    }
    if (deed === 'confirm' && by !== 'doctor') visit.agreed = true;
    Object.assign(visit, {
      status: becomes[deed],
      awaits: null,
      confirmBy: null,
      version: visit.version + 1,
    });
    return undefined;
  }

  /** The doctor is away; what is booked stays booked. */
  leave(doctor: number, from: number, to: number): string | undefined {
    if (to <= this.now) return 'invalid-request';
    this.absences.push({ doctor, from, to });
    return undefined;
  }

  /** The doctor has other hours on one day; what is booked stays booked. */
  open(doctor: number, day: number, hours: Interval[]): string | undefined {
    if (day < dayOf(this.now)) return 'invalid-request';
    this.overrides.set(`${doctor} ${day}`, hours);
    return undefined;
  }

  /** The numbers of the future visits that lie outside the present rules, with why. */
  conflicts(doctor: number): [which: number, reasons: string[]][] {
    return this.visits
      .map((visit, i) => ({ visit, i }))
      .filter(({ visit }) => visit.doctor === doctor && isActive(visit) && visit.from > this.now)
      .map(({ visit, i }): [number, string[]] => [
        i,
        [
          ...(this.isLeftOutside(doctor, visit) ? ['outside-hours'] : []),
          ...(this.isAway(doctor, visit) ? ['doctor-absent'] : []),
          ...(this.isTooClose(visit) ? ['too-close'] : []),
          ...(this.isBeyondMaximum(visit) ? ['day-full'] : []),
        ],
      ])
      .filter(([, reasons]) => reasons.length > 0);
  }

  /** What the clock cancels. */
  expire(): void {
    for (const visit of this.visits.filter((one) => this.hasLapsed(one))) this.expireOne(visit);
  }

  private expireOne(visit: Visit): void {
    visit.ended = { by: 'system', at: this.now, late: false };
    Object.assign(visit, {
      status: 'cancelled',
      awaits: null,
      confirmBy: null,
      version: visit.version + 1,
    });
  }

  allowed(by: Role, visit: Visit): string[] {
    const { status, from, to, awaits } = visit;
    const { now } = this;
    const practice = by !== 'patient';
    const waits = status === 'pending' && !this.hasLapsed(visit);
    const underWay = status === 'confirmed' || status === 'checked_in';
    const correctable = practice && now < to + DAY;
    const actions: [string, boolean][] = [
      ['confirm', waits && (by === awaits || by === 'admin')],
      ['cancel', isActive(visit) && (practice || now < from)],
      [
        'reschedule',
        (waits || status === 'confirmed') &&
          now < from &&
          (practice || now <= from - this.rules.changeNotice),
      ],
      ['check-in', practice && status === 'confirmed' && dayOf(now) === dayOf(from)],
      ['complete', (practice && underWay && now >= from) || (correctable && status === 'no_show')],
      ['no-show', (practice && underWay && now >= from) || (correctable && status === 'completed')],
    ];
    return actions.filter(([, isAllowed]) => isAllowed).map(([action]) => action);
  }

  private hasLapsed({ confirmBy }: Visit): boolean {
    return confirmBy !== null && this.now >= confirmBy;
  }

  private standing(awaits: Visit['awaits'], from: number): Pick<Visit, 'status' | 'awaits' | 'confirmBy'> {
    return {
      status: awaits ? 'pending' : 'confirmed',
      awaits,
      confirmBy: awaits ? Math.min(this.now + this.rules.confirmWithin, from) : null,
    };
  }

  /** Where the visit would be, or the first rule against it. */
  private placeFor(
    doctor: number,
    patient: number,
    { from, type: named, minutes: asked, exempt }: Wanted,
    moved?: Visit,
  ): Pick<Visit, 'from' | 'to' | 'type' | 'outside'> | string {
    const { rules, now } = this;
    const others = this.visits.filter((one) => one !== moved);
    const mayBook = (one: Rules['types'][number]): boolean =>
      exempt || one.for === 'everyone' || (one.for === 'seen' && this.hasSeen(doctor, patient));
    const keeps = moved !== undefined && (named === undefined || named === moved.type);
    const type = keeps
      ? { name: moved.type, minutes: moved.to - moved.from }
      : rules.types.find((one) => mayBook(one) && (named === undefined || one.name === named));
    if (type === undefined) return 'unknown-visit-type';

    const visit = { from, to: from + (asked ?? type.minutes), type: type.name };
    const time = from - dayOf(from) * DAY;
    const until = visit.to - dayOf(from) * DAY;
    const hours = this.hoursOf(doctor, dayOf(from)).find(([opens, closes]) => opens <= time && time < closes);
    const ofDoctor = others.filter((one) => one.doctor === doctor);
    const buffer = exempt ? 0 : rules.buffer;
    const widened = { from: visit.from - buffer, to: visit.to + buffer };
    if (from < now) return 'in-the-past';
    if (!exempt && from < now + rules.notice) return 'too-soon';
    if (exempt ? until > DAY : hours === undefined || until > hours[1]) return 'outside-hours';
    if (time % 5 !== 0 || (!exempt && (time - hours![0]) % rules.grid !== 0)) return 'off-grid';
    if (this.isAway(doctor, visit)) return 'doctor-absent';
    if (ofDoctor.some((one) => isActive(one) && meet(one, widened))) return 'slot-taken';
    if (!exempt) {
      const today = ofDoctor.filter((one) => one.status !== 'cancelled' && dayOf(one.from) === dayOf(from));
      if (rules.dailyMaximum !== null && today.length >= rules.dailyMaximum) return 'day-full';
      const open = ofDoctor.filter((one) => one.patient === patient && isActive(one) && one.from > now);
      if (open.length >= rules.limit) return 'patient-limit';
    }
    if (others.some((one) => one.patient === patient && isActive(one) && meet(one, visit)))
      return 'patient-busy';
    return { ...visit, outside: !this.isOpen(doctor, visit) };
  }

  private hoursOf(doctor: number, day: number): Interval[] {
    return this.overrides.get(`${doctor} ${day}`) ?? this.rules.open;
  }

  private isOpen(doctor: number, { from, to }: Pick<Visit, 'from' | 'to'>): boolean {
    const midnight = dayOf(from) * DAY;
    return this.hoursOf(doctor, dayOf(from)).some(
      ([opens, closes]) => midnight + opens <= from && to <= midnight + closes,
    );
  }

  /** On purpose outside the hours is no conflict, but on a day on which the doctor sees nobody. */
  private isLeftOutside(doctor: number, visit: Visit): boolean {
    const own = this.overrides.get(`${doctor} ${dayOf(visit.from)}`);
    return own?.length === 0 || (!visit.outside && !this.isOpen(doctor, visit));
  }

  private isTooClose(visit: Visit): boolean {
    const gap = (one: Visit): number => Math.max(one.from - visit.to, visit.from - one.to);
    return this.visits.some(
      (one) => one !== visit && one.doctor === visit.doctor && isActive(one) && gap(one) < this.rules.buffer,
    );
  }

  private isBeyondMaximum({ doctor, from }: Visit): boolean {
    const earlier = this.visits.filter(
      (one) =>
        one.doctor === doctor &&
        one.status !== 'cancelled' &&
        dayOf(one.from) === dayOf(from) &&
        one.from < from,
    );
    return this.rules.dailyMaximum !== null && earlier.length >= this.rules.dailyMaximum;
  }

  private isAway(doctor: number, visit: Pick<Visit, 'from' | 'to'>): boolean {
    return this.absences.some((one) => one.doctor === doctor && meet(one, visit));
  }

  private hasSeen(doctor: number, patient: number): boolean {
    return this.pair(doctor, patient).some(({ status }) => ['checked_in', 'completed'].includes(status));
  }

  private mayPropose(doctor: number, patient: number): boolean {
    const booked = this.pair(doctor, patient).filter(({ maker }) => maker === 'patient');
    const lastBooked = Math.max(...booked.map(({ madeAt }) => madeAt));
    return this.pair(doctor, patient)
      .filter(({ maker }) => maker === 'doctor')
      .every(({ awaits, agreed, ended }) => {
        const isDeclined = !agreed && (ended?.by === 'patient' || ended?.by === 'system');
        return awaits !== 'patient' && !(isDeclined && ended.at > lastBooked);
      });
  }

  /** A doctor who does not treat the patient is not told of the patient's other visits. */
  private told(code: string, by: Role, doctor: number, patient: number): string {
    const treats = this.pair(doctor, patient).some(({ status }) =>
      ['confirmed', 'checked_in', 'completed', 'no_show'].includes(status),
    );
    return code === 'patient-busy' && by === 'doctor' && !treats ? 'slot-taken' : code;
  }

  private pair(doctor: number, patient: number): Visit[] {
    return this.visits.filter((one) => one.doctor === doctor && one.patient === patient);
  }
}
