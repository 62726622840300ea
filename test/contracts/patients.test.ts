import { expect, test } from 'vitest';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { encodeCursor } from '#libs/kernel/page.js';
import { admitPatient, aPatient, aUser } from '../support/memory/people.js';
import { contract } from './stores.js';

const WHOLE = {
  dateOfBirth: '1948-02-29',
  address: 'Line 1\nLine 2',
  emergencyContactName: 'Noa',
  emergencyContactPhone: '+1 212 555 0100',
  phoneNumber: '+1 212 555 0199',
  medicalHistory: 'Asthma since 1990',
  allergies: 'Penicillin 💊',
};

contract('Patients', (opened) => {
  test('a profile is found by its user, with all that was stored', async () => {
    const { patients } = opened();
    const [whole, bare] = [await admitPatient(opened(), WHOLE), await admitPatient(opened())];
    expect(await patients.findByUser(whole.userId)).toEqual(whole);
    expect(await patients.findByUser(bare.userId)).toEqual(bare);
    expect(await patients.findByUser(aUser().id)).toBeUndefined();
  });

  test('a second profile of a user is answered false, adds nothing, and lets the unit go on', async () => {
    const { transactions, patients } = opened();
    const first = await admitPatient(opened());
    const second = aPatient({ id: first.userId }, WHOLE);
    const seen = await transactions.run(async () => {
      const added = await patients.add(second);
      return { added, found: await patients.findByUser(first.userId) };
    });
    expect(seen).toEqual({ added: false, found: first });
    expect(await patients.findByUser(first.userId)).toEqual(first);
  });

  test('a change changes what is given and leaves what is absent or undefined', async () => {
    const { transactions, patients } = opened();
    const patient = await admitPatient(opened(), WHOLE);
    const other = await admitPatient(opened(), WHOLE);
    const change = { address: 'Elsewhere 1', allergies: null, dateOfBirth: undefined };
    await transactions.run(() => patients.change(patient.id, change));
    expect(await patients.findByUser(patient.userId)).toEqual({
      ...patient,
      address: 'Elsewhere 1',
      allergies: null,
    });
    expect(await patients.findByUser(other.userId)).toEqual(other);
  });

  test.each([[{}], [{ address: undefined }]])('a change of nothing (%o) changes nothing', async (change) => {
    const { transactions, patients } = opened();
    const patient = await admitPatient(opened());
    await transactions.run(() => patients.change(patient.id, change));
    expect(await patients.findByUser(patient.userId)).toEqual(patient);
  });

  test('nothing happens to a profile that is not there', async () => {
    const { transactions, patients } = opened();
    const user = aUser();
    await transactions.run(() => patients.change(aPatient(user).id, { address: 'Elsewhere 1' }));
    expect(await patients.findByUser(user.id)).toBeUndefined();
  });
});

contract('PatientDirectory', (opened) => {
  test('of many those are told whose user is deactivated', async () => {
    const { patientDirectory } = opened();
    const [here, gone] = [await admitPatient(opened()), await admitPatient(opened(), {}, { active: false })];
    await admitPatient(opened(), {}, { active: false });
    expect(await patientDirectory.deactivatedAmong([here.id, gone.id, aUser().id])).toEqual([gone.id]);
    expect(await patientDirectory.deactivatedAmong([])).toEqual([]);
  });

  test('a card is found by profile and by user; a list shows names and dates of birth only', async () => {
    const { patientDirectory } = opened();
    const account = { firstName: 'Lena', lastName: 'Fischer', photo: 'a'.repeat(32) };
    const profile = await admitPatient(opened(), WHOLE, account);
    const card = { ...profile, ...account, closed: false };
    expect(await patientDirectory.find(card.id)).toEqual(card);
    expect(await patientDirectory.findByUser(card.userId)).toEqual(card);
    const { id, userId, firstName, lastName, dateOfBirth, closed } = card;
    const name = { id, userId, firstName, lastName, dateOfBirth, closed };
    expect(await patientDirectory.findMany([card.id])).toEqual([name]);
    expect((await patientDirectory.list({ limit: 1 })).results).toEqual([name]);
  });

  test('nobody is found by the id of nobody, nor by an id of the other kind', async () => {
    const { patientDirectory } = opened();
    const patient = await admitPatient(opened());
    expect(await patientDirectory.find(patient.userId)).toBeUndefined();
    expect(await patientDirectory.findByUser(patient.id)).toBeUndefined();
    expect(await patientDirectory.findMany([patient.userId])).toEqual([]);
    expect(await patientDirectory.findMany([])).toEqual([]);
  });

  test('a patient whose user is not active is there as before', async () => {
    const { patientDirectory } = opened();
    const gone = await admitPatient(opened(), {}, { active: false });
    expect(await patientDirectory.find(gone.id)).toMatchObject({ id: gone.id });
    expect((await patientDirectory.list({ limit: 10 })).results).toHaveLength(1);
  });

  test('a list goes by id, page by page, among those who are named', async () => {
    const { patientDirectory } = opened();
    const all: string[] = [];
    for (let i = 0; i < 6; i++) all.push((await admitPatient(opened())).id);
    const among = [all[5]!, all[0]!, all[3]!, aUser().id];
    const first = await patientDirectory.list({ limit: 2, among });
    const second = await patientDirectory.list({ limit: 2, among, cursor: first.nextCursor! });
    expect(first.results.map(({ id }) => id)).toEqual([all[0], all[3]]);
    expect(second.results.map(({ id }) => id)).toEqual([all[5]]);
    expect(second.nextCursor).toBeNull();
    expect(await patientDirectory.list({ limit: 2, among: [] })).toEqual({ results: [], nextCursor: null });
    expect((await patientDirectory.list({ limit: 10 })).results.map(({ id }) => id)).toEqual(all.toSorted());
  });

  test.each(['', 'x', encodeCursor([1]), encodeCursor(['a', 'b'])])(
    'the cursor "%s" is an InvalidRequest',
    async (cursor) => {
      const { patientDirectory } = opened();
      await expect(patientDirectory.list({ limit: 2, cursor })).rejects.toBeInstanceOf(InvalidRequest);
      await expect(patientDirectory.list({ limit: 2, cursor, among: [] })).rejects.toBeInstanceOf(
        InvalidRequest,
      );
    },
  );

  test.each<[string, string[]]>([
    ['LENA', ['Lena']],
    ['na fi', ['Lena']],
    ['ÖZ', ['Özlem']],
    ['e', ['Lena', 'Özlem']],
    ['%', []],
    ['_', []],
    ['Cardiology', []],
  ])('a part "%s" of the name finds %j', async (q, names) => {
    await admitPatient(opened(), WHOLE, { firstName: 'Lena', lastName: 'Fischer' });
    await admitPatient(opened(), WHOLE, { firstName: 'Özlem', lastName: 'Kaya' });
    const { results } = await opened().patientDirectory.list({ limit: 10, q });
    expect(results.map(({ firstName }) => firstName)).toEqual(names);
  });
});
