import { Module } from '@nestjs/common';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { bind, wire } from '#libs/nest/wire.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Doctors, DoctorsModule } from '../doctors/index.js';
import { EndSessions, IdentityModule, Sessions, Users } from '../identity/index.js';
import { ChangeStanding, SchedulingModule } from '../scheduling/index.js';
import { AccountsController } from './adapters/accounts.controller.js';
import { TypeOrmAccounts } from './adapters/typeorm-accounts.js';
import { Accounts } from './ports.js';
import { EndSessionsOf } from './use-cases/end-sessions-of.js';
import { SetActive } from './use-cases/set-active.js';
import { SetApproval } from './use-cases/set-approval.js';

@Module({
  imports: [IdentityModule, DoctorsModule, SchedulingModule],
  controllers: [AccountsController],
  providers: [
    bind(Accounts, TypeOrmAccounts, TypeOrmTransactions),

    wire(SetActive, Transactions, Accounts, Users, Sessions, ChangeStanding, Clock, AuditTrail),
    wire(SetApproval, Transactions, Accounts, Doctors, ChangeStanding, Clock, AuditTrail),
    wire(EndSessionsOf, Accounts, EndSessions),
  ],
  exports: [Accounts, SetActive, SetApproval],
})
export class AdminModule {}
