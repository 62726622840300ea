import { Module } from '@nestjs/common';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { bind, wire } from '#libs/nest/wire.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { IdentityModule, RegisterUser, Users } from '../identity/index.js';
import { AdminPatientsController } from './adapters/admin-patients.controller.js';
import { PatientCardsOfUsers } from './adapters/patient-cards-of-users.js';
import { PatientProfileController } from './adapters/patient-profile.controller.js';
import { PatientProfilesOfUsers } from './adapters/patient-profiles-of-users.js';
import { PatientsController } from './adapters/patients.controller.js';
import { TypeOrmPatientDirectory, TypeOrmPatients } from './adapters/typeorm-patients.js';
import { CareRelationship, PatientDirectory, Patients } from './ports.js';
import { AdmitPatient } from './use-cases/admit-patient.js';
import { CardAccess } from './use-cases/card-access.js';
import { ListPatients } from './use-cases/list-patients.js';
import { ReadPatientCard } from './use-cases/read-patient-card.js';
import { SavePatientProfile } from './use-cases/save-patient-profile.js';
import { UpdatePatientProfile } from './use-cases/update-patient-profile.js';

@Module({
  imports: [IdentityModule],
  controllers: [PatientProfileController, PatientsController, AdminPatientsController],
  providers: [
    bind(Patients, TypeOrmPatients, TypeOrmTransactions),
    bind(PatientDirectory, TypeOrmPatientDirectory, TypeOrmTransactions),
    wire(PatientProfilesOfUsers, Patients),
    wire(PatientCardsOfUsers, PatientDirectory, CardAccess),

    wire(SavePatientProfile, Transactions, Patients, Users, UpdatePatientProfile, Clock, Ids, AuditTrail),
    wire(UpdatePatientProfile, Transactions, Patients, Users, AuditTrail),
    wire(AdmitPatient, Transactions, RegisterUser, Users, Patients, SavePatientProfile, AuditTrail),
    wire(CardAccess, CareRelationship),
    wire(ReadPatientCard, Transactions, PatientDirectory, CardAccess, AuditTrail),
    wire(ListPatients, PatientDirectory, CareRelationship),
  ],
  exports: [Patients, PatientDirectory, PatientProfilesOfUsers, PatientCardsOfUsers, SavePatientProfile],
})
export class PatientsModule {}
