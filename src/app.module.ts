import { Global, Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { Clock } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';
import { StrictInput } from '#libs/nest/strict-input.js';
import { SystemClock, UuidIds } from '#libs/nest/system.js';
import { StrictValidation } from '#libs/nest/validation.js';
import { ProblemCatalogue } from '#libs/problems/catalogue.js';
import { ProblemFilter } from '#libs/problems/problem.filter.js';
import { ADMIN_PROBLEMS, AdminModule } from './admin/index.js';
import { AppController } from './app.controller.js';
import { AuditModule, AuditTrailModule } from './audit/index.js';
import { Config } from './config.js';
import { DatabaseModule } from './database/database.module.js';
import { DoctorCardsOfUsers, DoctorProfilesOfUsers, DoctorsModule } from './doctors/index.js';
import {
  DoctorCards,
  DoctorProfileIds,
  IDENTITY_PROBLEMS,
  IdentityModule,
  PatientCards,
  PatientProfileIds,
} from './identity/index.js';
import { JobsModule } from './jobs/index.js';
import { OPERATION_PROBLEMS, OperationModule } from './operation/index.js';
import { PatientCardsOfUsers, PatientProfilesOfUsers, PatientsModule } from './patients/index.js';
import { PrivacyModule } from './privacy/index.js';
import { SCHEDULING_PROBLEMS, SchedulingModule } from './scheduling/index.js';

export const problemCatalogue = new ProblemCatalogue([
  ...IDENTITY_PROBLEMS,
  ...SCHEDULING_PROBLEMS,
  ...ADMIN_PROBLEMS,
  ...OPERATION_PROBLEMS,
]);

/** What the lower modules ask of the higher ones; nothing else points upward. */
@Global()
@Module({
  imports: [DoctorsModule, PatientsModule, SchedulingModule],
  providers: [
    { provide: DoctorProfileIds, useExisting: DoctorProfilesOfUsers },
    { provide: PatientProfileIds, useExisting: PatientProfilesOfUsers },
    { provide: DoctorCards, useExisting: DoctorCardsOfUsers },
    { provide: PatientCards, useExisting: PatientCardsOfUsers },
  ],
  exports: [DoctorProfileIds, PatientProfileIds, DoctorCards, PatientCards, SchedulingModule],
})
class UpwardPorts {}

/** What every module may take for granted. */
@Global()
@Module({})
class Platform {
  static with(config: Config, time: Clock, ids: Ids): DynamicModule {
    return {
      module: Platform,
      providers: [
        { provide: Config, useValue: config },
        { provide: ProblemCatalogue, useValue: problemCatalogue },
        { provide: Clock, useValue: time },
        { provide: Ids, useValue: ids },
      ],
      exports: [Config, ProblemCatalogue, Clock, Ids],
    };
  }
}

@Module({})
export class AppModule {
  /** Time and ids are the system's, but for the demo clinic, whose past is filled in afterwards. */
  static with(config: Config, time: Clock = new SystemClock(), ids: Ids = new UuidIds()): DynamicModule {
    return {
      module: AppModule,
      imports: [
        Platform.with(config, time, ids),
        DatabaseModule,
        AuditTrailModule,
        IdentityModule,
        DoctorsModule,
        PatientsModule,
        SchedulingModule,
        AdminModule,
        AuditModule,
        PrivacyModule,
        JobsModule,
        OperationModule,
        UpwardPorts,
      ],
      controllers: [AppController],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: StrictValidation, useFactory: () => new StrictValidation() },
        { provide: APP_PIPE, useExisting: StrictValidation },
        { provide: APP_INTERCEPTOR, useClass: StrictInput },
      ],
    };
  }
}
