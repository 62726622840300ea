import { Global, Inject, Logger, Module, type OnModuleInit } from '@nestjs/common';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { bind } from '#libs/nest/wire.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Config } from '../config.js';
import { HmacAuditSeals } from './adapters/hmac-audit-seals.js';
import { refusesChanges, TypeOrmAuditTrail } from './adapters/typeorm-audit-trail.js';
import { AuditSeals } from './ports.js';

const LOG = new Logger('Audit');

/** What every module records with. It knows no other, so that all may use it. */
@Global()
@Module({
  providers: [
    {
      provide: AuditSeals,
      inject: [Config],
      useFactory: (config: Config) => HmacAuditSeals.load(config),
    },
    bind(AuditTrail, TypeOrmAuditTrail, TypeOrmTransactions, AuditSeals, Clock),
  ],
  exports: [AuditTrail, AuditSeals],
})
export class AuditTrailModule implements OnModuleInit {
  constructor(
    @Inject(TypeOrmTransactions) private readonly transactions: TypeOrmTransactions,
    @Inject(Config) private readonly config: Config,
  ) {}

  async onModuleInit(): Promise<void> {
    const { auditKey, jwtSecret } = this.config;
    if (auditKey !== undefined && auditKey === jwtSecret)
      LOG.warn('AUDIT_KEY is JWT_SECRET: who gets at one has both. In production this is refused.');
    if (await refusesChanges(this.transactions)) return;
    LOG.warn(
      'The database lets its users change the audit trail: it has no triggers. verify-audit finds such changes; docs/operations.md says how to make them.',
    );
  }
}
