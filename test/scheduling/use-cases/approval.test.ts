import { beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, MemoryClinic, refusalOf, type Member } from './memory-clinic.js';

let clinic: MemoryClinic;
let doctor: Member;
let patient: Member;

beforeEach(async () => {
  clinic = new MemoryClinic();
  doctor = await clinic.doctor();
  patient = await clinic.patient();
});

function withdraw(dryRun = false) {
  const write = () => clinic.transactions.run(() => clinic.doctors.setApproval(doctor.id, null));
  return clinic.changeStanding.ofDoctor(doctor.id, { approved: false }, { dryRun, write });
}

function deactivate({ actor: { userId } }: Member, dryRun = false) {
  const write = () => clinic.transactions.run(() => clinic.users.setActive(userId, false));
  const change = { dryRun, write };
  return userId === doctor.actor.userId
    ? clinic.changeStanding.ofDoctor(doctor.id, { active: false }, change)
    : clinic.changeStanding.ofPatient(patient.id, false, change);
}

const HOUR_OF_START = Date.parse('2030-01-07T09:05:00Z');

describe('a doctor who is not approved', () => {
  interface Row {
    action: string;
    act: (id: string) => Promise<unknown>;
  }

  const refused: Row[] = [
    { action: 'schedule', act: () => clinic.book(doctor, '11:00', { patient: patient.id }) },
    { action: 'series', act: () => clinic.schedule(doctor, '11:00', { patient: patient.id }) },
    { action: 'preview', act: () => clinic.preview(doctor, '11:00', { patient: patient.id }) },
    { action: 'confirm', act: (id) => clinic.confirm(doctor, id) },
    { action: 'reschedule', act: (id) => clinic.reschedule(doctor, id, '11:00') },
    { action: 'check-in', act: (id) => clinic.checkIn(doctor, id) },
    { action: 'complete', act: (id) => clinic.complete(doctor, id) },
    { action: 'no-show', act: (id) => clinic.miss(doctor, id) },
  ];

  test.each(refused)('cannot $action', async ({ act }) => {
    const { appointment } = await clinic.book(patient, '10:00', { doctor: doctor.id });
    await withdraw();
    expect(await refusalOf(act(appointment.id))).toBe('approval-required');
  });

  test('is not told which patients there are', async () => {
    await withdraw();
    const nobody = clinic.book(doctor, '11:00', { patient: doctor.id });
    expect(await refusalOf(nobody)).toBe('approval-required');
  });

  test('reads and cancels their own appointments, and is offered nothing else', async () => {
    const { appointment } = await clinic.book(patient, '10:00', { doctor: doctor.id });
    await withdraw();
    const seen = await clinic.readAppointment.execute(doctor.actor, appointment.id);
    expect(seen.allowedActions).toEqual(['cancel']);
    expect((await clinic.cancel(doctor, appointment.id)).appointment.state.status).toBe('cancelled');
  });

  test('treats nobody meanwhile, and again when approved', async () => {
    const { appointment } = await clinic.book(patient, '10:00', { doctor: doctor.id });
    await clinic.confirm(doctor, appointment.id);
    const { userId } = doctor.actor;
    expect(await clinic.careRelationship.patientsOf(userId)).toEqual([patient.id]);
    await withdraw();
    expect(await clinic.careRelationship.patientsOf(userId)).toEqual([]);
    expect(await clinic.careRelationship.treats(userId, patient.id)).toBe(false);
    await clinic.transactions.run(() => clinic.doctors.setApproval(doctor.id, clinic.clock.now()));
    expect(await clinic.careRelationship.treats(userId, patient.id)).toBe(true);
  });

  test('is not booked by anybody, nor is a visit moved', async () => {
    const { appointment } = await clinic.book(patient, '10:00', { doctor: doctor.id });
    await withdraw();
    const parties = { doctor: doctor.id, patient: patient.id };
    expect(await refusalOf(clinic.book(patient, '11:00', parties))).toBe('not-found');
    expect(await refusalOf(clinic.book(ADMIN, '11:00', parties))).toBe('not-found');
    for (const who of [patient, ADMIN]) {
      const { actor } = who;
      const { allowedActions } = await clinic.readAppointment.execute(actor, appointment.id);
      expect(allowedActions).not.toContain('reschedule');
      expect(allowedActions).toContain('cancel');
      expect(await refusalOf(clinic.reschedule(who, appointment.id, '11:00'))).toBe('action-not-allowed');
    }
  });

  test('has visits that an admin confirms and closes', async () => {
    const { appointment } = await clinic.book(patient, '10:00', { doctor: doctor.id });
    await withdraw();
    expect((await clinic.confirm(ADMIN, appointment.id, 'by phone')).appointment.state.status).toBe(
      'confirmed',
    );
    clinic.clock.set(HOUR_OF_START);
    expect((await clinic.complete(ADMIN, appointment.id)).appointment.state.status).toBe('completed');
  });
});

describe('what is booked with somebody who may not come any more', () => {
  const conflictsOf = async () =>
    (await clinic.readRules.conflicts(ADMIN.actor, doctor.id, { limit: 10 })).results;

  test('stays, as a conflict that is told', async () => {
    const { appointment } = await clinic.book(patient, '10:00', { doctor: doctor.id });
    expect(await conflictsOf()).toEqual([]);
    const told = await withdraw();
    expect(told).toMatchObject([{ appointment: appointment.id, reasons: ['doctor-not-approved'] }]);
    expect(await conflictsOf()).toEqual(told);
    expect(await deactivate(doctor)).toMatchObject([
      { reasons: ['doctor-not-approved', 'doctor-deactivated'] },
    ]);
    expect((await clinic.stored()).map(({ status }) => status)).toEqual(['pending']);
  });

  test('of a patient too, whom nobody books for then', async () => {
    const { appointment } = await clinic.book(patient, '10:00', { doctor: doctor.id });
    expect(await deactivate(patient)).toMatchObject([
      { appointment: appointment.id, reasons: ['patient-deactivated'] },
    ]);
    expect(await conflictsOf()).toMatchObject([{ reasons: ['patient-deactivated'] }]);
    for (const who of [patient, doctor, ADMIN]) {
      const parties = { doctor: doctor.id, patient: patient.id };
      expect(await refusalOf(clinic.book(who, '11:00', parties))).toBe('not-found');
    }
  });

  test('is only answered by a dry run', async () => {
    await clinic.book(patient, '10:00', { doctor: doctor.id });
    expect(await withdraw(true)).toMatchObject([{ reasons: ['doctor-not-approved'] }]);
    expect(await deactivate(doctor, true)).toMatchObject([{ reasons: ['doctor-deactivated'] }]);
    expect(await deactivate(patient, true)).toMatchObject([{ reasons: ['patient-deactivated'] }]);
    expect(await conflictsOf()).toEqual([]);
  });
});
