import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Unanswered, type Answer } from '../support/client.js';
import { Clinic, type Member } from '../support/clinic.js';
import type { AppNode } from '../support/nodes.js';

/** An answer that said a write was done. */
export interface Acknowledged {
  appointment: string;
  version: number;
  /** When its request was sent and its answer had come, on the clock of `performance`. */
  sent: number;
  answered: number;
}

interface Slot {
  date: string;
  time: string;
}

interface Booked {
  id: string;
  doctor: Member;
  patient: Member;
  confirmed: boolean;
}

const DOCTORS = 6;
const PATIENTS = 24;
/** Requests that are under way at any time. */
const HANDS = 12;
/** So many future appointments are kept; beyond them more are cancelled than booked. */
const KEPT = 90;

/** A clinic in which people book, confirm and cancel without a pause, as long as it is open. */
export class BusyClinic {
  readonly acknowledged: Acknowledged[] = [];
  readonly client: Client;
  readonly #booked: Booked[] = [];
  readonly #slots = new Map<Member, Slot[]>();
  #doctors: Member[] = [];
  #patients: Member[] = [];
  #isOpen = true;
  #hands: Promise<void>[] = [];

  private constructor(node: AppNode) {
    this.client = new Client(node.url);
  }

  static async open(node: AppNode): Promise<BusyClinic> {
    const busy = new BusyClinic(node);
    const clinic = new Clinic(busy.client);
    busy.#doctors = await clinic.doctors(DOCTORS);
    busy.#patients = await clinic.patients(PATIENTS);
    for (const doctor of busy.#doctors) busy.#slots.set(doctor, await busy.#slotsOf(doctor));
    busy.#hands = Array.from({ length: HANDS }, () => busy.#keepBusy());
    return busy;
  }

  /** Somebody who can look at their appointments, also on another node. */
  get patient(): Member {
    return this.#patients[0]!;
  }

  /** Until so many more writes are acknowledged. */
  async work(writes: number): Promise<void> {
    const wanted = this.acknowledged.length + writes;
    while (this.acknowledged.length < wanted) await sleep(5);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await Promise.all(this.#hands);
    this.client.close();
  }

  async #slotsOf(doctor: Member): Promise<Slot[]> {
    const day = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
    const path = `/api/doctors/${doctor.id}/slots/?date_from=${day(3)}&date_to=${day(60)}`;
    const { body } = await this.client.get(path, await this.patient.token(this.client));
    return body.results as unknown as Slot[];
  }

  async #keepBusy(): Promise<void> {
    while (this.#isOpen) {
      const isFull = this.#booked.length > KEPT * Math.random() * 2;
      await (isFull ? this.#goOn() : this.#book());
    }
  }

  async #book(): Promise<void> {
    const [doctor, patient] = [oneOf(this.#doctors), oneOf(this.#patients)];
    const body = { doctor: doctor.id, ...oneOf(this.#slots.get(doctor)!) };
    const { date, time } = body;
    const answer = await this.#write('/api/appointments/', patient, { doctor: doctor.id, date, time });
    if (answer?.status === 201) this.#booked.push({ id: answer.body.id!, doctor, patient, confirmed: false });
  }

  /** Taken out meanwhile, so that each version is asked for once. */
  async #goOn(): Promise<void> {
    const [booked] = this.#booked.splice(Math.floor(Math.random() * this.#booked.length), 1);
    if (booked === undefined) return;
    const { id, doctor, patient, confirmed } = booked;
    if (!confirmed && Math.random() < 0.5) {
      const answer = await this.#write(`/api/appointments/${id}/confirm/`, doctor, {});
      if (answer?.status === 200) this.#booked.push({ ...booked, confirmed: true });
    } else {
      const who = Math.random() < 0.5 ? doctor : patient;
      await this.#write(`/api/appointments/${id}/cancel/`, who, { reason: 'the clinic is busy' });
    }
  }

  async #write(path: string, who: Member, body: object): Promise<Answer | undefined> {
    const token = await who.token(this.client);
    const sent = performance.now();
    try {
      const answer = await this.client.post(path, body, token);
      if (answer.status < 300) {
        const { id, version } = answer.body;
        this.acknowledged.push({
          appointment: id!,
          version: version!,
          sent,
          answered: performance.now(),
        });
      }
      return answer;
    } catch (error) {
      if (error instanceof Unanswered) return undefined;
      throw error;
    }
  }
}

function oneOf<T>(all: readonly T[]): T {
  return all[Math.floor(Math.random() * all.length)]!;
}
