export { PatientProfileResponse } from './adapters/patients.dto.js';
export { PatientCardsOfUsers } from './adapters/patient-cards-of-users.js';
export { PatientProfilesOfUsers } from './adapters/patient-profiles-of-users.js';
export type { Patient, PatientCard, PatientName } from './domain/patient.js';
export { CareRelationship, PatientDirectory, Patients } from './ports.js';
export { SavePatientProfile } from './use-cases/save-patient-profile.js';
export { PatientsModule } from './patients.module.js';
