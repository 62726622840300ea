import type { Transactions } from '#libs/kernel/transactions.js';
import { UuidIds } from '#libs/nest/system.js';
import type { Doctor } from '../../../src/doctors/domain/doctor.js';
import type { Doctors } from '../../../src/doctors/ports.js';
import type { Session } from '../../../src/identity/domain/session.js';
import type { User } from '../../../src/identity/domain/user.js';
import type { Users } from '../../../src/identity/ports.js';
import type { Patient } from '../../../src/patients/domain/patient.js';
import type { Patients } from '../../../src/patients/ports.js';

const ids = new UuidIds();
const LONG_AGO = Date.parse('2025-01-01T00:00:00Z');

export function aUser(change: Partial<User> = {}): User {
  const id = ids.next();
  return {
    id,
    email: `${id}@example.org`,
    passwordHash: 'no password has this hash',
    firstName: 'Ada',
    lastName: 'Newman',
    gender: null,
    photo: null,
    role: 'patient',
    active: true,
    createdAt: LONG_AGO,
    lastLoginAt: null,
    verifyBy: null,
    closedAt: null,
    ...change,
  };
}

export function aSession(user: Pick<User, 'id'>, change: Partial<Session> = {}): Session {
  return {
    id: ids.next(),
    userId: user.id,
    nonce: 'bm9uY2U',
    counter: 0,
    deviceName: null,
    network: null,
    openedAt: LONG_AGO,
    refreshedAt: LONG_AGO,
    endedAt: null,
    ...change,
  };
}

export function aDoctor(user: Pick<User, 'id'>, change: Partial<Doctor> = {}): Doctor {
  return {
    id: ids.next(),
    userId: user.id,
    specialty: 'Cardiology',
    phoneNumber: '+49 30 901820',
    experienceYears: 12,
    qualifications: null,
    hospitalAffiliation: null,
    timeZone: 'Europe/Berlin',
    createdAt: LONG_AGO,
    approvedAt: LONG_AGO,
    ...change,
  };
}

export function aPatient(user: Pick<User, 'id'>, change: Partial<Patient> = {}): Patient {
  return {
    id: ids.next(),
    userId: user.id,
    dateOfBirth: '1990-05-17',
    address: 'Turmstraße 21, 10559 Berlin',
    emergencyContactName: 'Noa Newman',
    emergencyContactPhone: '+49 30 901820',
    phoneNumber: null,
    medicalHistory: null,
    allergies: null,
    createdAt: LONG_AGO,
    ...change,
  };
}

interface Clinic {
  transactions: Transactions;
  users: Users;
  doctors: Doctors;
  patients: Patients;
}

/** A doctor and their account, stored. */
export async function admitDoctor(
  { transactions, users, doctors }: Pick<Clinic, 'transactions' | 'users' | 'doctors'>,
  profile: Partial<Doctor> = {},
  account: Partial<User> = {},
): Promise<Doctor> {
  const user = aUser({ role: 'doctor', ...account });
  const doctor = aDoctor(user, profile);
  await transactions.run(async () => {
    await users.add(user);
    await doctors.add(doctor);
  });
  return doctor;
}

/** A patient and their account, stored. */
export async function admitPatient(
  { transactions, users, patients }: Pick<Clinic, 'transactions' | 'users' | 'patients'>,
  profile: Partial<Patient> = {},
  account: Partial<User> = {},
): Promise<Patient> {
  const user = aUser({ role: 'patient', ...account });
  const patient = aPatient(user, profile);
  await transactions.run(async () => {
    await users.add(user);
    await patients.add(patient);
  });
  return patient;
}
