import { Module } from '@nestjs/common';
import { HOUR, MINUTE, SECOND } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { bind, wire } from '#libs/nest/wire.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { AuditModule, SealAudit } from '../audit/index.js';
import {
  ForgetSessions,
  ForgetTries,
  IdentityModule,
  MailPasswordResets,
  RemoveDiscardedPhotos,
} from '../identity/index.js';
import { ExpireAppointments, ForgetKeys, SchedulingModule } from '../scheduling/index.js';
import { JobLoop } from './adapters/job-loop.js';
import { TypeOrmLeases } from './adapters/typeorm-leases.js';
import type { Job } from './domain/job.js';
import { Leases } from './ports.js';
import { RunJob } from './use-cases/run-job.js';

/** All jobs. What a job does is a use case of the module whose rule it is. */
class Jobs {
  readonly all: readonly Job[];

  constructor(
    expireAppointments: ExpireAppointments,
    forgetKeys: ForgetKeys,
    forgetSessions: ForgetSessions,
    mailPasswordResets: MailPasswordResets,
    forgetTries: ForgetTries,
    sealAudit: SealAudit,
    removeDiscardedPhotos: RemoveDiscardedPhotos,
  ) {
    this.all = [
      { name: 'expire-appointments', pause: MINUTE, step: () => expireAppointments.execute() },
      { name: 'forget-keys', pause: HOUR, step: () => forgetKeys.execute() },
      { name: 'forget-sessions', pause: HOUR, step: () => forgetSessions.execute() },
      { name: 'mail-password-resets', pause: 10 * SECOND, step: () => mailPasswordResets.execute() },
      { name: 'forget-tries', pause: HOUR / 4, step: () => forgetTries.execute() },
      { name: 'seal-audit', pause: 5 * SECOND, step: () => sealAudit.execute() },
      { name: 'remove-discarded-photos', pause: HOUR / 4, step: () => removeDiscardedPhotos.execute() },
    ];
  }
}

@Module({
  imports: [AuditModule, IdentityModule, SchedulingModule],
  providers: [
    wire(
      Jobs,
      ExpireAppointments,
      ForgetKeys,
      ForgetSessions,
      MailPasswordResets,
      ForgetTries,
      SealAudit,
      RemoveDiscardedPhotos,
    ),
    bind(Leases, TypeOrmLeases, TypeOrmTransactions),
    wire(RunJob, Transactions, Leases),
    {
      provide: JobLoop,
      inject: [Jobs, RunJob, Ids],
      // A process is a holder of its own: after a crash it waits for its earlier leases like any other node.
      useFactory: (jobs: Jobs, runJob: RunJob, ids: Ids) => new JobLoop(jobs.all, runJob, ids.next()),
    },
  ],
  exports: [JobLoop],
})
export class JobsModule {}
