import { MemoryAgendas } from './memory-agendas.js';
import { MemoryAppointments } from './memory-appointments.js';
import { MemoryAuditTrail } from './memory-audit-trail.js';
import { MemoryDiscardedPhotos } from './memory-discarded-photos.js';
import { MemoryDoctorDirectory, MemoryDoctors } from './memory-doctors.js';
import { MemoryIdempotencyKeys } from './memory-idempotency-keys.js';
import { MemoryLeases } from './memory-leases.js';
import { MemoryPasswordResets } from './memory-password-resets.js';
import { MemoryPatientDirectory, MemoryPatients } from './memory-patients.js';
import { MemorySeriesRegister } from './memory-series-register.js';
import { MemoryAbsences, MemoryOverrides, MemorySlotPolicies } from './memory-rules.js';
import { MemorySessions } from './memory-sessions.js';
import { MemoryTransactions } from './memory-transactions.js';
import { MemoryTryBudgets } from './memory-try-budgets.js';
import { MemoryUsers } from './memory-users.js';

/** The persistence ports of all modules over one store in memory. */
export class MemoryPorts {
  readonly transactions = new MemoryTransactions();
  readonly users = new MemoryUsers(this.transactions);
  readonly sessions = new MemorySessions(this.transactions);
  readonly passwordResets = new MemoryPasswordResets(this.transactions);
  readonly discardedPhotos = new MemoryDiscardedPhotos(this.transactions);
  readonly doctors = new MemoryDoctors(this.transactions);
  readonly doctorDirectory = new MemoryDoctorDirectory(this.transactions);
  readonly patients = new MemoryPatients(this.transactions);
  readonly patientDirectory = new MemoryPatientDirectory(this.transactions);
  readonly appointments = new MemoryAppointments(this.transactions);
  readonly seriesRegister = new MemorySeriesRegister(this.transactions);
  readonly agendas = new MemoryAgendas();
  readonly policies = new MemorySlotPolicies(this.transactions);
  readonly overrides = new MemoryOverrides(this.transactions);
  readonly absences = new MemoryAbsences(this.transactions);
  readonly idempotencyKeys = new MemoryIdempotencyKeys(this.transactions);
  readonly leases = new MemoryLeases(this.transactions);
  readonly audit = new MemoryAuditTrail(this.transactions);
  readonly budgets = new MemoryTryBudgets(this.transactions);
}
