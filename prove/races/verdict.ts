import { faultsIn } from '../support/checks.js';
import type { Body } from '../support/client.js';
import type { ProofDatabase } from '../support/databases.js';
import { grouped } from '../support/grouped.js';
import { tally } from '../support/table.js';
import { REFUSALS, type Wish } from './actions.js';
import type { Ran } from './race.js';
import { ruleFaultsOf, type Placement } from './rules-verdict.js';

/** From when to when an appointment occupied its time. */
interface Life {
  id: string;
  from: number;
  to: number;
}

interface Row {
  id: string;
  status: string;
  version: number;
  series_id: string | null;
}

/** One line of a history. */
interface Line {
  appointment_id: string;
  version: number;
  to_status: string;
  changed_by: string;
  changed_at: number;
}

const TICK = 300_000;
const ACTIVE = ['pending', 'confirmed', 'checked_in'];

/** Everything that the answers and the database tell of a race must fit together: what does not, in words. */
export async function faultsOf(ran: readonly Ran[], database: ProofDatabase): Promise<string[]> {
  const rows = await database.query<Row>('SELECT id, status, version, series_id FROM appointments');
  const lines = await database.query<Line>(
    `SELECT appointment_id, version, to_status, changed_by, changed_at FROM appointment_history
     ORDER BY appointment_id, version`,
  );
  const told = toldBy(ran);
  const lives = livesIn(lines, told);
  const placements = placementsIn(lines, told);
  return [
    ...(await faultsIn(database)),
    ...wrongAnswers(ran),
    ...lostOrHalfThere(ran, rows, lines),
    ...(await wrongKeys(ran, database)),
    ...doubleWinners(lives),
    ...losersWithoutWinner(ran, lives),
    ...halfCancelled(ran, rows, placements),
    ...(await ruleFaultsOf(ran, placements, database)),
  ];
}

/** The appointments that the answer to a request tells of, as that left them. A series may show what came a moment later. */
function appointmentsIn({ rule, cancelsSeries, body: sent, answer }: Ran): Body[] {
  if (rule !== undefined || answer === undefined || answer.status >= 300) return [];
  const { body } = answer;
  if (body.appointments === undefined) return [body];
  if (cancelsSeries === undefined) {
    return body.appointments.map((one) => ({ ...one, version: 1, status: 'confirmed' }));
  }
  const { reason } = sent as { reason: string };
  return body.appointments.filter((one) => one['cancellation_reason'] === reason);
}

/** What the answers tell of each version of each appointment. */
function toldBy(ran: readonly Ran[]): ReadonlyMap<string, Body> {
  return new Map(
    ran.flatMap((one) => appointmentsIn(one).map((told) => [`${told.id} ${told.version}`, told] as const)),
  );
}

export function outcomeOf({ answer, whyUnanswered }: Ran): string {
  if (answer === undefined) return `unanswered (${whyUnanswered})`;
  return answer.body.code ? `${answer.status} ${answer.body.code}` : String(answer.status);
}

function wrongAnswers(ran: readonly Ran[]): string[] {
  const wrong = ran.filter((one) => {
    const { answer } = one;
    if (answer === undefined) return true;
    if (answer.status === 503) return answer.headers['retry-after'] === undefined;
    return answer.status >= 300 && !REFUSALS.includes(outcomeOf(one));
  });
  return wrong.length === 0 ? [] : [`answers that nobody should get: ${tally(wrong.map(outcomeOf))}`];
}

/** Each change is in the database exactly if one answer told of it, with the status it told. */
function lostOrHalfThere(ran: readonly Ran[], rows: readonly Row[], lines: readonly Line[]): string[] {
  const faults: string[] = [];
  const kept = new Map(lines.map((line) => [versionOf(line), line.to_status]));
  const told = new Map<string, { status: string; startsAt: unknown; isMove: boolean }>();
  for (const attempt of ran) {
    for (const one of appointmentsIn(attempt)) {
      const version = `${one.id} ${one.version}`;
      const isMove = attempt.wish?.moves !== undefined;
      const startsAt = one['starts_at'];
      const before = told.get(version);
      // A move to where it is already changes nothing, and is answered with what is.
      const changesNothing = before?.startsAt === startsAt && (isMove || before?.isMove === true);
      if (before !== undefined && !changesNothing) faults.push(`two won the same change: ${version}`);
      told.set(version, { status: String(one['status']), startsAt, isMove });
    }
  }
  for (const [version, { status }] of told) {
    if (kept.get(version) !== status)
      faults.push(`acknowledged, but not there: ${version} ${status}, but ${kept.get(version)}`);
  }
  const untold = [...kept.keys()].filter((version) => !told.has(version));
  const unknown = ran
    .filter(({ answer }) => answer === undefined || answer.status === 503)
    .reduce((changes, { changes: most = 1 }) => changes + most, 0);
  if (untold.length > unknown) faults.push(`there, but never acknowledged: ${untold.length}, ${untold[0]}`);
  const last = rows.filter(({ id, version, status }) => kept.get(`${id} ${version}`) !== status);
  if (last.length > 0) faults.push(`the row is not what its last change made it: ${last[0]!.id}`);
  return faults;
}

/** A key is kept with what its answer told, and only where there was an effect. */
async function wrongKeys(ran: readonly Ran[], database: ProofDatabase): Promise<string[]> {
  const kept = await database.query<{ idempotency_key: string; status: number; appointment_id: string }>(
    'SELECT idempotency_key, status, appointment_id FROM idempotency_keys',
  );
  const effects = new Map(kept.map((row) => [row.idempotency_key, `${row.status} ${row.appointment_id}`]));
  const wrong = ran.filter((one) => {
    const { key, answer } = one;
    if (key === undefined || answer === undefined || answer.status === 503) return false;
    const told = answer.status < 300 ? `${answer.status} ${appointmentsIn(one)[0]!.id}` : undefined;
    return effects.get(key) !== told;
  });
  return wrong.length === 0 ? [] : [`keys kept otherwise than answered: ${wrong.length}`];
}

const versionOf = ({ appointment_id, version }: Line) => `${appointment_id} ${version}`;

/**
 * All that ever occupied five minutes of a person, in the order of time. The history says when a version began and the
 * next one ended it; which time it occupied the answer said that told of it.
 */
function livesIn(lines: readonly Line[], told: ReadonlyMap<string, Body>): Map<string, Life[]> {
  const lives = new Map<string, Life[]>();
  lines.forEach((line, index) => {
    const next = lines[index + 1];
    const isLast = next?.appointment_id !== line.appointment_id;
    const answer = told.get(versionOf(line));
    if (answer === undefined || !ACTIVE.includes(line.to_status)) return;
    const life = { id: line.appointment_id, from: line.changed_at, to: isLast ? Infinity : next.changed_at };
    const { startsAt, endsAt } = timeOf(answer);
    for (const person of [answer['doctor'], answer['patient']]) {
      for (const tick of ticksOf(startsAt, endsAt)) {
        const key = `${String(person)} ${tick}`;
        const ofTick = lives.get(key);
        if (ofTick) ofTick.push(life);
        else lives.set(key, [life]);
      }
    }
  });
  for (const ofTick of lives.values())
    ofTick.sort((one, other) => one.from - other.from || one.to - other.to);
  return lives;
}

function timeOf(told: Body): { startsAt: number; endsAt: number } {
  const [startsAt, endsAt] = [told['starts_at'], told['ends_at']].map((at) => Date.parse(String(at)));
  return { startsAt: startsAt!, endsAt: endsAt! };
}

/** Where appointments were, and since when: what only changed its status stayed where it was. */
function placementsIn(lines: readonly Line[], told: ReadonlyMap<string, Body>): Placement[] {
  const placements: Placement[] = [];
  for (const [appointment, ofOne] of grouped(lines, (line) => line.appointment_id)) {
    // Where it was in between is not known.
    if (!ofOne.every((line) => told.has(versionOf(line)))) continue;
    let last: Placement | undefined;
    for (const line of ofOne) {
      const answer = told.get(versionOf(line))!;
      const { startsAt, endsAt } = timeOf(answer);
      const isActive = ACTIVE.includes(line.to_status);
      if (isActive && last?.startsAt === startsAt && last.endsAt === endsAt) continue;
      if (last !== undefined) last.to = line.changed_at;
      if (!isActive) break;
      const { changed_at: from, changed_by: by } = line;
      last = { appointment, doctor: String(answer['doctor']), startsAt, endsAt, by, from, to: Infinity };
      placements.push(last);
    }
  }
  return placements;
}

/** Of a series that was cancelled nothing that was to come is left. */
function halfCancelled(
  ran: readonly Ran[],
  rows: readonly Row[],
  placements: readonly Placement[],
): string[] {
  const seriesOf = new Map(rows.map(({ id, series_id }) => [id, series_id]));
  const cancelled = new Map(
    ran.flatMap(({ cancelsSeries, answer, answeredAt }) =>
      cancelsSeries !== undefined && answer?.status === 200 ? [[cancelsSeries, answeredAt] as const] : [],
    ),
  );
  const left = placements.filter(({ appointment, startsAt, to }) => {
    const at = cancelled.get(seriesOf.get(appointment) ?? '');
    return at !== undefined && startsAt > at && to > at;
  });
  return left.length === 0 ? [] : [`left of a cancelled series: ${left.length}, ${left[0]!.appointment}`];
}

function* ticksOf(startsAt: number, endsAt: number): Generator<number> {
  for (let tick = startsAt / TICK; tick < endsAt / TICK; tick++) yield tick;
}

/** Of all that ever were, not only of those that are left: one that wins begins when the one before it has ended. */
function doubleWinners(lives: ReadonlyMap<string, Life[]>): string[] {
  const faults = [...lives.values()].flatMap((ofTick) =>
    ofTick.slice(1).flatMap((life, index) => {
      const before = ofTick[index]!;
      return life.from < before.to ? [`${before.id} and ${life.id}`] : [];
    }),
  );
  const pairs = [...new Set(faults)];
  return pairs.length === 0 ? [] : [`two won one time at once: ${pairs.length} pairs, such as ${pairs[0]}`];
}

/** Whoever was told that a time is taken lost it to somebody who had it while the request ran. */
function losersWithoutWinner(ran: readonly Ran[], lives: ReadonlyMap<string, Life[]>): string[] {
  const hadIt = ({ sentAt, answeredAt }: Ran, { doctor, patient, startsAt, endsAt, moves }: Wish) =>
    [doctor, patient].some((person) =>
      [...ticksOf(startsAt, endsAt)].some((tick) =>
        lives
          .get(`${person} ${tick}`)
          ?.some(({ id, from, to }) => id !== moves && from <= answeredAt && to >= sentAt),
      ),
    );
  const lost = ran.filter((one) => ['409 slot-taken', '409 patient-busy'].includes(outcomeOf(one)));
  const wrong = lost.filter((one) => !hadIt(one, one.wish!));
  return wrong.length === 0 ? [] : [`refused a time that nobody had: ${wrong.length}`];
}

/** Appointments and series that the race made: each is the one winner of its time while it lasts. */
export function winnersOf(ran: readonly Ran[]): number {
  return ran.filter(({ rule, answer }) => rule === undefined && answer?.status === 201).length;
}
