import { Module } from '@nestjs/common';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { Ids } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { bind, wire } from '#libs/nest/wire.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Config } from '../config.js';
import { DoctorAgendas, DoctorDirectory, DoctorsModule } from '../doctors/index.js';
import { Fingerprints, IdentityModule } from '../identity/index.js';
import { CareRelationship, PatientDirectory, PatientsModule } from '../patients/index.js';
import { AbsencesController } from './adapters/absences.controller.js';
import { AppointmentsController } from './adapters/appointments.controller.js';
import { DirectoryPeople } from './adapters/directory-people.js';
import { SchedulingCareRelationship } from './adapters/scheduling-care-relationship.js';
import { SeriesController } from './adapters/series.controller.js';
import { OverridesController } from './adapters/overrides.controller.js';
import { SchedulingDoctorAgendas } from './adapters/scheduling-doctor-agendas.js';
import { SlotPolicyController } from './adapters/slot-policy.controller.js';
import { SlotsController } from './adapters/slots.controller.js';
import { TypeOrmAbsences } from './adapters/typeorm-absences.js';
import { TypeOrmAgendas } from './adapters/typeorm-agendas.js';
import { TypeOrmAppointments } from './adapters/typeorm-appointments.js';
import { TypeOrmIdempotencyKeys } from './adapters/typeorm-idempotency-keys.js';
import { TypeOrmSeriesRegister } from './adapters/typeorm-series-register.js';
import { TypeOrmOverrides } from './adapters/typeorm-overrides.js';
import { TypeOrmSlotPolicies } from './adapters/typeorm-slot-policies.js';
import { CareAccess } from './domain/care.js';
import {
  Absences,
  Agendas,
  Appointments,
  IdempotencyKeys,
  Overrides,
  People,
  SeriesRegister,
  SlotPolicies,
} from './ports.js';
import { ActOnAppointment } from './use-cases/act-on-appointment.js';
import { AddAbsence } from './use-cases/add-absence.js';
import { AppointmentViews } from './use-cases/appointment-views.js';
import { BookAppointment } from './use-cases/book-appointment.js';
import { CancelAppointment } from './use-cases/cancel-appointment.js';
import { CancelSeries } from './use-cases/cancel-series.js';
import { ChangeRules } from './use-cases/change-rules.js';
import { ChangeStanding } from './use-cases/change-standing.js';
import { CheckInAppointment } from './use-cases/check-in-appointment.js';
import { CloseAgenda } from './use-cases/close-agenda.js';
import { CompleteAppointment } from './use-cases/complete-appointment.js';
import { ConfirmAppointment } from './use-cases/confirm-appointment.js';
import { ExpireAppointments } from './use-cases/expire-appointments.js';
import { ExplainSlot } from './use-cases/explain-slot.js';
import { ExportSchedule } from './use-cases/export-schedule.js';
import { FindConflicts } from './use-cases/find-conflicts.js';
import { ForgetKeys } from './use-cases/forget-keys.js';
import { ListAppointments } from './use-cases/list-appointments.js';
import { ListFirstFreeSlots } from './use-cases/list-first-free-slots.js';
import { ListFreeSlots } from './use-cases/list-free-slots.js';
import { MissAppointment } from './use-cases/miss-appointment.js';
import { OncePerKey } from './use-cases/once-per-key.js';
import { OwnRules } from './use-cases/own-rules.js';
import { PreviewSeries } from './use-cases/preview-series.js';
import { ReadAppointment } from './use-cases/read-appointment.js';
import { ReadRules } from './use-cases/read-rules.js';
import { ReadSeries } from './use-cases/read-series.js';
import { RemoveAbsence } from './use-cases/remove-absence.js';
import { RemoveOverride } from './use-cases/remove-override.js';
import { RescheduleAppointment } from './use-cases/reschedule-appointment.js';
import { ScheduleSeries } from './use-cases/schedule-series.js';
import { SeriesRequests } from './use-cases/series-requests.js';
import { SeriesViews } from './use-cases/series-views.js';
import { SetOverride } from './use-cases/set-override.js';
import { SetSlotPolicy } from './use-cases/set-slot-policy.js';
import { SlotRequests } from './use-cases/slot-requests.js';

@Module({
  imports: [IdentityModule, DoctorsModule, PatientsModule],
  controllers: [
    AppointmentsController,
    SeriesController,
    SlotsController,
    SlotPolicyController,
    AbsencesController,
    OverridesController,
  ],
  providers: [
    bind(Appointments, TypeOrmAppointments, TypeOrmTransactions),
    bind(Agendas, TypeOrmAgendas, TypeOrmTransactions),
    bind(SeriesRegister, TypeOrmSeriesRegister, TypeOrmTransactions),
    bind(IdempotencyKeys, TypeOrmIdempotencyKeys, TypeOrmTransactions, Fingerprints),
    bind(SlotPolicies, TypeOrmSlotPolicies, TypeOrmTransactions),
    bind(Overrides, TypeOrmOverrides, TypeOrmTransactions),
    bind(Absences, TypeOrmAbsences, TypeOrmTransactions),
    bind(People, DirectoryPeople, DoctorDirectory, PatientDirectory),
    bind(CareRelationship, SchedulingCareRelationship, Appointments, People, CareAccess, Clock),
    bind(DoctorAgendas, SchedulingDoctorAgendas, Agendas, FindConflicts, Clock),
    {
      provide: CareAccess,
      inject: [Config],
      useFactory: (config: Config) => new CareAccess(config.careAccessDays),
    },

    wire(AppointmentViews, Appointments, People, SlotPolicies, CareAccess, Clock),
    wire(SlotRequests, Appointments, SlotPolicies, People, CareAccess, Clock),
    wire(
      BookAppointment,
      OncePerKey,
      Agendas,
      Appointments,
      SlotRequests,
      People,
      AppointmentViews,
      Clock,
      Ids,
      AuditTrail,
    ),
    wire(OncePerKey, Transactions, IdempotencyKeys, Appointments, Clock),
    wire(ForgetKeys, Transactions, IdempotencyKeys, Clock),
    wire(
      ActOnAppointment,
      OncePerKey,
      Agendas,
      Appointments,
      SlotPolicies,
      People,
      AppointmentViews,
      Clock,
      AuditTrail,
    ),
    wire(ConfirmAppointment, ActOnAppointment),
    wire(CancelAppointment, ActOnAppointment),
    wire(RescheduleAppointment, ActOnAppointment, Appointments, SlotRequests),
    wire(CheckInAppointment, ActOnAppointment),
    wire(CompleteAppointment, ActOnAppointment),
    wire(MissAppointment, ActOnAppointment),
    wire(
      CloseAgenda,
      Transactions,
      Agendas,
      Appointments,
      SlotPolicies,
      Absences,
      IdempotencyKeys,
      People,
      Clock,
      AuditTrail,
    ),
    wire(
      ExportSchedule,
      Appointments,
      SlotPolicies,
      Absences,
      Overrides,
      SeriesRegister,
      People,
      AppointmentViews,
      Clock,
    ),
    wire(ExpireAppointments, Transactions, Agendas, Appointments, Clock, AuditTrail),
    wire(ListAppointments, Appointments, AppointmentViews, Clock),
    wire(ReadAppointment, Appointments, AppointmentViews),
    wire(SeriesViews, SeriesRegister, Appointments, AppointmentViews),
    wire(SeriesRequests, SlotRequests, People, AppointmentViews),
    wire(PreviewSeries, SeriesRequests, Clock),
    wire(
      ScheduleSeries,
      OncePerKey,
      Agendas,
      Appointments,
      SeriesRegister,
      SeriesRequests,
      SlotRequests,
      SeriesViews,
      Clock,
      Ids,
      AuditTrail,
    ),
    wire(ReadSeries, AppointmentViews, SeriesViews),
    wire(
      CancelSeries,
      OncePerKey,
      Agendas,
      Appointments,
      SlotPolicies,
      AppointmentViews,
      SeriesViews,
      Clock,
      AuditTrail,
    ),
    wire(ListFreeSlots, Appointments, SlotPolicies, People, CareAccess, Clock),
    wire(ListFirstFreeSlots, Appointments, SlotPolicies, People, CareAccess, Clock),
    wire(ExplainSlot, Appointments, SlotPolicies, People, OwnRules, CareAccess, Clock),

    wire(OwnRules, People),
    wire(FindConflicts, Appointments, SlotPolicies, Absences, People, AppointmentViews),
    wire(ChangeStanding, Transactions, Agendas, People, FindConflicts, Clock),
    wire(ChangeRules, Transactions, Agendas, OwnRules, FindConflicts, Clock, AuditTrail),
    wire(ReadRules, OwnRules, SlotPolicies, Overrides, Absences, FindConflicts, Clock),
    wire(SetSlotPolicy, ChangeRules, SlotPolicies),
    wire(SetOverride, ChangeRules, Overrides),
    wire(RemoveOverride, ChangeRules, Overrides),
    wire(AddAbsence, ChangeRules, Absences, Ids),
    wire(RemoveAbsence, ChangeRules, Absences),
  ],
  exports: [
    CareRelationship,
    DoctorAgendas,
    Appointments,
    Agendas,
    SlotPolicies,
    People,
    CareAccess,
    ChangeStanding,
    CloseAgenda,
    ExportSchedule,
    ExpireAppointments,
    ForgetKeys,
  ],
})
export class SchedulingModule {}
