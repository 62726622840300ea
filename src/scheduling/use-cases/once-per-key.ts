import { Clock, HOUR } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import type { Appointment } from '../domain/appointment.js';
import { KeyReused } from '../domain/errors.js';
import { Appointments, IdempotencyKeys, type KeyedRequest } from '../ports.js';

/** After that a key is free again. */
export const KEPT_FOR = 48 * HOUR;

/** The appointment that a request is about, and whether an earlier request of its key had the effect. */
export interface Outcome {
  appointment: Appointment;
  status: number;
  replayed: boolean;
}

/**
 * A unit of work that takes effect once for each key of a user. The key is kept in the same unit as the effect, so that
 * neither is ever there without the other; a refusal keeps nothing, and its key stays free.
 */
export class OncePerKey {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: IdempotencyKeys,
    private readonly appointments: Appointments,
    private readonly clock: Clock,
  ) {}

  /** Throws KeyReused for another request under the same key, RequestInFlight when a twin runs for too long. */
  async run(
    request: KeyedRequest | undefined,
    status: number,
    work: () => Promise<Appointment>,
  ): Promise<Outcome> {
    return this.transactions.run(async () => {
      if (request === undefined) return { appointment: await work(), status, replayed: false };
      const now = this.clock.now();
      const kept = await this.keys.take(request, now, now - KEPT_FOR);
      if (kept === undefined) {
        const appointment = await work();
        await this.keys.keep(request, { status, appointment: appointment.id });
        return { appointment, status, replayed: false };
      }
      if (!kept.isSameRequest) throw new KeyReused();
      const appointment = await this.appointments.find(kept.appointment);
      return { appointment: appointment!, status: kept.status, replayed: true };
    });
  }
}
