import { beforeEach, expect, test } from 'vitest';
import { NotFound } from '#libs/kernel/errors.js';
import { DoctorProfilesOfUsers } from '../../src/doctors/adapters/doctor-profiles-of-users.js';
import { EmailTaken } from '../../src/identity/domain/errors.js';
import { ReadAccount } from '../../src/identity/use-cases/read-account.js';
import { UpdateAccount } from '../../src/identity/use-cases/update-account.js';
import { PatientProfilesOfUsers } from '../../src/patients/adapters/patient-profiles-of-users.js';
import { aDoctor, aPatient } from '../support/memory/people.js';
import { Accounts, ADA, NOW, PASSWORD } from './accounts.js';

let accounts: Accounts;
beforeEach(() => {
  accounts = new Accounts();
});

function readAccount(): ReadAccount {
  const { users, doctors, patients } = accounts;
  return new ReadAccount(users, new DoctorProfilesOfUsers(doctors), new PatientProfilesOfUsers(patients));
}

test('registering opens an active account that keeps what was written', async () => {
  const user = await accounts.register({ gender: null, role: 'doctor' });
  const { password: _, ...written } = ADA;
  const account = { ...written, role: 'doctor', active: true, createdAt: NOW, id: expect.any(String) };
  expect(user).toMatchObject(account);
  expect(await accounts.users.find(user.id)).toEqual(user);
});

test('the password itself is not kept', async () => {
  const user = await accounts.register();
  expect(Object.values(user)).not.toContain(PASSWORD);
  expect(await accounts.hasher.verify(user.passwordHash, PASSWORD)).toBe(true);
});

test('an email has one account, in upper and lower case', async () => {
  const first = await accounts.register({ email: 'ada@example.org' });
  await expect(accounts.register({ email: 'ADA@example.org', firstName: 'Eve' })).rejects.toBeInstanceOf(
    EmailTaken,
  );
  expect(await accounts.users.findByEmail('ada@example.org')).toEqual(first);
});

test('of two registrations of one email at once one opens an account', async () => {
  const settled = await Promise.allSettled([accounts.register(), accounts.register()]);
  expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(accounts.transactions.rows.users.size).toBe(1);
});

test('an owner changes name and gender, and nothing else changes', async () => {
  const user = await accounts.register();
  const updateAccount = new UpdateAccount(accounts.transactions, accounts.users, accounts.audit);
  await updateAccount.execute({ userId: user.id, change: { lastName: 'Hopper', gender: 'female' } });
  expect(await accounts.users.find(user.id)).toEqual({ ...user, lastName: 'Hopper', gender: 'female' });
  await updateAccount.execute({ userId: user.id, change: {} });
  expect(await accounts.users.find(user.id)).toEqual({ ...user, lastName: 'Hopper', gender: 'female' });
});

test('an account names the profile of its role once that is filled in', async () => {
  const doctor = await accounts.register({ email: 'd@example.org', role: 'doctor' });
  const patient = await accounts.register({ email: 'p@example.org', role: 'patient' });
  expect(await readAccount().execute(doctor.id)).toEqual({ user: doctor, doctor: null, patient: null });
  const [ofDoctor, ofPatient] = [aDoctor(doctor), aPatient(patient)];
  await accounts.transactions.run(async () => {
    await accounts.doctors.add(ofDoctor);
    await accounts.patients.add(ofPatient);
  });
  expect(await readAccount().execute(doctor.id)).toEqual({
    user: doctor,
    doctor: ofDoctor.id,
    patient: null,
  });
  expect(await readAccount().execute(patient.id)).toEqual({
    user: patient,
    doctor: null,
    patient: ofPatient.id,
  });
});

test('there is no account of nobody', async () => {
  await expect(readAccount().execute('nobody')).rejects.toBeInstanceOf(NotFound);
});
