import { EntitySchema, IsNull, LessThan, LessThanOrEqual, MoreThan } from 'typeorm';
import { id, instant, text } from '#libs/persistence/columns.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import type { PasswordReset } from '../domain/password-reset.js';
import { PasswordResets } from '../ports.js';

export type PasswordResetRow = PasswordReset;

export const passwordResetSchema = new EntitySchema<PasswordResetRow>({
  name: 'PasswordReset',
  tableName: 'password_resets',
  columns: {
    emailKey: text(254, { name: 'email_key', primary: true }),
    requestedAt: instant({ name: 'requested_at' }),
    triedAt: instant({ name: 'tried_at' }),
    settledAt: instant({ name: 'settled_at', nullable: true }),
    userId: id({ name: 'user_id', nullable: true }),
    tokenHash: text(43, { name: 'token_hash', nullable: true }),
  },
  indices: [{ name: 'password_resets_token', columns: ['tokenHash'], unique: true }],
});

const NEW = { triedAt: 0, settledAt: null, userId: null, tokenHash: null };

export class TypeOrmPasswordResets extends PasswordResets {
  constructor(private readonly transactions: TypeOrmTransactions) {
    super();
  }

  async request(emailKey: string, at: number, pause: number): Promise<boolean> {
    const { manager } = this.transactions;
    const request = { emailKey, requestedAt: at, ...NEW };
    const older = { emailKey, requestedAt: LessThan(at - pause) };
    const { affected } = await manager.update(passwordResetSchema, older, request);
    if (affected === 1) return true;
    await manager
      .createQueryBuilder()
      .insert()
      .into(passwordResetSchema)
      .values(request)
      .orIgnore()
      .execute();
    return manager.existsBy(passwordResetSchema, { emailKey, requestedAt: at });
  }

  due(since: number, limit: number): Promise<PasswordReset[]> {
    return this.transactions.manager.find(passwordResetSchema, {
      where: { settledAt: IsNull(), triedAt: LessThan(since) },
      order: { triedAt: 'ASC', requestedAt: 'ASC' },
      take: limit,
    });
  }

  async arm(
    reset: PasswordReset,
    { userId, tokenHash, at }: { userId: string; tokenHash: string; at: number },
  ): Promise<boolean> {
    return this.#change(reset, { userId, tokenHash, triedAt: at });
  }

  async settle(reset: PasswordReset, at: number): Promise<void> {
    await this.#change(reset, { settledAt: at });
  }

  async find(tokenHash: string): Promise<PasswordReset | undefined> {
    return (await this.transactions.manager.findOneBy(passwordResetSchema, { tokenHash })) ?? undefined;
  }

  async consume(tokenHash: string, since: number): Promise<boolean> {
    const { affected } = await this.transactions.manager.update(
      passwordResetSchema,
      { tokenHash, requestedAt: MoreThan(since) },
      { tokenHash: null },
    );
    return affected === 1;
  }

  async withdraw(emailKey: string, at: number): Promise<void> {
    const withdrawn = { userId: null, tokenHash: null, settledAt: at };
    await this.transactions.manager.update(passwordResetSchema, { emailKey }, withdrawn);
  }

  async dismiss(emailKey: string, at: number, pause: number): Promise<void> {
    await this.withdraw(emailKey, at);
    const { manager } = this.transactions;
    await manager.delete(passwordResetSchema, { emailKey, triedAt: 0 });
    await manager.delete(passwordResetSchema, { emailKey, requestedAt: LessThan(at - pause) });
  }

  async forget(before: number): Promise<void> {
    await this.transactions.manager.delete(passwordResetSchema, { requestedAt: LessThanOrEqual(before) });
  }

  async #change(
    { emailKey, requestedAt }: PasswordReset,
    change: Partial<PasswordResetRow>,
  ): Promise<boolean> {
    const { affected } = await this.transactions.manager.update(
      passwordResetSchema,
      { emailKey, requestedAt, settledAt: IsNull() },
      change,
    );
    return affected === 1;
  }
}
