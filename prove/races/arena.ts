import type { Answer, Body, Client } from '../support/client.js';
import type { Clinic, Member } from '../support/clinic.js';
import type { ProofDatabase } from '../support/databases.js';
import type { Random } from '../support/random.js';
import type { Attempt } from './actions.js';
import type { RuleChange } from './rule-changes.js';

const DOCTORS = 5;
const PATIENTS = 40;
const SLOTS = 64;

/** A time on the wall clock of every doctor, all of whom live in UTC. */
export interface WallTime {
  date: string;
  time: string;
}

/** An active appointment as the last answer about it told. */
export interface Known {
  id: string;
  doctor: string;
  patient: string;
  startsAt: number;
  /** How long the visit takes. */
  minutes: number;
  status: string;
  awaits: string | null;
  version: number;
}

export interface KnownSeries {
  id: string;
  doctor: string;
  patient: string;
}

/** Who races for what: a few people, few times of which the first are wanted most, and what is booked so far. */
export class Arena {
  readonly #known = new Map<string, Known>();
  readonly #closed = new Map<string, RuleChange & { thing: string }>();
  readonly #policyVersions = new Map<string, number>();
  readonly #series: KnownSeries[] = [];
  readonly #members: ReadonlyMap<string, Member>;

  private constructor(
    readonly random: Random,
    readonly doctors: readonly Member[],
    readonly patients: readonly Member[],
    readonly admin: Member,
    readonly slots: readonly WallTime[],
    /** The one that doctors have at first, as it is sent. */
    readonly policy: object,
  ) {
    this.#members = new Map([...doctors, ...patients].map((member) => [member.id, member]));
  }

  static async open(clinic: Clinic, node: Client, database: ProofDatabase, random: Random): Promise<Arena> {
    const doctors = await clinic.doctors(DOCTORS);
    const patients = await clinic.patients(PATIENTS);
    const admin = await clinic.admin(database);
    const path = `/api/doctors/${doctors[0]!.id}/`;
    const { body } = await node.get(`${path}slots/`, await patients[0]!.token(node));
    const {
      time_zone: _,
      version: __,
      ...policy
    } = (await node.get(`${path}slot-policy/`, await doctors[0]!.token(node))).body;
    const dayAfter = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const slots = body
      .results!.map(({ date, time }) => ({ date, time }) as WallTime)
      // No slot runs into the notice while the race lasts.
      .filter(({ date }) => date > dayAfter);
    return new Arena(random, doctors, patients, admin, slots.slice(0, SLOTS), policy);
  }

  /** The doctor who comes and goes, as admins will; nobody is signed in as them. */
  get locum(): Member {
    return this.doctors.at(-1)!;
  }

  /** The doctor, or in place of the one who comes and goes an admin. */
  actingFor(doctor: string): Member {
    return doctor === this.locum.id ? this.admin : this.member(doctor);
  }

  /** What is closed as the last answers told. */
  closedBy(kind: RuleChange['kind']): (RuleChange & { thing: string })[] {
    return [...this.#closed.values()].filter((change) => change.kind === kind);
  }

  policyVersion(doctor: string): number {
    return this.#policyVersions.get(doctor) ?? 0;
  }

  get series(): readonly KnownSeries[] {
    return this.#series;
  }

  member(id: string): Member {
    return this.#members.get(id)!;
  }

  /** Of those that match; those that have been there for the longest are wanted most, so that many act on one. */
  known(matches: (known: Known) => boolean = () => true): Known | undefined {
    const matching = [...this.#known.values()].filter(matches);
    return matching.length === 0 ? undefined : this.random.oftenFirst(matching);
  }

  /** What the answer to an attempt that had an effect told. */
  learn(attempt: Attempt, { body }: Answer): void {
    if (attempt.rule !== undefined) return this.#learnRule(attempt.rule, body);
    for (const one of body.appointments ?? [body]) this.#learnAppointment(one);
    if (attempt.cancelsSeries !== undefined) {
      const index = this.#series.findIndex(({ id }) => id === attempt.cancelsSeries);
      if (index >= 0) this.#series.splice(index, 1);
    } else if (body.appointments !== undefined) this.#series.push(body as unknown as KnownSeries);
  }

  #learnRule(change: RuleChange, { id, version }: Body): void {
    const { doctor, thing = `${change.kind} ${id}` } = change;
    if (change.closes !== undefined) this.#closed.set(thing, { ...change, thing });
    else this.#closed.delete(thing);
    if (change.kind === 'policy') {
      this.#policyVersions.set(doctor, Math.max(version!, this.policyVersion(doctor)));
    }
  }

  /** An older answer that comes later changes nothing. */
  #learnAppointment(body: Body): void {
    const told = body as unknown as Known & { starts_at: string; duration_minutes: number };
    const { id, doctor, patient, status, awaits, version } = told;
    if ((this.#known.get(id)?.version ?? 0) > version) return;
    if (['pending', 'confirmed', 'checked_in'].includes(status)) {
      this.#known.set(id, {
        id,
        doctor,
        patient,
        startsAt: Date.parse(told.starts_at),
        minutes: told.duration_minutes,
        status,
        awaits,
        version,
      });
    } else this.#known.delete(id);
  }
}
