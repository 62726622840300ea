import { EntitySchema, LessThan } from 'typeorm';
import type { Instant } from '#libs/kernel/clock.js';
import { id, instant, integer, text } from '#libs/persistence/columns.js';
import { isLockTimeout } from '#libs/persistence/database-errors.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Fingerprints } from '../../identity/index.js';
import { RequestInFlight } from '../domain/errors.js';
import { IdempotencyKeys, type KeptAnswer, type KeyedRequest } from '../ports.js';

export interface IdempotencyKeyRow {
  user: string;
  key: string;
  fingerprint: string;
  takenAt: Instant;
  /** Both null only inside the unit of work that takes the key. */
  status: number | null;
  appointment: string | null;
}

export const idempotencyKeySchema = new EntitySchema<IdempotencyKeyRow>({
  name: 'IdempotencyKey',
  tableName: 'idempotency_keys',
  columns: {
    user: id({ name: 'user_id', primary: true }),
    key: text(255, { name: 'idempotency_key', primary: true }),
    fingerprint: text(64),
    takenAt: instant({ name: 'taken_at' }),
    status: integer({ nullable: true }),
    appointment: id({ name: 'appointment_id', nullable: true }),
  },
  indices: [{ name: 'idempotency_keys_taken_at', columns: ['takenAt'] }],
});

/** The key's row is inserted first: a twin waits at the primary key until the first unit has ended. */
export class TypeOrmIdempotencyKeys extends IdempotencyKeys {
  constructor(
    private readonly transactions: TypeOrmTransactions,
    private readonly fingerprints: Fingerprints,
  ) {
    super();
  }

  async take(
    { user, key, request }: KeyedRequest,
    now: Instant,
    since: Instant,
  ): Promise<KeptAnswer | undefined> {
    const { manager } = this.transactions;
    const fingerprint = this.fingerprints.of(request);
    const row = { user, key, fingerprint, takenAt: now, status: null, appointment: null };
    // Read before: a DELETE that names the time may go by its index, and on MySQL lock the oldest key, which is somebody else's.
    const known = await manager.findOneBy(idempotencyKeySchema, { user, key });
    try {
      if (known !== null && known.takenAt < since)
        await manager.delete(idempotencyKeySchema, { user, key, takenAt: known.takenAt });
      await manager.createQueryBuilder().insert().into(idempotencyKeySchema).values(row).orIgnore().execute();
    } catch (error) {
      throw isLockTimeout(error) ? new RequestInFlight() : error;
    }
    const { status, appointment, ...kept } = await manager.findOneByOrFail(idempotencyKeySchema, {
      user,
      key,
    });
    if (status === null || appointment === null) return undefined;
    return { status, appointment, isSameRequest: this.fingerprints.match(request, kept.fingerprint) };
  }

  async keep({ user, key }: KeyedRequest, answer: { status: number; appointment: string }): Promise<void> {
    await this.transactions.manager.update(idempotencyKeySchema, { user, key }, answer);
  }

  async forgetOf(user: string): Promise<void> {
    await this.transactions.manager.delete(idempotencyKeySchema, { user });
  }

  async forget(before: Instant, atMost: number): Promise<number> {
    const { manager } = this.transactions;
    const oldest = await manager.find(idempotencyKeySchema, {
      select: { user: true, key: true },
      where: { takenAt: LessThan(before) },
      order: { takenAt: 'ASC' },
      take: atMost,
    });
    // The instant again: a key may have been taken anew since it was found.
    const stale = oldest.map(({ user, key }) => ({ user, key, takenAt: LessThan(before) }));
    if (stale.length > 0) await manager.delete(idempotencyKeySchema, stale);
    return stale.length;
  }
}
