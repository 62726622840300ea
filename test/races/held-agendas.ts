import type { TestingModuleBuilder } from '@nestjs/testing';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { TypeOrmAgendas } from '../../src/scheduling/adapters/typeorm-agendas.js';
import { Agendas } from '../../src/scheduling/ports.js';
import type { Hold } from './hold.js';

/** Waits before it locks, as long as the hold says. */
class HeldAgendas extends TypeOrmAgendas {
  constructor(
    transactions: TypeOrmTransactions,
    private readonly hold: Hold,
  ) {
    super(transactions);
  }

  override async lock(...asked: Parameters<Agendas['lock']>): Promise<void> {
    await this.hold.here();
    await super.lock(...asked);
  }
}

export function withHeldAgendas(hold: Hold): (builder: TestingModuleBuilder) => TestingModuleBuilder {
  return (builder) =>
    builder.overrideProvider(Agendas).useFactory({
      inject: [TypeOrmTransactions],
      factory: (transactions: TypeOrmTransactions) => new HeldAgendas(transactions, hold),
    });
}
