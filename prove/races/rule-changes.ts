import { randomUUID } from 'node:crypto';
import type { Action, Attempt } from './actions.js';
import type { Arena } from './arena.js';

/** A change of a doctor's rules, or of whether the doctor may be booked at all. */
export interface RuleChange {
  kind: 'absence' | 'override' | 'policy' | 'approval' | 'account';
  doctor: string;
  /** What it changes: the last change of a thing is the one that holds. Undefined of what it makes, which gets an id. */
  thing?: string;
  /** The thing as the change leaves it, in the words of `thingsIn`; undefined of one that is gone. */
  leaves: string | undefined;
  /** What nobody is given while it holds. */
  closes?: Closed;
}

export interface Closed {
  /** Doctors and admins may put visits outside hours. */
  to: 'everyone' | 'patients';
  /** Whose visits are told as conflicts; unless said, of those to whom it is closed. */
  tellsOf?: 'everyone';
  covers(time: { startsAt: number; endsAt: number }): boolean;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/** So that no doctor is away for most of what is raced for. */
const MOST_ABSENCES = 4;
const NOON = 12 * 60;
const AFTERNOON = { from: 13 * 60, to: 17 * 60 };
const MORNING = { from: 9 * 60, to: NOON };
const WHOLE_DAY = { from: MORNING.from, to: AFTERNOON.to };

type Interval = typeof AFTERNOON;

/** That were sent by now. */
let policies = 0;

/** Everything that changes rules. Each is undone as often as it is done, so that most of the time can be booked. */
export const RULE_CHANGES: readonly Action[] = [
  {
    name: 'add an absence',
    weight: 3,
    attempt(arena) {
      if (arena.closedBy('absence').length >= MOST_ABSENCES) return undefined;
      const { id: doctor } = arena.random.oftenFirst(arena.doctors);
      const { date, time } = arena.random.oftenFirst(arena.slots);
      const startsAt = Date.parse(`${date}T${time}:00Z`) + 15 * MINUTE * arena.random.below(2);
      const endsAt = startsAt + 15 * MINUTE * (1 + arena.random.below(4));
      const body = { date_from: date, time_from: clock(startsAt), date_to: date, time_to: clock(endsAt) };
      return changing(arena, `/api/doctors/${doctor}/absences/`, 'POST', body, {
        kind: 'absence',
        doctor,
        leaves: `${startsAt} ${endsAt}`,
        closes: { to: 'everyone', covers: (time) => time.startsAt < endsAt && startsAt < time.endsAt },
      });
    },
  },
  {
    name: 'remove an absence',
    weight: 4,
    attempt(arena) {
      const known = arena.random.mayFind(arena.closedBy('absence'));
      if (known === undefined) return undefined;
      const { doctor, thing } = known;
      const path = `/api/doctors/${doctor}/absences/${thing.split(' ')[1]}/`;
      return changing(arena, path, 'DELETE', undefined, {
        kind: 'absence',
        doctor,
        thing,
        leaves: undefined,
      });
    },
  },
  {
    name: 'set an override',
    weight: 2,
    attempt(arena) {
      const { id: doctor } = arena.random.oftenFirst(arena.doctors);
      const { date } = arena.random.oneOf(arena.slots);
      // Never open at noon: what a policy closes no override opens again.
      const hours = arena.random.oneOf([[], [AFTERNOON]]);
      const day = Date.parse(`${date}T00:00:00Z`);
      return changing(
        arena,
        `/api/doctors/${doctor}/overrides/${date}/`,
        'PUT',
        { hours: onWire(hours) },
        {
          kind: 'override',
          doctor,
          thing: `override ${doctor} ${date}`,
          leaves: JSON.stringify(hours),
          closes: {
            to: 'patients',
            // What was put outside hours on purpose is a conflict where there are none.
            ...(hours.length === 0 && { tellsOf: 'everyone' }),
            covers: ({ startsAt, endsAt }) =>
              startsAt >= day &&
              startsAt < day + DAY &&
              !hours.some(({ from, to }) => startsAt >= day + from * MINUTE && endsAt <= day + to * MINUTE),
          },
        },
      );
    },
  },
  {
    name: 'remove an override',
    weight: 3,
    attempt(arena) {
      const known = arena.random.mayFind(arena.closedBy('override'));
      if (known === undefined) return undefined;
      const { doctor, thing } = known;
      const path = `/api/doctors/${doctor}/overrides/${thing.split(' ')[2]}/`;
      return changing(arena, path, 'DELETE', undefined, {
        kind: 'override',
        doctor,
        thing,
        leaves: undefined,
      });
    },
  },
  {
    name: 'set a policy',
    weight: 3,
    attempt(arena) {
      const { id: doctor } = arena.random.oftenFirst(arena.doctors);
      const version = arena.policyVersion(doctor);
      const hours = arena.random.oneOf([[WHOLE_DAY], [MORNING, AFTERNOON]]);
      const weekly_hours = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'].flatMap((weekday) =>
        onWire(hours).map((interval) => ({ weekday, ...interval })),
      );
      const change: RuleChange = {
        kind: 'policy',
        doctor,
        thing: `policy ${doctor}`,
        leaves: JSON.stringify(hours),
        ...(hours.length > 1 && { closes: { to: 'patients', covers: isAtNoon } }),
      };
      // Never as it is: nothing would change then, and no version be counted.
      const body = { ...arena.policy, weekly_hours, confirm_within_minutes: 4_000 + (policies++ % 10_000) };
      const attempt = changing(arena, `/api/doctors/${doctor}/slot-policy/`, 'PUT', body, change);
      // Of two who have seen one version, one wins; who does not say what they have seen always does.
      return arena.random.below(2) === 0 ? attempt : { ...attempt, headers: { 'if-match': `"${version}"` } };
    },
  },
  standing('withdraw approval', 1, 'approval', 'withdraw-approval', 'withdrawn'),
  standing('approve', 2, 'approval', 'approve', 'approved'),
  standing('deactivate', 1, 'account', 'deactivate', 'shut out'),
  standing('activate', 2, 'account', 'activate', 'active'),
  {
    name: 'cancel a series',
    weight: 3,
    attempt(arena) {
      const series = arena.random.mayFind(arena.series);
      if (series === undefined) return undefined;
      const { id, doctor, patient } = series;
      const actor = arena.random.oneOf([arena.actingFor(doctor), arena.member(patient), arena.admin]);
      // By its own reason it is known what the request cancelled, and what others had cancelled before.
      const body = { reason: `a race ${randomUUID()}` };
      return { actor, path: `/api/series/${id}/cancel/`, body, cancelsSeries: id, changes: 3 };
    },
  },
];

/** Of the one doctor who comes and goes; nobody acts as them. */
function standing(
  name: string,
  weight: number,
  kind: 'approval' | 'account',
  action: string,
  leaves: string,
): Action {
  const closes = leaves === 'withdrawn' || leaves === 'shut out';
  return {
    name,
    weight,
    attempt(arena) {
      const { locum } = arena;
      if (closes === arena.closedBy(kind).length > 0) return undefined;
      const change: RuleChange = { kind, doctor: locum.id, thing: `${kind} ${locum.id}`, leaves };
      if (closes) change.closes = { to: 'everyone', covers: () => true };
      const path = `/api/admin/users/${locum.user}/${action}/`;
      return { ...changing(arena, path, 'POST', undefined, change), actor: arena.admin };
    },
  };
}

function changing(
  arena: Arena,
  path: string,
  method: string,
  body: object | undefined,
  rule: RuleChange,
): Attempt {
  const actor = arena.random.oneOf([arena.actingFor(rule.doctor), arena.admin]);
  return { actor, method, path, body, rule, changes: 0 };
}

function clock(instant: number): string {
  return new Date(instant).toISOString().slice(11, 16);
}

function onWire(hours: readonly Interval[]): { from: string; to: string }[] {
  return hours.map(({ from, to }) => ({ from: clock(from * MINUTE), to: clock(to * MINUTE) }));
}

function isAtNoon({ startsAt, endsAt }: { startsAt: number; endsAt: number }): boolean {
  const day = startsAt - (startsAt % DAY);
  return startsAt < day + AFTERNOON.from * MINUTE && day + NOON * MINUTE < endsAt;
}
