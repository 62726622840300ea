import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidRequest, NotFound } from '#libs/kernel/errors.js';
import { UuidIds } from '#libs/nest/system.js';
import { SavePatientProfile } from '../../src/patients/use-cases/save-patient-profile.js';
import {
  UpdatePatientProfile,
  type PatientProfileInput,
} from '../../src/patients/use-cases/update-patient-profile.js';
import { FixedClock } from '../support/app.js';
import { MemoryPorts } from '../support/memory/memory-ports.js';
import { admitPatient, aUser } from '../support/memory/people.js';

const NOW = Date.parse('2030-01-07T07:00:00Z');
const REQUIRED = {
  dateOfBirth: '1990-05-17',
  address: 'Turmstraße 21, 10559 Berlin',
  emergencyContactName: 'Noa',
  emergencyContactPhone: '+49 30 901820',
};
const WHOLE = { ...REQUIRED, phoneNumber: '+49 30 1', medicalHistory: 'Asthma', allergies: 'Penicillin' };

const user = aUser();
let store: MemoryPorts;
let saveProfile: SavePatientProfile;
let updateProfile: UpdatePatientProfile;

beforeEach(async () => {
  store = new MemoryPorts();
  const { transactions, patients, users, audit } = store;
  updateProfile = new UpdatePatientProfile(transactions, patients, users, audit);
  saveProfile = new SavePatientProfile(
    transactions,
    patients,
    users,
    updateProfile,
    new FixedClock(NOW),
    new UuidIds(),
    audit,
  );
  await transactions.run(() => users.add(user));
});

const save = (change: PatientProfileInput['change']) => saveProfile.execute({ userId: user.id, change });
const update = (change: PatientProfileInput['change']) => updateProfile.execute({ userId: user.id, change });
const stored = () => store.patients.findByUser(user.id);

describe('saving a profile for the first time', () => {
  test('fills it in with what is sent', async () => {
    const { patient, created } = await save(WHOLE);
    expect(created).toBe(true);
    expect(patient).toEqual({ ...WHOLE, id: expect.any(String), userId: user.id, createdAt: NOW });
    expect(await stored()).toEqual(patient);
  });

  test('leaves empty what may be', async () => {
    expect((await save(REQUIRED)).patient).toMatchObject({
      phoneNumber: null,
      medicalHistory: null,
      allergies: null,
    });
  });

  test.each<[PatientProfileInput['change'], string[]]>([
    [{}, ['/date_of_birth', '/address', '/emergency_contact_name', '/emergency_contact_phone']],
    [{ ...REQUIRED, address: undefined }, ['/address']],
    [
      { allergies: 'Penicillin', dateOfBirth: '1990-05-17', address: 'x' },
      ['/emergency_contact_name', '/emergency_contact_phone'],
    ],
  ])('names all that is missing at once: %o', async (change, pointers) => {
    const error = await save(change).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidRequest);
    expect((error as InvalidRequest).details.errors?.map(({ pointer }) => pointer)).toEqual(pointers);
    expect(await stored()).toBeUndefined();
  });
});

describe('saving a profile again', () => {
  test('changes what is sent, keeps the rest, and is no new one', async () => {
    const { patient: before } = await save(WHOLE);
    const { patient, created } = await save({ address: 'Elsewhere 1', allergies: null });
    expect(created).toBe(false);
    expect(patient).toEqual({ ...before, address: 'Elsewhere 1', allergies: null });
    expect(await stored()).toEqual(patient);
  });

  test('asks for nothing that is required of a new one', async () => {
    const { patient: before } = await save(WHOLE);
    expect((await save({})).patient).toEqual(before);
  });

  test('twice at the first time makes one profile', async () => {
    const both = await Promise.all([save(REQUIRED), save({ ...REQUIRED, address: 'Elsewhere 1' })]);
    expect(both.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(both.map(({ patient }) => patient.id)).size).toBe(1);
    expect(store.transactions.rows.patients.size).toBe(1);
  });
});

describe('updating a profile', () => {
  test('changes what is sent, and nobody else’s', async () => {
    const other = await admitPatient(store);
    const { patient: before } = await save(WHOLE);
    expect(await update({ phoneNumber: null, medicalHistory: 'None' })).toEqual({
      ...before,
      phoneNumber: null,
      medicalHistory: 'None',
    });
    expect(await store.patients.findByUser(other.userId)).toEqual(other);
  });

  test('that is not there is NotFound, and makes none', async () => {
    await expect(update(WHOLE)).rejects.toBeInstanceOf(NotFound);
    expect(await stored()).toBeUndefined();
  });
});
