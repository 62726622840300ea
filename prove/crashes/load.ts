import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Unanswered, type Answer, type Client } from '../support/client.js';
import type { Member } from '../support/clinic.js';
import type { Ledger } from './ledger.js';

const CLIENTS = 12;
const PAUSE = 25;
/** Of the client, after a minute. */
const NO_ANSWER = 'no answer in time';

const DAY = 86_400_000;
const NINE = 9 * 60;
const HALF_HOURS = 16;
/** More than these are kept open only by chance. */
const OPEN = 200;

interface Wish {
  by: Member;
  path: string;
  body: object;
}

interface Open {
  id: string;
  doctor: Member;
  patient: Member;
}

/**
 * Patients who book and cancel and doctors who confirm, without a pause. A request that is not answered, or refused
 * because the server cannot serve, is sent again under its key until it is answered, as a careful client does.
 */
export class Load {
  readonly #open: Open[] = [];
  readonly #clients: Promise<void>[];
  #ends = false;
  /** Answers that nothing excuses. */
  readonly faults: string[] = [];

  constructor(
    private readonly client: Client,
    private readonly doctors: readonly Member[],
    private readonly patients: readonly Member[],
    private readonly ledger: Ledger,
  ) {
    this.#clients = Array.from({ length: CLIENTS }, () => this.#goOn());
  }

  /** When the last request is answered. */
  async end(): Promise<void> {
    this.#ends = true;
    await Promise.all(this.#clients);
  }

  async #goOn(): Promise<void> {
    while (!this.#ends) {
      const chosen = Math.random() < 0.5 ? this.#takeOpen() : undefined;
      if (chosen === undefined) await this.#book();
      else if (Math.random() < 0.5 || this.#open.length > OPEN)
        await this.#act(chosen.patient, 'cancel', chosen);
      else {
        await this.#act(chosen.doctor, 'confirm', chosen);
        this.#open.push(chosen);
      }
    }
  }

  #takeOpen(): Open | undefined {
    return this.#open.splice(Math.floor(Math.random() * this.#open.length), 1)[0];
  }

  async #book(): Promise<void> {
    const [doctor, patient] = [oneOf(this.doctors), oneOf(this.patients)];
    const body = { doctor: doctor.id, ...someTime() };
    const answer = await this.#untilAnswered({ by: patient, path: '/api/appointments/', body });
    if (answer?.status === 201) this.#open.push({ id: answer.body.id!, doctor, patient });
  }

  async #act(by: Member, action: string, { id }: Open): Promise<void> {
    await this.#untilAnswered({ by, path: `/api/appointments/${id}/${action}/`, body: {} });
  }

  async #untilAnswered({ by, path, body }: Wish): Promise<Answer | undefined> {
    const headers = { 'idempotency-key': randomUUID() };
    for (;;) {
      try {
        const token = await by.token(this.client);
        const answer = await this.client.send({ path, body, token, headers });
        if (answer.status < 300) this.ledger.enter(answer);
        else if (![409, 422, 503].includes(answer.status)) this.faults.push(told(path, answer));
        if (answer.status !== 503 && answer.body.code !== 'request-in-flight') return answer;
      } catch (error) {
        if (isHung(error)) {
          this.faults.push(`${path}: ${error.message}`);
          return undefined;
        }
        if (!(error instanceof Unanswered || /cannot log in: 503/.test(String(error)))) throw error;
      }
      await sleep(PAUSE);
    }
  }
}

/** A server that is gone breaks the connection; one that keeps it and says nothing has forgotten the request. */
function isHung(error: unknown): error is Unanswered {
  return error instanceof Unanswered && error.message === NO_ANSWER;
}

function told(path: string, { status, body }: Answer): string {
  return `${path.split('/').at(-2)}: ${status} ${body.code} ${body.detail}`;
}

function oneOf<T>(many: readonly T[]): T {
  return many[Math.floor(Math.random() * many.length)]!;
}

/** On a working day of the next weeks, within the hours that every doctor has unless told. */
function someTime(): { date: string; time: string } {
  const day = new Date(Date.now() + (2 + Math.floor(Math.random() * 60)) * DAY);
  if (day.getUTCDay() % 6 === 0) return someTime();
  const minutes = NINE + 30 * Math.floor(Math.random() * HALF_HOURS);
  const time = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return { date: day.toISOString().slice(0, 10), time };
}
