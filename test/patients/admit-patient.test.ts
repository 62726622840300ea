import { beforeEach, describe, expect, test } from 'vitest';
import { UuidIds } from '#libs/nest/system.js';
import { EmailTaken } from '../../src/identity/index.js';
import { AdmitPatient, type AdmitPatientInput } from '../../src/patients/use-cases/admit-patient.js';
import { SavePatientProfile } from '../../src/patients/use-cases/save-patient-profile.js';
import { UpdatePatientProfile } from '../../src/patients/use-cases/update-patient-profile.js';
import { Accounts, SOMEWHERE } from '../identity/accounts.js';

const OTTO: AdmitPatientInput = {
  account: { email: 'otto.brandt@example.org', firstName: 'Otto', lastName: 'Brandt', gender: 'male' },
  details: {
    dateOfBirth: '1951-09-30',
    address: 'Kastanienallee 12, 10435 Berlin',
    emergencyContactName: 'Marta Brandt',
    emergencyContactPhone: '+49 30 901820',
    phoneNumber: null,
  },
};

let store: Accounts;
let admitPatient: AdmitPatient;

beforeEach(() => {
  store = new Accounts();
  const { transactions, registerUser, users, patients, clock, audit } = store;
  const update = new UpdatePatientProfile(transactions, patients, users, audit);
  const save = new SavePatientProfile(transactions, patients, users, update, clock, new UuidIds(), audit);
  admitPatient = new AdmitPatient(transactions, registerUser, users, patients, save, audit);
});

describe('a person at the desk', () => {
  test('gets an account and a profile, without medical fields', async () => {
    const { user, patient } = await admitPatient.execute(OTTO);
    expect(await store.users.find(user.id)).toMatchObject({ ...OTTO.account, role: 'patient', active: true });
    expect(await store.patients.findByUser(user.id)).toEqual({
      ...patient,
      ...OTTO.details,
      userId: user.id,
      medicalHistory: null,
      allergies: null,
    });
  });

  test('cannot log in: no password fits, and the answer is that to a wrong password', async () => {
    await admitPatient.execute(OTTO);
    const answerTo = (email: string, password: string) =>
      store.logIn.execute({ email, password, ...SOMEWHERE }).catch((error: unknown) => error);
    const nobody = await answerTo('nobody@example.org', 'a tree in the wind');
    for (const password of ['', 'a tree in the wind', 'null', 'hash of nothing']) {
      expect(await answerTo(OTTO.account.email, password)).toEqual(nobody);
    }
  });

  test('whose email has an account, in any case, is EmailTaken, and nothing is kept', async () => {
    await admitPatient.execute(OTTO);
    const account = { ...OTTO.account, email: 'OTTO.Brandt@example.org' };
    await expect(admitPatient.execute({ ...OTTO, account })).rejects.toBeInstanceOf(EmailTaken);
    const { users, patients } = store.transactions.rows;
    expect([users.size, patients.size]).toEqual([1, 1]);
  });

  test('asked for twice at once is taken in once', async () => {
    const settled = await Promise.allSettled([admitPatient.execute(OTTO), admitPatient.execute(OTTO)]);
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('has both or neither: where the profile fails, there is no account', async () => {
    const details = { ...OTTO.details, address: undefined as unknown as string };
    await expect(admitPatient.execute({ ...OTTO, details })).rejects.toThrow('/address');
    expect(store.transactions.rows.users.size).toBe(0);
  });
});
