import type { ProofDatabase } from '../support/databases.js';
import { grouped } from '../support/grouped.js';
import type { Ran } from './race.js';
import type { RuleChange } from './rule-changes.js';

/** From when to when an appointment was at one time, and who put it there. */
export interface Placement {
  appointment: string;
  doctor: string;
  startsAt: number;
  endsAt: number;
  by: string;
  from: number;
  to: number;
}

/** A change that was made, and since when and until when it is sure that nothing else of that thing was changed. */
interface Made {
  change: RuleChange;
  thing: string;
  ran: Ran;
  since: number;
  until: number;
}

const MOST_TOLD = 100;

/**
 * What was acknowledged of the rules must be there, and hold: whatever was put into closed time before is told to who
 * closed it, or was told to who had closed it already, and nothing is put there afterwards.
 */
export async function ruleFaultsOf(
  ran: readonly Ran[],
  placements: readonly Placement[],
  database: ProofDatabase,
): Promise<string[]> {
  const byThing = changesOf(ran);
  const made = [...byThing.values()].flatMap(madeOf);
  const unknown = ran.filter((one) => one.rule !== undefined && isUnknown(one));
  return [
    ...wrongThings(byThing, await thingsIn(database), unknown),
    ...wrongPolicyVersions(byThing, await policyVersionsIn(database)),
    ...untoldOrLetIn(made, placements, ran),
    ...refusedWithoutReason(ran, unknown),
  ];
}

function thingOf({ rule, answer }: Ran): string | undefined {
  const id = answer?.body.id;
  return rule?.thing ?? (rule && id && `${rule.kind} ${id}`);
}

const isUnknown = ({ answer }: Ran) => answer === undefined || answer.status === 503;
const hadEffect = ({ answer }: Ran) => answer !== undefined && answer.status < 300;

/** All that changed a thing, or may have. */
function changesOf(ran: readonly Ran[]): Map<string, Ran[]> {
  const changes = ran.filter((one) => thingOf(one) !== undefined && (hadEffect(one) || isUnknown(one)));
  return grouped(changes, (one) => thingOf(one)!);
}

/** Those of one thing of which nothing else was under way at the same time. */
function madeOf(ofThing: readonly Ran[]): Made[] {
  return ofThing.filter(hadEffect).flatMap((ran) => {
    const { sentAt, answeredAt: since } = ran;
    const others = ofThing.filter((other) => other !== ran);
    if (others.some((other) => other.sentAt <= since && sentAt <= other.answeredAt)) return [];
    const until = Math.min(...others.filter((other) => other.sentAt > since).map((other) => other.sentAt));
    return [{ change: ran.rule!, thing: thingOf(ran)!, ran, since, until }];
  });
}

/** All that rules are about, as it is: in the same words in which a change says what it leaves. */
async function thingsIn(database: ProofDatabase): Promise<Map<string, string>> {
  const things = new Map<string, string>();
  type Row = Record<'id' | 'doctor_id' | 'local_date' | 'hours' | 'rules', string> &
    Record<'starts_at' | 'ends_at', number> & { approved_at: number | null; active: number | boolean };
  const rows = (sql: string) => database.query<Row>(sql);
  for (const { id, starts_at, ends_at } of await rows('SELECT id, starts_at, ends_at FROM absences'))
    things.set(`absence ${id}`, `${starts_at} ${ends_at}`);
  for (const { doctor_id, local_date, hours } of await rows('SELECT * FROM slot_overrides'))
    things.set(`override ${doctor_id} ${local_date}`, inWords(JSON.parse(hours)));
  for (const { doctor_id, rules } of await rows('SELECT doctor_id, rules FROM slot_policies')) {
    const { hours } = JSON.parse(rules) as { hours: Record<string, unknown> };
    things.set(`policy ${doctor_id}`, inWords(hours['monday']));
  }
  const doctors = 'SELECT d.id, d.approved_at, u.active FROM doctors d JOIN users u ON u.id = d.user_id';
  for (const { id, approved_at, active } of await rows(doctors)) {
    things.set(`approval ${id}`, approved_at === null ? 'withdrawn' : 'approved');
    things.set(`account ${id}`, active ? 'active' : 'shut out');
  }
  return things;
}

function inWords(hours: unknown): string {
  return JSON.stringify((hours as { from: number; to: number }[]).map(({ from, to }) => ({ from, to })));
}

/** A thing is as one of the changes left it after which no other began. */
function wrongThings(
  byThing: ReadonlyMap<string, readonly Ran[]>,
  things: ReadonlyMap<string, string>,
  unknown: readonly Ran[],
): string[] {
  const faults: string[] = [];
  for (const [thing, changes] of byThing) {
    const sure = changes.filter(hadEffect);
    const last = changes.filter((one) => !sure.some(({ sentAt }) => sentAt > one.answeredAt));
    if (sure.length > 0 && !last.some(({ rule }) => rule!.leaves === things.get(thing))) {
      const left = last.map(({ rule }) => rule!.leaves ?? 'gone');
      faults.push(
        `not as its last change left it: ${thing} is ${things.get(thing)}, but ${left.join(' or ')}`,
      );
    }
    const removed = sure.filter(({ rule }) => rule!.kind === 'absence' && rule!.leaves === undefined);
    if (removed.length > 1) faults.push(`two won the same removal: ${thing}`);
  }
  const made = [...things.keys()].filter((thing) => /^(absence|override)/.test(thing) && !byThing.has(thing));
  const adds = unknown.filter((one) => thingOf(one) === undefined).length;
  if (made.length > adds) faults.push(`there, but never acknowledged: ${made.length}, ${made[0]}`);
  return faults;
}

async function policyVersionsIn(database: ProofDatabase): Promise<Map<string, number>> {
  const sql = 'SELECT doctor_id, version FROM slot_policies';
  const rows = await database.query<{ doctor_id: string; version: number }>(sql);
  return new Map(rows.map(({ doctor_id, version }) => [`policy ${doctor_id}`, version]));
}

/** Each version of a policy is one answer's. */
function wrongPolicyVersions(
  byThing: ReadonlyMap<string, readonly Ran[]>,
  kept: ReadonlyMap<string, number>,
): string[] {
  return [...kept].flatMap(([thing, version]) => {
    const changes = byThing.get(thing) ?? [];
    const told = changes.filter(hadEffect).map(({ answer }) => answer!.body.version!);
    const most = changes.filter(isUnknown).length;
    if (new Set(told).size < told.length) return [`two won one version: ${thing}`];
    const untold = version - told.length;
    return untold < 0 || untold > most
      ? [`${thing} has version ${version} after ${told.length} answers`]
      : [];
  });
}

function untoldOrLetIn(
  made: readonly Made[],
  placements: readonly Placement[],
  ran: readonly Ran[],
): string[] {
  const changes = ran.filter((one) => one.rule !== undefined && hadEffect(one));
  const changesOfDoctor = grouped(changes, ({ rule }) => rule!.doctor);
  const mayHold = holdingAmong(changes);
  const isKnownAlready = (one: Placement, closing: Ran) => {
    const before = changesOfDoctor.get(one.doctor)!.filter(({ sentAt }) => sentAt <= closing.answeredAt);
    const isClosed = before.some(
      (other) =>
        other !== closing &&
        reasonOf(other) === reasonOf(closing) &&
        other.rule!.closes?.covers(one) &&
        mayHold(other, closing),
    );
    return isClosed && before.some((other) => toldOf(other).has(one.appointment));
  };
  /**
   * Whoever may put visits into closed time may have done so meanwhile, or while it was closed before and stayed so: none
   * is told.
   */
  const isPutThereKnowingly = (one: Placement, closing: Ran): boolean =>
    one.from >= closing.sentAt ||
    changesOfDoctor
      .get(one.doctor)!
      .some(
        (other) =>
          other.sentAt < closing.sentAt &&
          other.rule!.closes?.tellsOf === 'everyone' &&
          other.rule!.closes.covers(one) &&
          mayHold(other, closing) &&
          isPutThereKnowingly(one, other),
      );
  const ofDoctor = grouped(placements, ({ doctor }) => doctor);
  const closing = made.filter(({ change }) => change.closes !== undefined);
  const [untold, letIn] = [new Set<string>(), new Set<string>()];
  for (const { change, thing, ran, since, until } of closing) {
    const told = toldOf(ran);
    const closes = change.closes!;
    for (const one of ofDoctor.get(change.doctor) ?? []) {
      if (one.to <= since || one.from >= until || one.startsAt <= since || !closes.covers(one)) continue;
      if (closes.to === 'patients' && one.by !== 'patient') {
        if (closes.tellsOf !== 'everyone' || isPutThereKnowingly(one, ran)) continue;
      }
      if (one.from > since) letIn.add(`${one.appointment} by the ${one.by} into ${thing}`);
      else if (!told.has(one.appointment) && told.size < MOST_TOLD && !isKnownAlready(one, ran))
        untold.add(`${one.appointment} by ${thing}`);
    }
  }
  return [
    ...(untold.size > 0
      ? [`left outside the rules, and nobody was told: ${untold.size}, ${[...untold][0]}`]
      : []),
    ...(letIn.size > 0 ? [`given away although closed: ${letIn.size}, ${[...letIn][0]}`] : []),
  ];
}

function toldOf({ answer }: Ran): ReadonlySet<string> {
  const conflicts = (answer!.body['conflicts'] ?? []) as { appointment: string }[];
  return new Set(conflicts.map(({ appointment }) => appointment));
}

/** Hours of a date and of the week give the same reason; a change answers only what has a new one. */
const reasonOf = ({ rule }: Ran) => (/override|policy/.test(rule!.kind) ? 'hours' : rule!.kind);

/** Whether a closing may have been in force at some time of a request: no other change of its thing was surely between. */
function holdingAmong(changes: readonly Ran[]) {
  const ofThing = grouped(changes, (one) => thingOf(one) ?? '');
  return (closing: Ran, { sentAt, answeredAt }: Pick<Ran, 'sentAt' | 'answeredAt'>): boolean =>
    closing.sentAt <= answeredAt &&
    !ofThing
      .get(thingOf(closing) ?? '')!
      .some((other) => other.sentAt > closing.answeredAt && other.answeredAt < sentAt);
}

/** Whoever is told of an absence, or that something is not there, asked while that may have been so. */
function refusedWithoutReason(ran: readonly Ran[], unknown: readonly Ran[]): string[] {
  const changes = ran.filter((one) => one.rule !== undefined && hadEffect(one));
  const mayHold = holdingAmong(changes);
  const closings = changes.filter(({ rule }) => rule!.closes !== undefined);
  const isGone = (one: Ran) =>
    changes.some(({ rule, sentAt }) => rule!.thing === one.rule?.thing && sentAt <= one.answeredAt);
  const wrong = ran.filter((one) => {
    const code = one.answer?.body.code;
    if (code === 'doctor-absent') {
      const absences = closings.filter(
        ({ rule }) => rule!.kind === 'absence' && rule!.doctor === one.wish!.doctor,
      );
      return !absences.some((add) => add.rule!.closes!.covers(one.wish!) && mayHold(add, one));
    }
    if (code !== 'not-found') return false;
    if (one.rule !== undefined) return !isGone(one);
    const doctor = one.wish?.doctor ?? (one.body as { doctor?: string }).doctor;
    const out = closings.filter(({ rule }) => /approval|account/.test(rule!.kind) && rule!.doctor === doctor);
    return !out.some((shut) => mayHold(shut, one));
  });
  // What nobody was told of may have been the reason.
  return wrong.length === 0 || unknown.length > 0
    ? []
    : [`refused for a rule that did not hold: ${wrong.length}, such as ${wrong[0]!.answer!.body.code}`];
}
