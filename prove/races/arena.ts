import type { Body } from '../support/client.js';
import type { Clinic, Member } from '../support/clinic.js';
import type { Client } from '../support/client.js';
import type { ProofDatabase } from '../support/databases.js';
import type { Random } from '../support/random.js';

const DOCTORS = 4;
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

/** Who races for what: a few people, few times of which the first are wanted most, and what is booked so far. */
export class Arena {
  readonly #known = new Map<string, Known>();
  readonly #members: ReadonlyMap<string, Member>;

  private constructor(
    readonly random: Random,
    readonly doctors: readonly Member[],
    readonly patients: readonly Member[],
    readonly admin: Member,
    readonly slots: readonly WallTime[],
  ) {
    this.#members = new Map([...doctors, ...patients].map((member) => [member.id, member]));
  }

  static async open(clinic: Clinic, node: Client, database: ProofDatabase, random: Random): Promise<Arena> {
    const doctors = await clinic.doctors(DOCTORS);
    const patients = await clinic.patients(PATIENTS);
    const admin = await clinic.admin(database);
    const path = `/api/doctors/${doctors[0]!.id}/slots/`;
    const { body } = await node.get(path, await patients[0]!.token(node));
    const dayAfter = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const slots = body
      .results!.map(({ date, time }) => ({ date, time }) as WallTime)
      // No slot runs into the notice while the race lasts.
      .filter(({ date }) => date > dayAfter);
    return new Arena(random, doctors, patients, admin, slots.slice(0, SLOTS));
  }

  member(id: string): Member {
    return this.#members.get(id)!;
  }

  /** Of those that match; those that have been there for the longest are wanted most, so that many act on one. */
  known(matches: (known: Known) => boolean = () => true): Known | undefined {
    const matching = [...this.#known.values()].filter(matches);
    return matching.length === 0 ? undefined : this.random.oftenFirst(matching);
  }

  /** What an answer told of an appointment; an older answer that comes later changes nothing. */
  learn(body: Body): void {
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
