import { Module } from '@nestjs/common';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { bind, wire } from '#libs/nest/wire.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Config } from '../config.js';
import { IdentityModule, Users } from '../identity/index.js';
import { DoctorCardsOfUsers } from './adapters/doctor-cards-of-users.js';
import { DoctorProfileController } from './adapters/doctor-profile.controller.js';
import { DoctorProfilesOfUsers } from './adapters/doctor-profiles-of-users.js';
import { DoctorsController } from './adapters/doctors.controller.js';
import { TypeOrmDoctorDirectory, TypeOrmDoctors } from './adapters/typeorm-doctors.js';
import { Approval } from './domain/approval.js';
import { DefaultTimeZone } from './domain/default-time-zone.js';
import { DoctorAgendas, DoctorDirectory, Doctors } from './ports.js';
import { SaveDoctorProfile } from './use-cases/save-doctor-profile.js';
import { UpdateDoctorProfile } from './use-cases/update-doctor-profile.js';

@Module({
  imports: [IdentityModule],
  controllers: [DoctorProfileController, DoctorsController],
  providers: [
    bind(Doctors, TypeOrmDoctors, TypeOrmTransactions),
    bind(DoctorDirectory, TypeOrmDoctorDirectory, TypeOrmTransactions),
    wire(DoctorProfilesOfUsers, Doctors),
    wire(DoctorCardsOfUsers, DoctorDirectory),
    {
      provide: DefaultTimeZone,
      inject: [Config],
      useFactory: (config: Config) => new DefaultTimeZone(config.defaultTimeZone),
    },
    {
      provide: Approval,
      inject: [Config],
      useFactory: (config: Config) => new Approval(config.doctorApproval === 'automatic'),
    },

    wire(
      SaveDoctorProfile,
      Transactions,
      Doctors,
      Users,
      UpdateDoctorProfile,
      DefaultTimeZone,
      Approval,
      Clock,
      Ids,
      AuditTrail,
    ),
    wire(UpdateDoctorProfile, Transactions, Doctors, Users, DoctorAgendas, DefaultTimeZone, AuditTrail),
  ],
  exports: [Doctors, DoctorDirectory, DoctorProfilesOfUsers, DoctorCardsOfUsers, SaveDoctorProfile],
})
export class DoctorsModule {}
