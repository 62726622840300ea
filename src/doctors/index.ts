export { DoctorCardsOfUsers } from './adapters/doctor-cards-of-users.js';
export { DoctorProfilesOfUsers } from './adapters/doctor-profiles-of-users.js';
export { DoctorProfileResponse } from './adapters/doctors.dto.js';
export { ConflictResponse, ConflictsProperty, DryRunQuery } from './adapters/conflicts.dto.js';
export type { Conflict, ConflictReason } from './domain/conflict.js';
export type { Doctor, DoctorCard, DoctorStanding } from './domain/doctor.js';
export { DoctorAgendas, DoctorDirectory, Doctors } from './ports.js';
export { SaveDoctorProfile } from './use-cases/save-doctor-profile.js';
export { DoctorsModule } from './doctors.module.js';
