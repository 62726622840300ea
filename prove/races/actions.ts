import type { Member } from '../support/clinic.js';
import type { Arena, Known, WallTime } from './arena.js';
import { RULE_CHANGES, type RuleChange } from './rule-changes.js';

/** One request of the race. */
export interface Attempt {
  actor: Member;
  /** `POST` unless told. */
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body: object | undefined;
  /** The people and the time that it asks for; undefined for one that asks for no time. */
  wish?: Wish;
  /** How many changes of appointments it makes at once; 1 unless told. */
  changes?: number;
  /** What it changes of the rules, and then nothing of any appointment. */
  rule?: RuleChange;
  /** The series of which it cancels all that is to come. */
  cancelsSeries?: string;
}

export interface Wish {
  doctor: string;
  patient: string;
  startsAt: number;
  endsAt: number;
  /** The appointment that is moved there, whose own time is not in the way. */
  moves?: string;
}

export interface Action {
  name: string;
  /** How often it is tried, in relation to the others. */
  weight: number;
  /** Undefined where there is nothing to try it on yet. */
  attempt(arena: Arena): Attempt | undefined;
}

const MINUTE = 60_000;
const VISIT = 30;

/** Everything that changes appointments, and the rules about them. What is added to the product is added here. */
export const ACTIONS: readonly Action[] = [
  {
    name: 'book',
    weight: 40,
    attempt(arena) {
      const patient = arena.random.oneOf(arena.patients);
      const { id: doctor } = arena.random.oftenFirst(arena.doctors);
      const slot = arena.random.oftenFirst(arena.slots);
      const body = { doctor, ...slot, reason_for_visit: 'a race' };
      return asking(patient, { doctor, patient: patient.id }, slot, VISIT, body);
    },
  },
  {
    name: 'schedule',
    weight: 10,
    attempt(arena) {
      const doctor = arena.random.oftenFirst(arena.doctors.filter((one) => one !== arena.locum));
      const { id: patient } = arena.random.oftenFirst(arena.patients);
      const { at, minutes } = anyTime(arena);
      const body = { patient, ...at, duration_minutes: minutes };
      return asking(doctor, { doctor: doctor.id, patient }, at, minutes, body);
    },
  },
  {
    name: 'schedule as admin',
    weight: 10,
    attempt(arena) {
      const { at, minutes } = anyTime(arena);
      return asAdmin(arena, at, minutes);
    },
  },
  {
    name: 'schedule for now',
    weight: 2,
    attempt(arena) {
      const next = new Date(Math.ceil((Date.now() + 1000) / (5 * MINUTE)) * 5 * MINUTE).toISOString();
      return asAdmin(arena, { date: next.slice(0, 10), time: next.slice(11, 16) }, 5);
    },
  },
  {
    name: 'schedule a series',
    weight: 5,
    attempt(arena) {
      const { at, minutes } = anyTime(arena);
      const { actor, body } = asAdmin(arena, at, minutes);
      return { actor, path: '/api/series/', body: { ...body, every_weeks: 1, count: 3 }, changes: 3 };
    },
  },
  {
    name: 'confirm',
    weight: 13,
    attempt(arena) {
      const known = arena.known(({ status }) => status === 'pending');
      if (known === undefined) return undefined;
      const side = known.awaits === 'doctor' ? arena.actingFor(known.doctor) : arena.member(known.patient);
      const actor = arena.random.below(4) === 0 ? arena.admin : side;
      return acting(actor, known, 'confirm', { reason: 'a race' });
    },
  },
  {
    name: 'cancel',
    weight: 23,
    attempt(arena) {
      const known = arena.known();
      if (known === undefined) return undefined;
      const { doctor, patient } = known;
      const actor = arena.random.oneOf([arena.actingFor(doctor), arena.member(patient), arena.admin]);
      return acting(actor, known, 'cancel', { reason: 'a race' });
    },
  },
  {
    name: 'reschedule as patient',
    weight: 6,
    attempt: (arena) =>
      moving(arena, arena.random.oftenFirst(arena.slots), (known) => arena.member(known.patient)),
  },
  {
    name: 'reschedule as doctor',
    weight: 3,
    attempt: (arena) => moving(arena, anyTime(arena).at, (known) => arena.actingFor(known.doctor)),
  },
  {
    name: 'reschedule as admin',
    weight: 3,
    attempt: (arena) => moving(arena, anyTime(arena).at, () => arena.admin, { exemption_reason: 'a race' }),
  },
  {
    name: 'check in',
    weight: 2,
    attempt(arena) {
      const endOfToday = new Date().setUTCHours(24, 0, 0, 0);
      const known = arena.known(({ startsAt }) => startsAt < endOfToday) ?? arena.known();
      return known && acting(arena.actingFor(known.doctor), known, 'check-in', undefined);
    },
  },
  {
    name: 'complete',
    weight: 2,
    attempt(arena) {
      const known = arena.known(({ startsAt }) => startsAt <= Date.now()) ?? arena.known();
      return known && acting(arena.actingFor(known.doctor), known, 'complete', undefined);
    },
  },
  ...RULE_CHANGES,
];

/** What a loser may be told, beside `503` by a database that is too busy. */
export const REFUSALS: readonly string[] = [
  '409 slot-taken',
  '409 patient-busy',
  '409 patient-limit',
  '409 proposal-limit',
  '409 series-refused',
  '409 action-not-allowed',
  '409 too-late-to-change',
  '409 doctor-absent',
  '412 stale-version',
  // Of a doctor who is not bookable now, and of what is to be removed and is gone.
  '404 not-found',
  '422 in-the-past',
  // A patient who moves a visit of a length that a doctor gave it is held to the grid of that length.
  '422 off-grid',
  '422 outside-hours',
];

/** A doctor's or an admin's time, off the patients' grid: it overlaps parts of one or more wanted slots. */
function anyTime({ random, slots }: Arena): { at: WallTime; minutes: number } {
  const { date, time } = random.oftenFirst(slots);
  const start = new Date(`${date}T${time}:00Z`).getTime() + 5 * MINUTE * random.below(6);
  return {
    at: { date, time: new Date(start).toISOString().slice(11, 16) },
    minutes: 5 + 5 * random.below(9),
  };
}

function asAdmin(arena: Arena, at: WallTime, minutes: number): Attempt {
  const { id: doctor } = arena.random.oftenFirst(arena.doctors);
  const { id: patient } = arena.random.oneOf(arena.patients);
  const body = { doctor, patient, ...at, duration_minutes: minutes, exemption_reason: 'a race' };
  return asking(arena.admin, { doctor, patient }, at, minutes, body);
}

function asking(
  actor: Member,
  people: { doctor: string; patient: string },
  { date, time }: WallTime,
  minutes: number,
  body: object,
): Attempt {
  const startsAt = Date.parse(`${date}T${time}:00Z`);
  const wish = { ...people, startsAt, endsAt: startsAt + minutes * MINUTE };
  return { actor, path: '/api/appointments/', body, wish };
}

/** Another start for the same visit, whose length stays. */
function moving(
  arena: Arena,
  at: WallTime,
  by: (known: Known) => Member,
  more: object = {},
): Attempt | undefined {
  const known = arena.known(({ status }) => status !== 'checked_in');
  if (known === undefined) return undefined;
  const { id: moves, doctor, patient, minutes } = known;
  const { wish } = asking(by(known), { doctor, patient }, at, minutes, {});
  const body = { ...at, reason: 'a race', ...more };
  return { ...acting(by(known), known, 'reschedule', body), wish: { ...wish!, moves } };
}

function acting(actor: Member, { id }: Known, action: string, body: object | undefined): Attempt {
  return { actor, path: `/api/appointments/${id}/${action}/`, body: body ?? {} };
}

export interface Chosen extends Attempt {
  action: string;
}

/** One of the actions, by weight; booking where the chosen one has nothing to act on. */
export function choose(arena: Arena): Chosen {
  let left = arena.random.next() * ACTIONS.reduce((sum, { weight }) => sum + weight, 0);
  const drawn = ACTIONS.find(({ weight }) => (left -= weight) < 0) ?? ACTIONS[0]!;
  for (const action of [drawn, ACTIONS[0]!]) {
    const attempt = action.attempt(arena);
    if (attempt !== undefined) return { ...attempt, action: action.name };
  }
  throw new Error('there is always something to book');
}
