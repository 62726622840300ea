import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '#libs/kernel/clock.js';
import type { DomainError } from '#libs/kernel/errors.js';
import { at, NOON_BEFORE } from '../domain/builders.js';
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
