import { beforeEach, describe, expect, test } from 'vitest';
import { NotFound } from '#libs/kernel/errors.js';
import type { Actor, Role } from '../../src/identity/index.js';
import type { Patient } from '../../src/patients/domain/patient.js';
import { CareRelationship } from '../../src/patients/ports.js';
import { ListPatients } from '../../src/patients/use-cases/list-patients.js';
import { CardAccess } from '../../src/patients/use-cases/card-access.js';
import { ReadPatientCard } from '../../src/patients/use-cases/read-patient-card.js';
import { MemoryPorts } from '../support/memory/memory-ports.js';
import { admitPatient, aUser } from '../support/memory/people.js';

/** Who treats whom, as scheduling would tell it. */
class KnownCare extends CareRelationship {
  constructor(private readonly pairs: readonly { doctorUser: string; patient: string }[]) {
    super();
  }

  async treats(doctorUserId: string, patientId: string): Promise<boolean> {
    return (await this.patientsOf(doctorUserId)).includes(patientId);
  }

  async patientsOf(doctorUserId: string): Promise<readonly string[]> {
    return this.pairs.filter(({ doctorUser }) => doctorUser === doctorUserId).map(({ patient }) => patient);
  }
}

const FILLED = { medicalHistory: 'Asthma', allergies: 'Penicillin', phoneNumber: '+49 30 1' };
const NAMES = { firstName: 'Lena', lastName: 'Fischer' };
const PHOTO = 'a'.repeat(32);
const SHOWN = { ...NAMES, photo: PHOTO, closed: false };

let lena: Patient;
let noah: Patient;
let readCard: ReadPatientCard;
let listPatients: ListPatients;
const [treating, stranger, admin] = [aUser(), aUser(), aUser()];

beforeEach(async () => {
  const store = new MemoryPorts();
  lena = await admitPatient(store, FILLED, { ...NAMES, photo: PHOTO });
  noah = await admitPatient(store, FILLED, { firstName: 'Noah', lastName: 'Weber' });
  const care = new KnownCare([{ doctorUser: treating.id, patient: lena.id }]);
  readCard = new ReadPatientCard(
    store.transactions,
    store.patientDirectory,
    new CardAccess(care),
    store.audit,
  );
  listPatients = new ListPatients(store.patientDirectory, care);
});

const as = (role: Role, userId: string): Actor => ({ role, userId, sessionId: 'session' });
const read = (actor: Actor, patientId = lena.id) => readCard.execute({ actor, patientId });

describe('the card of a patient', () => {
  test('is open to the patient and to a doctor who treats them, with all that it says', async () => {
    const card = { ...lena, ...SHOWN };
    expect(await read(as('patient', lena.userId))).toEqual(card);
    expect(await read(as('doctor', treating.id))).toEqual(card);
  });

  test('is open to an admin without the medical fields', async () => {
    expect(await read(as('admin', admin.id))).toEqual({
      ...lena,
      ...SHOWN,
      medicalHistory: null,
      allergies: null,
    });
  });

  test.each<[string, () => Actor]>([
    ['another patient', () => as('patient', noah.userId)],
    ['a doctor who does not treat them', () => as('doctor', stranger.id)],
    ['a doctor, by being the user of the patient', () => as('doctor', lena.userId)],
  ])('is to %s like a card that is not there', async (_, actor) => {
    const hidden = await read(actor()).catch((error: unknown) => error);
    const missing = await read(actor(), aUser().id).catch((error: unknown) => error);
    expect(hidden).toBeInstanceOf(NotFound);
    expect(hidden).toEqual(missing);
  });

  test('that is not there is NotFound for everyone', async () => {
    for (const actor of [as('admin', admin.id), as('doctor', treating.id), as('patient', lena.userId)]) {
      await expect(read(actor, aUser().id)).rejects.toBeInstanceOf(NotFound);
    }
  });
});

describe('a list of patients', () => {
  const listed = async (actor: Actor, query: { q?: string } = {}) =>
    (await listPatients.execute({ actor, query: { limit: 10, ...query } })).results;

  test('shows a doctor those whom they treat, by name and date of birth only', async () => {
    const { id, userId, dateOfBirth } = lena;
    expect(await listed(as('doctor', treating.id))).toEqual([
      { id, userId, dateOfBirth, ...NAMES, closed: false },
    ]);
  });

  test('shows a doctor who treats nobody nobody', async () => {
    expect(await listed(as('doctor', stranger.id))).toEqual([]);
  });

  test('shows an admin all', async () => {
    expect((await listed(as('admin', admin.id))).map(({ id }) => id)).toEqual([lena.id, noah.id].toSorted());
  });

  test('is searched among those only', async () => {
    expect(await listed(as('doctor', treating.id), { q: 'noah' })).toEqual([]);
    expect(await listed(as('admin', admin.id), { q: 'noah' })).toHaveLength(1);
  });
});
