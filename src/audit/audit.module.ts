import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { bind, wire } from '#libs/nest/wire.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Config } from '../config.js';
import { IdentityModule, Users } from '../identity/index.js';
import { PatientDirectory, PatientsModule } from '../patients/index.js';
import { AccessLogController } from './adapters/access-log.controller.js';
import { AuditController } from './adapters/audit.controller.js';
import { CHECKPOINTS, FileCheckpoints } from './adapters/file-checkpoints.js';
import { TypeOrmAuditChain } from './adapters/typeorm-audit-chain.js';
import { TypeOrmAuditRecords } from './adapters/typeorm-audit-trail.js';
import { AuditChain, AuditRecords, AuditSeals, Checkpoints } from './ports.js';
import { ListAudit } from './use-cases/list-audit.js';
import { ReadAccessLog } from './use-cases/read-access-log.js';
import { SealAudit } from './use-cases/seal-audit.js';
import { VerifyAudit } from './use-cases/verify-audit.js';

/** What is done with the trail once it is there: sealed, verified, read. */
@Module({
  imports: [IdentityModule, PatientsModule],
  controllers: [AuditController, AccessLogController],
  providers: [
    bind(AuditRecords, TypeOrmAuditRecords, TypeOrmTransactions),
    bind(AuditChain, TypeOrmAuditChain, TypeOrmTransactions),
    {
      provide: Checkpoints,
      inject: [Config],
      useFactory: ({ dataDir }: Config) => new FileCheckpoints(join(dataDir, CHECKPOINTS)),
    },

    wire(ListAudit, Transactions, AuditRecords, AuditTrail),
    wire(ReadAccessLog, PatientDirectory, AuditRecords, Users),
    wire(SealAudit, Transactions, AuditChain, AuditSeals, Checkpoints, Clock),
    wire(VerifyAudit, AuditChain, AuditSeals, Users, Clock),
  ],
  exports: [AuditRecords, ReadAccessLog, SealAudit, VerifyAudit],
})
export class AuditModule {}
