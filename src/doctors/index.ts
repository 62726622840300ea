export { DoctorProfilesOfUsers } from './adapters/doctor-profiles-of-users.js';
export type { Doctor, DoctorCard } from './domain/doctor.js';
export { DoctorDirectory } from './ports.js';
export { SaveDoctorProfile } from './use-cases/save-doctor-profile.js';
export { DoctorsModule } from './doctors.module.js';
