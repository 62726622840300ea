import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '#libs/kernel/clock.js';
import type { DomainError } from '#libs/kernel/errors.js';
import { at, NOON_BEFORE, slot, TUESDAY } from '../domain/builders.js';
import { ADMIN, MemoryClinic, refusalOf, type Member } from './memory-clinic.js';

let clinic: MemoryClinic;
let clara: Member;
let james: Member;
let lena: Member;
let noah: Member;
/** Of Lena with Clara on Monday at 10:00, awaiting Clara. */
let id: string;

beforeEach(async () => {
  clinic = new MemoryClinic();
  clara = await clinic.doctor();
  james = await clinic.doctor();
  lena = await clinic.patient();
  noah = await clinic.patient();
  ({ id } = (await clinic.book(lena, '10:00', { doctor: clara.id })).appointment);
});

const codeOf = (error: unknown): string => (error as DomainError).problem.code;
const state = async () => (await clinic.appointments.find(id))!.state;

describe('confirming', () => {
  test('by the awaited doctor is kept, with its line of history', async () => {
    clinic.clock.set(NOON_BEFORE + HOUR);
    const view = await clinic.confirm(clara, id);
    expect(await state()).toEqual(view.appointment.state);
    expect(await state()).toMatchObject({
      status: 'confirmed',
      awaits: null,
      confirmedBy: 'doctor',
      version: 2,
      updatedAt: NOON_BEFORE + HOUR,
    });
    expect((await clinic.appointments.history(id)).at(-1)).toEqual({
      at: NOON_BEFORE + HOUR,
      from: 'pending',
      to: 'confirmed',
      by: 'doctor',
      reason: null,
      movedFrom: null,
      minutesBefore: null,
      visitTypeBefore: null,
    });
    expect([view.patientName, view.allowedActions]).toEqual(['Lena Fischer', ['cancel', 'reschedule']]);
  });

  test('by the side that is not awaited is refused, with the actions that are allowed', async () => {
    const error = (await clinic.confirm(lena, id).catch((thrown: unknown) => thrown)) as DomainError;
    expect([error.problem.code, error.details.allowedActions]).toEqual(['action-not-allowed', ['cancel']]);
    expect(await state()).toMatchObject({ status: 'pending', version: 1 });
  });

  test('by an admin needs a reason, which is kept', async () => {
    expect(await refusalOf(clinic.confirm(ADMIN, id))).toBe('invalid-request');
    await clinic.confirm(ADMIN, id, 'agreed by phone');
    expect((await clinic.appointments.history(id)).at(-1)).toMatchObject({
      by: 'admin',
      reason: 'agreed by phone',
    });
  });

  test('once it is too late is refused', async () => {
    clinic.clock.set(at('10:00'));
    expect(await refusalOf(clinic.confirm(clara, id))).toBe('action-not-allowed');
  });

  test('twice is refused', async () => {
    await clinic.confirm(clara, id);
    expect(await refusalOf(clinic.confirm(clara, id))).toBe('action-not-allowed');
  });
});

describe('cancelling', () => {
  test('by the patient is kept with who, when and why, and frees the time at once', async () => {
    clinic.clock.set(NOON_BEFORE + HOUR);
    await clinic.cancel(lena, id, 'on holiday');
    expect(await state()).toMatchObject({
      status: 'cancelled',
      awaits: null,
      confirmBy: null,
      cancellation: { by: 'patient', at: NOON_BEFORE + HOUR, reason: 'on holiday', late: false },
    });
    await clinic.book(noah, '10:00', { doctor: clara.id });
  });

  test('by the patient after the start is refused, by the doctor and an admin it is not', async () => {
    const { appointment: other } = await clinic.book(noah, '09:30', { doctor: clara.id });
    for (const one of [id, other.id]) await clinic.confirm(clara, one);
    clinic.clock.set(at('10:00'));
    expect(await refusalOf(clinic.cancel(lena, id))).toBe('action-not-allowed');
    await clinic.cancel(clara, id);
    await clinic.cancel(ADMIN, other.id);
    expect(await clinic.stored()).toMatchObject([
      { cancellation: { by: 'admin' } },
      { cancellation: { by: 'doctor' } },
    ]);
  });

  test('a confirmed one by the patient within the notice is kept as late', async () => {
    await clinic.confirm(clara, id);
    clinic.clock.set(NOON_BEFORE + 16 * MINUTE);
    await clinic.cancel(lena, id);
    expect((await state()).cancellation).toMatchObject({ late: true });
  });

  test('a confirmed one by the patient is not late where the doctor asks for no notice', async () => {
    clinic.policies.rules = { ...clinic.policies.rules, cancellationNoticeMinutes: 0 };
    await clinic.confirm(clara, id);
    clinic.clock.set(at('09:59'));
    await clinic.cancel(lena, id);
    expect((await state()).cancellation).toMatchObject({ late: false });
  });
});

describe('completing', () => {
  beforeEach(() => clinic.confirm(clara, id));

  test('by the doctor after the start is kept', async () => {
    clinic.clock.set(at('10:00'));
    await clinic.complete(clara, id);
    expect(await state()).toMatchObject({ status: 'completed', version: 3 });
  });

  test('before the start, or by the patient, is refused', async () => {
    expect(await refusalOf(clinic.complete(clara, id))).toBe('action-not-allowed');
    clinic.clock.set(at('10:30'));
    expect(await refusalOf(clinic.complete(lena, id))).toBe('action-not-allowed');
    expect(await state()).toMatchObject({ status: 'confirmed', version: 2 });
  });
});

describe('rescheduling', () => {
  const FRIDAY = '2025-06-06';

  test('to the time and visit that it has is answered as it is, and adds no line to the history', async () => {
    const there = { date: FRIDAY, doctor: clara.id };
    const { appointment: before } = await clinic.book(noah, '10:00', there);
    clinic.clock.set(NOON_BEFORE + HOUR);
    for (const visitType of [undefined, before.state.visitType]) {
      const choice = { date: FRIDAY, visitType, reason: 'again' };
      const { appointment } = await clinic.reschedule(noah, before.id, '10:00', choice);
      expect(appointment.state).toEqual(before.state);
    }
    expect((await clinic.appointments.find(before.id))!.state).toEqual(before.state);
    expect(await clinic.appointments.history(before.id)).toHaveLength(1);
  });

  test('moves it in place: the old time is free and the new one taken at once, the line tells from where', async () => {
    const view = await clinic.reschedule(lena, id, '14:00', { date: FRIDAY, reason: 'work' }).catch(codeOf);
    expect(view).toBe('too-late-to-change');
    clinic.clock.set(NOON_BEFORE - 3 * HOUR);
    await clinic.reschedule(lena, id, '14:00', { date: FRIDAY, reason: 'work' });
    expect(await state()).toMatchObject({ id, slot: slot('14:00', '14:30', FRIDAY), version: 2 });
    expect((await clinic.appointments.history(id)).at(-1)).toMatchObject({
      reason: 'work',
      movedFrom: at('10:00'),
    });
    clinic.clock.set(NOON_BEFORE);
    await clinic.book(noah, '10:00', { doctor: clara.id });
    expect(await refusalOf(clinic.book(noah, '14:00', { doctor: clara.id, date: FRIDAY }))).toBe(
      'slot-taken',
    );
  });

  test('judges as if the appointment were not there: neither its time, its day nor its place among the open ones counts', async () => {
    clinic.policies.rules = {
      ...clinic.policies.rules,
      cancellationNoticeMinutes: 0,
      gridMinutes: 15,
      bufferMinutes: { before: 15, after: 15 },
      dailyMaximum: 1,
      patientLimit: 1,
    };
    await clinic.reschedule(lena, id, '10:15');
    expect(await state()).toMatchObject({ slot: slot('10:15', '10:45') });
    expect(await refusalOf(clinic.book(noah, '14:00', { doctor: clara.id }))).toBe('day-full');
  });

  test('does not judge an unchanged visit again, also where its type is gone or no longer theirs', async () => {
    const visitTypes = [
      { name: 'surgery', minutes: 60, bookableBy: 'doctor' as const },
      { name: 'control', minutes: 15, bookableBy: 'everyone' as const },
    ];
    clinic.policies.rules = { ...clinic.policies.rules, visitTypes, cancellationNoticeMinutes: 0 };
    await clinic.reschedule(lena, id, '11:00');
    await clinic.reschedule(lena, id, '11:30', { visitType: 'consultation' });
    expect(await state()).toMatchObject({ visitType: 'consultation', slot: slot('11:30', '12:00') });
    expect(await refusalOf(clinic.reschedule(lena, id, '12:00', { visitType: 'surgery' }))).toBe(
      'unknown-visit-type',
    );
    await clinic.reschedule(lena, id, '12:15', { visitType: 'control' });
    expect(await state()).toMatchObject({ visitType: 'control', slot: slot('12:15', '12:30') });
    await clinic.reschedule(clara, id, '13:10', { durationMinutes: 45 });
    expect(await state()).toMatchObject({ visitType: 'control', slot: slot('13:10', '13:55') });
  });

  test('keeps the doctor’s present zone, and reads the time on its clocks', async () => {
    await clinic.transactions.run(() => clinic.doctors.change(clara.id, { timeZone: 'Asia/Kolkata' }));
    await clinic.reschedule(clara, id, '10:00', { date: TUESDAY });
    expect(await state()).toMatchObject({
      timeZone: 'Asia/Kolkata',
      slot: { startsAt: Date.parse('2025-06-03T04:30:00Z') },
    });
  });

  test('is refused with alternatives that can be taken, and not with the time that it has', async () => {
    clinic.policies.rules = { ...clinic.policies.rules, cancellationNoticeMinutes: 0 };
    await clinic.book(noah, '10:30', { doctor: clara.id });
    const refused = (await clinic
      .reschedule(lena, id, '10:30')
      .catch((thrown: unknown) => thrown)) as DomainError;
    expect(refused.problem.code).toBe('slot-taken');
    const times = refused.details.alternatives!.map(({ time }) => time);
    expect(times).toEqual(['11:00', '09:30', '11:30']);
    for (const time of times) await clinic.reschedule(lena, id, time);
  });

  test('with a doctor who cannot be booked any more is not possible', async () => {
    const { users } = clinic.transactions.rows;
    const user = users.get(clara.actor.userId)!;
    await clinic.transactions.run(async () => {
      clinic.transactions.changing.users.set(user.id, { ...user, active: false });
    });
    expect(await refusalOf(clinic.reschedule(ADMIN, id, '11:00'))).toBe('action-not-allowed');
  });
});

describe('expiring', () => {
  test('cancels what has lapsed, by the system, in batches, and frees its time', async () => {
    const { id: later } = (await clinic.book(noah, '10:00', { doctor: clara.id, date: '2025-06-12' }))
      .appointment;
    clinic.clock.set(at('10:00') - 1);
    expect(await clinic.expireAppointments.execute()).toBe(false);
    expect(await state()).toMatchObject({ status: 'pending' });
    clinic.clock.set(at('10:00'));
    expect(await clinic.expireAppointments.execute()).toBe(false);
    expect(await state()).toMatchObject({
      status: 'cancelled',
      cancellation: { by: 'system', reason: 'expired', at: at('10:00'), late: false },
    });
    expect((await clinic.appointments.history(id)).at(-1)).toMatchObject({ by: 'system', reason: 'expired' });
    expect((await clinic.appointments.find(later))?.state.status).toBe('pending');
  });

  test('leaves alone what was confirmed or moved in time', async () => {
    await clinic.confirm(clara, id);
    const { id: moved } = (await clinic.book(noah, '11:00', { doctor: clara.id })).appointment;
    await clinic.reschedule(clara, moved, '11:00', { date: '2025-06-06' });
    clinic.clock.set(at('11:00'));
    await clinic.expireAppointments.execute();
    expect((await clinic.stored()).map(({ status }) => status)).toEqual(['confirmed', 'pending']);
  });

  test('says whether more may be left', async () => {
    const doctors = await Promise.all(Array.from({ length: 100 }, () => clinic.doctor()));
    for (const doctor of doctors) {
      const patient = await clinic.patient();
      await clinic.book(patient, '10:00', { doctor: doctor.id });
    }
    clinic.clock.set(at('10:00'));
    expect([await clinic.expireAppointments.execute(), await clinic.expireAppointments.execute()]).toEqual([
      true,
      false,
    ]);
    expect((await clinic.stored()).every(({ status }) => status === 'cancelled')).toBe(true);
  });
});

describe('checking in, no-show and their corrections', () => {
  beforeEach(() => clinic.confirm(clara, id));

  test('are kept, each with its line of history', async () => {
    clinic.clock.set(at('09:50'));
    await clinic.checkIn(clara, id);
    clinic.clock.set(at('10:00'));
    await clinic.miss(clara, id);
    await clinic.complete(ADMIN, id);
    expect((await clinic.appointments.history(id)).map(({ to, by }) => [to, by])).toEqual([
      ['pending', 'patient'],
      ['confirmed', 'doctor'],
      ['checked_in', 'doctor'],
      ['no_show', 'doctor'],
      ['completed', 'admin'],
    ]);
  });

  test('make the doctor one who has seen the patient, or not', async () => {
    clinic.clock.set(at('10:00'));
    const awaits = async (time: string) =>
      (await clinic.book(clara, time, { patient: lena.id })).appointment.state.awaits;
    await clinic.miss(clara, id);
    expect(await awaits('15:00')).toBe('patient');
    await clinic.complete(clara, id);
    expect(await awaits('16:00')).toBeNull();
  });

  test('by the patient are refused', async () => {
    clinic.clock.set(at('10:00'));
    expect(await refusalOf(clinic.checkIn(lena, id))).toBe('action-not-allowed');
    expect(await refusalOf(clinic.miss(lena, id))).toBe('action-not-allowed');
  });
});

describe('an appointment of others', () => {
  test.each<[string, () => Pick<Member, 'actor'>]>([
    ['another patient', () => noah],
    ['another doctor', () => james],
  ])('is to %s as if it were not there', async (_, who) => {
    const actor = who();
    for (const act of [
      () => clinic.readAppointment.execute(actor.actor, id),
      () => clinic.readAppointment.history(actor.actor, id),
      () => clinic.confirm(actor, id),
      () => clinic.cancel(actor, id),
      () => clinic.complete(actor, id),
      () => clinic.reschedule(actor, id, '11:00'),
      () => clinic.checkIn(actor, id),
      () => clinic.miss(actor, id),
    ]) {
      expect(await refusalOf(act())).toBe('not-found');
    }
    expect(await state()).toMatchObject({ status: 'pending', version: 1 });
  });

  test('and one that is not there are answered alike', async () => {
    const hidden = await clinic.cancel(noah, id).catch((error: unknown) => error);
    const missing = await clinic.cancel(noah, 'no such id').catch((error: unknown) => error);
    expect(hidden).toEqual(missing);
  });

  test('is not there for one without a profile either', async () => {
    for (const role of ['patient', 'doctor'] as const) {
      const actor = await clinic.newcomer(role);
      expect(await refusalOf(clinic.cancel({ actor }, id))).toBe('not-found');
      expect(await refusalOf(clinic.cancel({ actor }, 'no such id'))).toBe('not-found');
    }
  });
});

describe('of two actions at once that exclude each other exactly one wins:', () => {
  test.each<[string, () => Promise<unknown>[], number]>([
    ['cancelling from both sides', () => [clinic.cancel(lena, id), clinic.cancel(clara, id)], 1],
    ['confirming twice', () => [clinic.confirm(clara, id), clinic.confirm(clara, id)], 1],
    ['confirming what is cancelled', () => [clinic.cancel(lena, id), clinic.confirm(clara, id)], 1],
  ])('%s', async (_, acts, winners) => {
    const settled = await Promise.allSettled(acts());
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(winners);
    expect(await clinic.appointments.history(id)).toHaveLength(1 + winners);
  });
});

describe('a list of appointments', () => {
  const listed = async ({ actor }: Pick<Member, 'actor'>, filter: object = {}) =>
    (await clinic.listAppointments.execute(actor, { order: 'asc', limit: 10, ...filter })).results;
  let others: string;

  beforeEach(async () => {
    others = (await clinic.book(noah, '11:00', { doctor: james.id })).appointment.id;
  });

  test('shows the two people their own, and an admin all', async () => {
    const idsOf = async (who: Pick<Member, 'actor'>) =>
      (await listed(who)).map(({ appointment }) => appointment.id);
    expect([await idsOf(lena), await idsOf(clara)]).toEqual([[id], [id]]);
    expect([await idsOf(noah), await idsOf(james)]).toEqual([[others], [others]]);
    expect(await idsOf(ADMIN)).toEqual([id, others]);
  });

  test('shows an admin no reasons for visits, and the two people theirs', async () => {
    expect((await listed(ADMIN)).map(({ reasonForVisit }) => reasonForVisit)).toEqual([null, null]);
    expect((await listed(lena))[0]?.reasonForVisit).toBe('General Checkup');
    expect((await listed(clara))[0]?.reasonForVisit).toBe('General Checkup');
  });

  test('still names a doctor who cannot be found any more', async () => {
    const { users } = clinic.transactions.rows;
    const user = users.get(clara.actor.userId)!;
    await clinic.transactions.run(async () => {
      clinic.transactions.changing.users.set(user.id, { ...user, active: false });
    });
    expect((await listed(lena))[0]?.doctorName).toBe('Clara Sommer');
  });

  test('of somebody else is empty, whoever is named', async () => {
    expect(await listed(lena, { patient: noah.id })).toEqual([]);
    expect(await listed(clara, { doctor: james.id })).toEqual([]);
    expect(await listed(lena, { doctor: james.id })).toEqual([]);
    expect(await listed(lena, { doctor: clara.id })).toHaveLength(1);
    expect(await listed(ADMIN, { patient: noah.id })).toHaveLength(1);
  });

  test('of one without a profile is empty', async () => {
    for (const role of ['patient', 'doctor'] as const) {
      expect(await listed({ actor: await clinic.newcomer(role) })).toEqual([]);
    }
  });

  test('names a patient to a doctor who proposed only once the patient or an admin has agreed', async () => {
    const { appointment } = await clinic.book(clara, '14:00', { patient: noah.id });
    const nameOf = async () =>
      (await listed(clara, { patient: noah.id })).map(({ patientName }) => patientName);
    expect(await nameOf()).toEqual([null]);
    await clinic.confirm(ADMIN, appointment.id, 'agreed by phone');
    expect(await nameOf()).toEqual(['Lena Fischer']);
  });
});
