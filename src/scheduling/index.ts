export { SCHEDULING_PROBLEMS } from './domain/errors.js';
export { BookAppointment } from './use-cases/book-appointment.js';
export { CancelAppointment } from './use-cases/cancel-appointment.js';
export { CompleteAppointment } from './use-cases/complete-appointment.js';
export { ConfirmAppointment } from './use-cases/confirm-appointment.js';
export { ForgetKeys } from './use-cases/forget-keys.js';
export { SchedulingModule } from './scheduling.module.js';
