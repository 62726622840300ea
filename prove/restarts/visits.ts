import type { Answer, Client } from '../support/client.js';
import type { Member } from '../support/clinic.js';
import type { ProofDatabase } from '../support/databases.js';
import { tally } from '../support/table.js';

/** Patients who book a visit, cancel it and book another, without end; and what they were told. */
export class Visits {
  /** What was acknowledged last of each appointment. */
  readonly #acknowledged = new Map<string, { status: string; version: number }>();
  readonly #failed: string[] = [];
  #answers = 0;
  #isGoingOn = true;
  #patients: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly client: Client,
    private readonly doctors: readonly Member[],
  ) {}

  get answers(): number {
    return this.#answers;
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  /** Requests that got no answer, or one of a server that failed. */
  get failed(): number {
    return this.#failed.length;
  }

  get failures(): string {
    return tally(this.#failed);
  }

  begin(patients: readonly Member[]): void {
    this.#patients = Promise.all(patients.map((patient) => this.#visit(patient)));
  }

  async end(): Promise<void> {
    this.#isGoingOn = false;
    await this.#patients;
  }

  /** What was acknowledged and is not so. */
  async lostIn(database: ProofDatabase): Promise<string[]> {
    const rows = await database.query<{ id: string; status: string; version: number }>(
      'SELECT id, status, version FROM appointments',
    );
    const kept = new Map(rows.map((row) => [row.id, row]));
    return [...this.#acknowledged].flatMap(([id, told]) => {
      const row = kept.get(id);
      if (row === undefined) return [`${id} is not there`];
      const isOlder =
        row.version < told.version || (row.version === told.version && row.status !== told.status);
      return isOlder
        ? [`${id} is ${row.status} ${row.version}, and was told ${told.status} ${told.version}`]
        : [];
    });
  }

  async #visit(patient: Member): Promise<void> {
    while (this.#isGoingOn) {
      const doctor = this.doctors[Math.floor(Math.random() * this.doctors.length)]!;
      const token = await patient.token(this.client);
      const free = await this.#ask(() => this.client.get(`/api/doctors/${doctor.id}/slots/`, token));
      const slots = free?.body.results ?? [];
      if (slots.length === 0) continue;
      const { date, time } = slots[Math.floor(Math.random() * slots.length)]!;
      const visit = { doctor: doctor.id, date, time };
      const booked = await this.#ask(() => this.client.post('/api/appointments/', visit, token));
      if (booked?.status !== 201) continue;
      await this.#ask(() => this.client.post(`/api/appointments/${booked.body.id}/cancel/`, {}, token));
    }
  }

  async #ask(request: () => Promise<Answer>): Promise<Answer | undefined> {
    try {
      const answer = await request();
      const { status, body } = answer;
      this.#answers++;
      if (status >= 500) this.#failed.push(`${status} ${body.code ?? ''}`.trim());
      const isChange = body.id !== undefined && typeof body['status'] === 'string';
      if (isChange && status < 300) {
        this.#acknowledged.set(body.id!, { status: body['status'] as string, version: body.version! });
      }
      return answer;
    } catch {
      this.#failed.push('unanswered');
      return undefined;
    }
  }
}
