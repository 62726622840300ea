import type { Answer } from '../support/client.js';
import type { ProofDatabase } from '../support/databases.js';

interface Promised {
  version: number;
  status: string;
}

interface Row extends Promised {
  id: string;
}

/** What clients were told of appointments: none of it may be forgotten. */
export class Ledger {
  readonly #promised = new Map<string, Promised>();
  #answers = 0;
  #booked = 0;

  /** Successes that were answered. */
  get answers(): number {
    return this.#answers;
  }

  /** Appointments that were made, each by one request, however often it was sent. */
  get booked(): number {
    return this.#booked;
  }

  enter({ status, body: { id, version, ...body } }: Answer): void {
    this.#answers++;
    if (status === 201) this.#booked++;
    // Of two answers that cross on their way the later version counts.
    if (version! > (this.#promised.get(id!)?.version ?? 0))
      this.#promised.set(id!, { version: version!, status: String(body['status']) });
  }

  /** What was promised before the question and is not there. */
  async lostIn(database: ProofDatabase): Promise<string[]> {
    const promised = [...this.#promised].map(([id, promise]) => ({ id, ...promise }));
    const rows = await database.query<Row>('SELECT id, version, status FROM appointments');
    const kept = new Map(rows.map((row) => [row.id, row]));
    return promised.filter((promise) => !isKept(promise, kept.get(promise.id))).map(({ id }) => id);
  }
}

function isKept({ version, status }: Promised, row: Row | undefined): boolean {
  return row !== undefined && (row.version > version || (row.version === version && row.status === status));
}
