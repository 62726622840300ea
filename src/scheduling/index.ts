export { AbsenceResponse } from './adapters/absences.dto.js';
export { AppointmentResponse, HistoryLineResponse } from './adapters/appointments.dto.js';
export { OverrideResponse } from './adapters/overrides.dto.js';
export { SlotPolicyResponse } from './adapters/slot-policy.dto.js';
export type { Series } from './domain/series.js';
export { OpenAppointments, SCHEDULING_PROBLEMS } from './domain/errors.js';
export { AddAbsence } from './use-cases/add-absence.js';
export { BookAppointment } from './use-cases/book-appointment.js';
export { CancelAppointment } from './use-cases/cancel-appointment.js';
export { ChangeStanding } from './use-cases/change-standing.js';
export { CheckInAppointment } from './use-cases/check-in-appointment.js';
export { CloseAgenda } from './use-cases/close-agenda.js';
export { CompleteAppointment } from './use-cases/complete-appointment.js';
export { ConfirmAppointment } from './use-cases/confirm-appointment.js';
export { ExpireAppointments } from './use-cases/expire-appointments.js';
export {
  ExportSchedule,
  type ExportedAppointment,
  type ExportedSchedule,
} from './use-cases/export-schedule.js';
export { ForgetKeys } from './use-cases/forget-keys.js';
export { MissAppointment } from './use-cases/miss-appointment.js';
export { RescheduleAppointment } from './use-cases/reschedule-appointment.js';
export { ScheduleSeries } from './use-cases/schedule-series.js';
export { SetOverride } from './use-cases/set-override.js';
export { SetSlotPolicy, type SetSlotPolicyInput } from './use-cases/set-slot-policy.js';
export { SchedulingModule } from './scheduling.module.js';
