import { Module } from '@nestjs/common';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { wire } from '#libs/nest/wire.js';
import { AuditModule, AuditRecords, ReadAccessLog } from '../audit/index.js';
import { Doctors, DoctorsModule } from '../doctors/index.js';
import {
  ConfirmPassword,
  DiscardedPhotos,
  IdentityModule,
  PasswordHasher,
  PasswordResets,
  RemovePhoto,
  Sessions,
  Users,
} from '../identity/index.js';
import { Patients, PatientsModule } from '../patients/index.js';
import { CloseAgenda, ExportSchedule, SchedulingModule } from '../scheduling/index.js';
import { PrivacyController } from './adapters/privacy.controller.js';
import { CloseAccount } from './use-cases/close-account.js';
import { ExportPersonalData } from './use-cases/export-personal-data.js';

@Module({
  imports: [AuditModule, IdentityModule, DoctorsModule, PatientsModule, SchedulingModule],
  controllers: [PrivacyController],
  providers: [
    wire(
      ExportPersonalData,
      Users,
      Sessions,
      Doctors,
      Patients,
      ExportSchedule,
      ReadAccessLog,
      AuditRecords,
      Clock,
    ),
    wire(
      CloseAccount,
      Transactions,
      ConfirmPassword,
      PasswordHasher,
      Users,
      Sessions,
      PasswordResets,
      DiscardedPhotos,
      RemovePhoto,
      CloseAgenda,
      Doctors,
      Patients,
      Clock,
      Ids,
      AuditTrail,
    ),
  ],
})
export class PrivacyModule {}
