import { beforeEach, describe, expect, test } from 'vitest';
import { InvalidRequest, NotFound } from '#libs/kernel/errors.js';
import { UuidIds } from '#libs/nest/system.js';
import type { Conflict } from '../../src/doctors/domain/conflict.js';
import { Approval } from '../../src/doctors/domain/approval.js';
import { DefaultTimeZone } from '../../src/doctors/domain/default-time-zone.js';
import { DoctorAgendas } from '../../src/doctors/ports.js';
import { SaveDoctorProfile } from '../../src/doctors/use-cases/save-doctor-profile.js';
import {
  UpdateDoctorProfile,
  type DoctorProfileInput,
} from '../../src/doctors/use-cases/update-doctor-profile.js';
import { FixedClock } from '../support/app.js';
import { MemoryPorts } from '../support/memory/memory-ports.js';
import { aUser } from '../support/memory/people.js';

const NOW = Date.parse('2030-01-07T07:00:00Z');
const REQUIRED = { specialty: 'Cardiology', phoneNumber: '+49 30 901820', experienceYears: 0 };
const WHOLE = {
  ...REQUIRED,
  qualifications: 'FACC',
  hospitalAffiliation: 'Charité',
  timeZone: 'Asia/Kolkata',
};

const CONFLICT: Conflict = {
  appointment: 'an appointment',
  patient: 'a patient',
  patientName: null,
  startsAt: NOW,
  endsAt: NOW,
  date: '2030-01-07',
  time: '08:00',
  timeZone: 'Europe/Berlin',
  visitType: 'consultation',
  reasons: ['outside-hours'],
};

/** An agenda of which a test says what is outside the doctor's rules, by zone. */
class KnownConflicts extends DoctorAgendas {
  readonly locked: string[] = [];
  readonly inZone = new Map<string, Conflict[]>();

  onLock = async (): Promise<void> => {};

  async lock(doctor: string): Promise<void> {
    await this.onLock();
    this.locked.push(doctor);
  }

  async conflictsOfMove(_: string, from: string, to: string): Promise<readonly Conflict[]> {
    return from === to ? [] : (this.inZone.get(to) ?? []);
  }
}

const user = aUser({ role: 'doctor' });
let store: MemoryPorts;
let agendas: KnownConflicts;
let saveProfile: SaveDoctorProfile;
let updateProfile: UpdateDoctorProfile;

beforeEach(async () => {
  store = new MemoryPorts();
  const { transactions, doctors, users, audit } = store;
  const zone = new DefaultTimeZone('Europe/Berlin');
  agendas = new KnownConflicts();
  updateProfile = new UpdateDoctorProfile(transactions, doctors, users, agendas, zone, audit);
  saveProfile = new SaveDoctorProfile(
    transactions,
    doctors,
    users,
    updateProfile,
    zone,
    new Approval(true),
    new FixedClock(NOW),
    new UuidIds(),
    audit,
  );
  await transactions.run(() => users.add(user));
});

const save = (change: DoctorProfileInput['change']) => saveProfile.execute({ userId: user.id, change });
const update = (change: DoctorProfileInput['change']) => updateProfile.execute({ userId: user.id, change });
const stored = () => store.doctors.findByUser(user.id);

describe('saving a profile for the first time', () => {
  test('fills it in with what is sent', async () => {
    const { doctor, created } = await save(WHOLE);
    expect(created).toBe(true);
    const made = { id: expect.any(String), userId: user.id, createdAt: NOW, approvedAt: NOW };
    expect(doctor).toEqual({ ...WHOLE, ...made });
    expect(await stored()).toEqual(doctor);
  });

  test('waits for approval where the clinic wants it', async () => {
    const { transactions, doctors, users } = store;
    const zone = new DefaultTimeZone('Europe/Berlin');
    const waiting = new SaveDoctorProfile(
      transactions,
      doctors,
      users,
      updateProfile,
      zone,
      new Approval(false),
      new FixedClock(NOW),
      new UuidIds(),
      store.audit,
    );
    const { doctor } = await waiting.execute({ userId: user.id, change: REQUIRED });
    expect(doctor.approvedAt).toBeNull();
  });

  test('leaves empty what may be, and takes the zone of the clinic', async () => {
    const { doctor } = await save(REQUIRED);
    expect(doctor).toMatchObject({
      qualifications: null,
      hospitalAffiliation: null,
      timeZone: 'Europe/Berlin',
    });
  });

  test('in a dry run answers what it would be, without conflicts, and makes none', async () => {
    const input = { userId: user.id, change: WHOLE, dryRun: true };
    const { doctor, conflicts, created } = await saveProfile.execute(input);
    expect([doctor.timeZone, conflicts, created]).toEqual(['Asia/Kolkata', [], false]);
    expect(await stored()).toBeUndefined();
  });

  test('takes the zone of the clinic for a zone of null', async () => {
    expect((await save({ ...REQUIRED, timeZone: null })).doctor.timeZone).toBe('Europe/Berlin');
  });

  test('makes the doctor found in the directory at once', async () => {
    const { doctor } = await save(REQUIRED);
    expect(await store.doctorDirectory.find(doctor.id)).toMatchObject({
      specialty: 'Cardiology',
      firstName: user.firstName,
    });
  });

  test.each<[DoctorProfileInput['change'], string[]]>([
    [{}, ['/specialty', '/phone_number', '/experience_years']],
    [{ ...REQUIRED, specialty: undefined }, ['/specialty']],
    [{ qualifications: 'FACC', experienceYears: 1 }, ['/specialty', '/phone_number']],
  ])('names all that is missing at once: %o', async (change, pointers) => {
    const error = await save(change).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidRequest);
    expect((error as InvalidRequest).details.errors?.map(({ pointer }) => pointer)).toEqual(pointers);
    expect(await stored()).toBeUndefined();
  });
});

describe('saving a profile again', () => {
  test('changes what is sent, keeps the rest, and is no new one', async () => {
    const { doctor: before } = await save(WHOLE);
    const { doctor, created } = await save({ experienceYears: 1, qualifications: null });
    expect(created).toBe(false);
    expect(doctor).toEqual({ ...before, experienceYears: 1, qualifications: null });
    expect(await stored()).toEqual(doctor);
  });

  test('asks for nothing that is required of a new one', async () => {
    const { doctor: before } = await save(WHOLE);
    expect((await save({})).doctor).toEqual(before);
  });

  test('twice at the first time makes one profile', async () => {
    const both = await Promise.all([save(REQUIRED), save({ ...REQUIRED, experienceYears: 9 })]);
    expect(both.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(both.map(({ doctor }) => doctor.id)).size).toBe(1);
    expect(store.transactions.rows.doctors.size).toBe(1);
  });
});

describe('updating a profile', () => {
  test('changes what is sent, and nobody else’s', async () => {
    const other = aUser({ role: 'doctor' });
    await store.transactions.run(() => store.users.add(other));
    const { doctor: theirs } = await saveProfile.execute({ userId: other.id, change: REQUIRED });
    const { doctor: before } = await save(WHOLE);
    const { doctor: changed } = await update({ specialty: 'Dermatology', timeZone: 'Europe/Paris' });
    expect(changed).toEqual({ ...before, specialty: 'Dermatology', timeZone: 'Europe/Paris' });
    expect(await store.doctors.findByUser(other.id)).toEqual(theirs);
  });

  test('to a zone of null takes the zone of the clinic; without a zone it stays', async () => {
    await save(WHOLE);
    expect((await update({ experienceYears: 2 })).doctor.timeZone).toBe('Asia/Kolkata');
    expect((await update({ timeZone: null })).doctor.timeZone).toBe('Europe/Berlin');
  });

  test('holds the agenda of the doctor, whatever is changed, and before the change is written', async () => {
    const { doctor } = await save(WHOLE);
    const seen: unknown[] = [];
    agendas.onLock = async () => void seen.push(await stored());
    await update({ timeZone: 'Europe/Paris' });
    await update({ experienceYears: 2 });
    expect(agendas.locked).toEqual([doctor.id, doctor.id]);
    expect(seen).toEqual([doctor, { ...doctor, timeZone: 'Europe/Paris' }]);
  });

  test('answers what the zone that it leaves puts outside the hours', async () => {
    await save(WHOLE);
    agendas.inZone.set('Europe/Paris', [CONFLICT]);
    expect((await update({ timeZone: 'Europe/Paris' })).conflicts).toEqual([CONFLICT]);
    expect((await update({ experienceYears: 2 })).conflicts).toEqual([]);
    expect((await save({ timeZone: null })).conflicts).toEqual([]);
  });

  test('in a dry run answers the profile and the conflicts that it would leave, and changes nothing', async () => {
    const { doctor: before } = await save(WHOLE);
    agendas.inZone.set('Europe/Paris', [CONFLICT]).set('Europe/Berlin', [CONFLICT, CONFLICT]);
    const change = { timeZone: 'Europe/Paris', qualifications: null, specialty: undefined };
    for (const useCase of [updateProfile, saveProfile]) {
      const dry = await useCase.execute({ userId: user.id, change, dryRun: true });
      expect(dry.doctor).toEqual({ ...before, timeZone: 'Europe/Paris', qualifications: null });
      expect(dry.conflicts).toEqual([CONFLICT]);
      const toClinics = { userId: user.id, change: { timeZone: null }, dryRun: true };
      expect((await useCase.execute(toClinics)).conflicts).toHaveLength(2);
      expect(await stored()).toEqual(before);
    }
    expect(new Set(agendas.locked)).toEqual(new Set([before.id]));
  });

  test('that is not there is NotFound, and makes none', async () => {
    await expect(update(WHOLE)).rejects.toBeInstanceOf(NotFound);
    expect(await stored()).toBeUndefined();
  });
});
