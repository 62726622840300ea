import { beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR } from '#libs/kernel/clock.js';
import type { DomainError } from '#libs/kernel/errors.js';
import { at, MONDAY, NOON_BEFORE, SATURDAY, slot, SUNDAY, TUESDAY } from '../domain/builders.js';
import { ADMIN, MemoryClinic, refusalOf, type Member } from './memory-clinic.js';

let clinic: MemoryClinic;
let clara: Member;
let james: Member;
let lena: Member;
let noah: Member;

beforeEach(async () => {
  clinic = new MemoryClinic();
  clara = await clinic.doctor();
  james = await clinic.doctor({}, { firstName: 'James' });
  lena = await clinic.patient();
  noah = await clinic.patient({ firstName: 'Noah' });
});

async function errorOf(work: Promise<unknown>): Promise<DomainError> {
  return (await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )) as DomainError;
}

/** The doctor has seen the patient: a visit of Monday at 09:00 is completed, and it is 09:30. */
async function seen(doctor: Member, patient: Member): Promise<void> {
  const { appointment } = await clinic.book(patient, '09:00', { doctor: doctor.id });
  await clinic.confirm(doctor, appointment.id);
  clinic.clock.set(at('09:30'));
  await clinic.complete(doctor, appointment.id);
}

describe('a patient books', () => {
  test('for themself, and the appointment awaits the doctor', async () => {
    const { appointment } = await clinic.book(lena, '10:00', {
      doctor: clara.id,
      reasonForVisit: 'Palpitations',
    });
    const found = await clinic.appointments.find(appointment.id);
    expect(found?.state).toEqual({
      id: appointment.id,
      doctor: clara.id,
      patient: lena.id,
      slot: slot('10:00', '10:30'),
      timeZone: 'Europe/Berlin',
      outsideHours: false,
      visitType: 'consultation',
      reasonForVisit: 'Palpitations',
      series: null,
      status: 'pending',
      awaits: 'doctor',
      confirmBy: at('10:00'),
      bookedBy: 'patient',
      confirmedBy: null,
      timeChosenBy: 'patient',
      timeChosenAt: NOON_BEFORE,
      cancellation: null,
      exemptionReason: null,
      createdAt: NOON_BEFORE,
      updatedAt: NOON_BEFORE,
      version: 1,
    });
    expect(await clinic.appointments.history(appointment.id)).toEqual([
      {
        at: NOON_BEFORE,
        from: null,
        to: 'pending',
        by: 'patient',
        reason: null,
        movedFrom: null,
        minutesBefore: null,
        visitTypeBefore: null,
      },
    ]);
  });

  test('and is answered what they may see and do', async () => {
    expect(await clinic.book(lena, '10:00', { doctor: clara.id })).toMatchObject({
      doctorName: 'Clara Sommer',
      patientName: 'Lena Fischer',
      reasonForVisit: 'General Checkup',
      allowedActions: ['cancel'],
    });
  });

  test('confirmed at once where the doctor confirms automatically', async () => {
    clinic.policies.rules = { ...clinic.policies.rules, confirmation: 'automatic' };
    const { appointment } = await clinic.book(lena, '10:00', { doctor: clara.id });
    expect(appointment.state).toMatchObject({ status: 'confirmed', awaits: null, confirmBy: null });
  });

  test('and the doctor has 72 hours to confirm, at most until the start', async () => {
    const far = await clinic.book(lena, '10:00', { doctor: clara.id, date: '2025-06-12' });
    expect(far.appointment.state.confirmBy).toBe(NOON_BEFORE + 72 * HOUR);
  });

  test.each<[string, string, object]>([
    ['in-the-past', '10:00', { date: '2025-05-30' }],
    ['outside-hours', '17:00', {}],
    ['outside-hours', '10:00', { date: SATURDAY }],
    ['off-grid', '10:15', {}],
    ['too-far', '10:00', { date: '2025-09-01' }],
    ['unknown-visit-type', '10:00', { visitType: 'surgery' }],
  ])('under every rule of the policy: %s', async (code, time, asked) => {
    expect(await refusalOf(clinic.book(lena, time, { doctor: clara.id, ...asked }))).toBe(code);
    expect(await clinic.stored()).toEqual([]);
  });

  test('a first visit type that they may book, when they name none', async () => {
    const visitTypes = [
      { name: 'control', minutes: 15, bookableBy: 'seen' as const },
      { name: 'first visit', minutes: 45, bookableBy: 'everyone' as const },
    ];
    clinic.policies.rules = { ...clinic.policies.rules, visitTypes };
    const { appointment } = await clinic.book(lena, '09:45', { doctor: clara.id });
    expect(appointment.state).toMatchObject({ visitType: 'first visit', slot: slot('09:45', '10:30') });
    expect(await refusalOf(clinic.book(noah, '12:00', { doctor: clara.id, visitType: 'control' }))).toBe(
      'unknown-visit-type',
    );
  });

  test('for nobody else, whether the other is there or not', async () => {
    for (const patient of [noah.id, 'nobody']) {
      expect(await refusalOf(clinic.book(lena, '10:00', { doctor: clara.id, patient }))).toBe('forbidden');
    }
    await clinic.book(lena, '10:00', { doctor: clara.id, patient: lena.id });
  });

  test('with no length and no exemption', async () => {
    const asking = { doctor: clara.id };
    expect(await refusalOf(clinic.book(lena, '10:00', { ...asking, durationMinutes: 60 }))).toBe(
      'invalid-request',
    );
    expect(await refusalOf(clinic.book(lena, '10:00', { ...asking, exemptionReason: 'please' }))).toBe(
      'invalid-request',
    );
  });

  test('with a doctor who is named, is there and is active', async () => {
    const gone = await clinic.doctor({}, { active: false });
    expect(await refusalOf(clinic.book(lena, '10:00'))).toBe('invalid-request');
    expect(await refusalOf(clinic.book(lena, '10:00', { doctor: 'nobody' }))).toBe('not-found');
    expect(await refusalOf(clinic.book(lena, '10:00', { doctor: lena.id }))).toBe('not-found');
    expect(await refusalOf(clinic.book(lena, '10:00', { doctor: gone.id }))).toBe('not-found');
  });

  test('with a profile, once it is filled in', async () => {
    const actor = await clinic.newcomer('patient');
    expect(await refusalOf(clinic.book({ actor }, '10:00', { doctor: clara.id }))).toBe('profile-required');
  });

  test('at most five open appointments with one doctor; more with another, or when one is over', async () => {
    for (const time of ['09:00', '09:30', '10:00', '10:30', '11:00'])
      await clinic.book(lena, time, { doctor: clara.id });
    expect(await refusalOf(clinic.book(lena, '12:00', { doctor: clara.id }))).toBe('patient-limit');
    await clinic.book(lena, '12:00', { doctor: james.id });
    const [first] = await clinic.stored();
    await clinic.cancel(lena, first!.id);
    await clinic.book(lena, '13:00', { doctor: clara.id });
  });
});

describe('a time that is occupied', () => {
  test('by the doctor is slot-taken, with the three nearest times that can be booked', async () => {
    await clinic.book(lena, '10:00', { doctor: clara.id });
    const refused = await errorOf(clinic.book(noah, '10:00', { doctor: clara.id }));
    expect(refused.problem.code).toBe('slot-taken');
    expect(refused.details.alternatives?.map(({ date, time }) => `${date} ${time}`)).toEqual([
      `${MONDAY} 09:30`,
      `${MONDAY} 10:30`,
      `${MONDAY} 09:00`,
    ]);
    for (const { time } of refused.details.alternatives!) await clinic.book(noah, time, { doctor: clara.id });
  });

  test('by the patient, with any doctor, is patient-busy, with times that are free for both', async () => {
    await clinic.book(lena, '10:00', { doctor: james.id });
    await clinic.book(noah, '10:30', { doctor: clara.id });
    const refused = await errorOf(clinic.book(lena, '10:00', { doctor: clara.id }));
    expect(refused.problem.code).toBe('patient-busy');
    expect(refused.details.alternatives?.map(({ time }) => time)).toEqual(['09:30', '09:00', '11:00']);
  });

  test('is free again when it was cancelled', async () => {
    const { appointment } = await clinic.book(lena, '10:00', { doctor: clara.id });
    await clinic.cancel(clara, appointment.id);
    await clinic.book(noah, '10:00', { doctor: clara.id });
  });

  test('asked for by many at once goes to exactly one', async () => {
    const patients = await Promise.all(Array.from({ length: 30 }, () => clinic.patient()));
    const settled = await Promise.allSettled(
      patients.map((one) => clinic.book(one, '10:00', { doctor: clara.id })),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await clinic.stored()).toHaveLength(1);
  });

  test('of the patient, asked for with many doctors at once, goes to exactly one', async () => {
    const doctors = await Promise.all(Array.from({ length: 30 }, () => clinic.doctor()));
    const settled = await Promise.allSettled(
      doctors.map(({ id }) => clinic.book(lena, '10:00', { doctor: id })),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a doctor schedules', () => {
  test('a patient they have not seen: it awaits the patient, whose name they are not told', async () => {
    const view = await clinic.book(clara, '10:00', { patient: lena.id });
    expect(view.appointment.state).toMatchObject({
      status: 'pending',
      awaits: 'patient',
      bookedBy: 'doctor',
    });
    expect([view.patientName, view.allowedActions]).toEqual([null, ['cancel', 'reschedule']]);
    const confirmed = await clinic.confirm(lena, view.appointment.id);
    expect(confirmed.appointment.state.status).toBe('confirmed');
    expect((await clinic.readAppointment.execute(clara.actor, view.appointment.id)).patientName).toBe(
      'Lena Fischer',
    );
  });

  test('a patient they have seen: it is confirmed', async () => {
    await seen(clara, lena);
    const view = await clinic.book(clara, '15:00', { patient: lena.id });
    expect(view.appointment.state).toMatchObject({ status: 'confirmed', awaits: null });
    expect(view.patientName).toBe('Lena Fischer');
  });

  test('a patient whom only another doctor has seen: it awaits the patient', async () => {
    await seen(james, lena);
    expect((await clinic.book(clara, '15:00', { patient: lena.id })).appointment.state.awaits).toBe(
      'patient',
    );
  });

  test('outside hours, grid and notice, at any length', async () => {
    const sunday = await clinic.book(clara, '12:05', { patient: lena.id, date: SUNDAY, durationMinutes: 95 });
    expect(sunday.appointment.state.slot).toEqual(slot('12:05', '13:40', SUNDAY));
  });

  test.each<[string, string, object]>([
    ['in-the-past', '11:55', { date: SUNDAY }],
    ['outside-hours', '23:30', { durationMinutes: 60 }],
    ['off-grid', '10:02', {}],
  ])('but never against %s', async (code, time, asked) => {
    expect(await refusalOf(clinic.book(clara, time, { patient: lena.id, ...asked }))).toBe(code);
  });

  test.each<[string, object, string]>([
    ['23:30', { durationMinutes: 60 }, 'No visit crosses midnight. Choose another time.'],
    ['10:02', {}, 'Every visit starts on a multiple of 5 minutes. Choose another time.'],
  ])(
    'and then hears no rule that does not hold for them, nor does an admin who is exempt: %s',
    async (time, asked, told) => {
      const exempt = { patient: lena.id, ...asked };
      expect((await errorOf(clinic.book(clara, time, exempt))).message).toBe(told);
      const byAdmin = { ...exempt, doctor: clara.id, exemptionReason: 'Agreed' };
      expect((await errorOf(clinic.book(ADMIN, time, byAdmin))).message).toBe(told);
    },
  );

  test('but not over their own agenda', async () => {
    await clinic.book(noah, '10:00', { doctor: clara.id });
    expect(await refusalOf(clinic.book(clara, '09:45', { patient: lena.id }))).toBe('slot-taken');
  });

  test('in nobody else’s agenda, whether the other is there or not', async () => {
    for (const doctor of [james.id, 'nobody']) {
      expect(await refusalOf(clinic.book(clara, '10:00', { patient: lena.id, doctor }))).toBe('forbidden');
    }
    await clinic.book(clara, '10:00', { patient: lena.id, doctor: clara.id });
  });

  test('a patient who is named and there', async () => {
    expect(await refusalOf(clinic.book(clara, '10:00'))).toBe('invalid-request');
    expect(await refusalOf(clinic.book(clara, '10:00', { patient: 'nobody' }))).toBe('not-found');
    expect(await refusalOf(clinic.book(clara, '10:00', { patient: clara.id }))).toBe('not-found');
  });

  test('with a profile, once it is filled in, and without a reason for an exemption', async () => {
    const actor = await clinic.newcomer('doctor');
    expect(await refusalOf(clinic.book({ actor }, '10:00', { patient: lena.id }))).toBe('profile-required');
    expect(await refusalOf(clinic.book(clara, '10:00', { patient: lena.id, exemptionReason: 'x' }))).toBe(
      'invalid-request',
    );
  });
});

describe('of when a patient is busy a doctor', () => {
  test('who does not treat them learns nothing: it is told as slot-taken, without alternatives', async () => {
    await clinic.book(lena, '10:00', { doctor: james.id });
    await clinic.book(noah, '11:00', { doctor: clara.id });
    const busy = await errorOf(clinic.book(clara, '10:00', { patient: lena.id }));
    const taken = await errorOf(clinic.book(clara, '11:00', { patient: lena.id }));
    expect(busy.problem.code).toBe('slot-taken');
    expect(busy.details).toEqual({});
    expect([busy.problem, busy.message, busy.details]).toEqual([taken.problem, taken.message, taken.details]);
  });

  test('who treats them is told, with alternatives', async () => {
    const { appointment } = await clinic.book(lena, '15:00', { doctor: clara.id });
    await clinic.confirm(clara, appointment.id);
    await clinic.book(lena, '10:00', { doctor: james.id });
    const refused = await errorOf(clinic.book(clara, '10:00', { patient: lena.id }));
    expect(refused.problem.code).toBe('patient-busy');
    expect(refused.details.alternatives).toHaveLength(3);
  });
});

describe('to a patient they have not seen a doctor makes', () => {
  test('one proposal at a time', async () => {
    await clinic.book(clara, '10:00', { patient: lena.id });
    expect(await refusalOf(clinic.book(clara, '11:00', { patient: lena.id }))).toBe('proposal-limit');
    await clinic.book(clara, '11:00', { patient: noah.id });
    await clinic.book(james, '11:00', { patient: lena.id });
  });

  test('none after a declined one, until the patient books', async () => {
    const { appointment } = await clinic.book(clara, '10:00', { patient: lena.id });
    await clinic.cancel(lena, appointment.id);
    expect(await refusalOf(clinic.book(clara, '11:00', { patient: lena.id }))).toBe('proposal-limit');
    clinic.clock.set(NOON_BEFORE + HOUR);
    await clinic.book(lena, '15:00', { doctor: clara.id });
    await clinic.book(clara, '11:00', { patient: lena.id });
  });

  test('none after one that lapsed, though they take it back before the clock does', async () => {
    const { appointment } = await clinic.book(clara, '10:00', { patient: lena.id });
    clinic.clock.set(appointment.state.confirmBy!);
    const { appointment: ended } = await clinic.cancel(clara, appointment.id);
    expect(ended.state.cancellation).toMatchObject({ by: 'system', reason: 'expired' });
    expect(await refusalOf(clinic.book(clara, '11:00', { patient: lena.id }))).toBe('proposal-limit');
  });

  test('another when they took the first back themself', async () => {
    const { appointment } = await clinic.book(clara, '10:00', { patient: lena.id });
    await clinic.cancel(clara, appointment.id);
    await clinic.book(clara, '11:00', { patient: lena.id });
  });

  test('one of any number that they send at once', async () => {
    const times = ['09:00', '10:00', '11:00', '12:00', '13:00'];
    const settled = await Promise.allSettled(
      times.map((time) => clinic.book(clara, time, { patient: lena.id })),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('an admin schedules', () => {
  const both = () => ({ doctor: clara.id, patient: lena.id });

  test('for both: it is confirmed, and the reason of the visit is not told to them', async () => {
    const view = await clinic.book(ADMIN, '10:00', both());
    expect(view.appointment.state).toMatchObject({ status: 'confirmed', awaits: null, bookedBy: 'admin' });
    expect([view.doctorName, view.patientName, view.reasonForVisit]).toEqual([
      'Clara Sommer',
      'Lena Fischer',
      null,
    ]);
  });

  test('under the rules for patients, unless they say why not; the reason is kept', async () => {
    expect(await refusalOf(clinic.book(ADMIN, '08:00', both()))).toBe('outside-hours');
    const exempted = { ...both(), exemptionReason: 'agreed by phone', durationMinutes: 20 };
    const { appointment } = await clinic.book(ADMIN, '08:00', exempted);
    expect(appointment.state).toMatchObject({
      slot: slot('08:00', '08:20'),
      exemptionReason: 'agreed by phone',
    });
    expect(await clinic.appointments.history(appointment.id)).toMatchObject([
      { by: 'admin', reason: 'agreed by phone' },
    ]);
  });

  test('at a length of their own only with a reason', async () => {
    expect(await refusalOf(clinic.book(ADMIN, '10:00', { ...both(), durationMinutes: 20 }))).toBe(
      'invalid-request',
    );
  });

  test('over nobody’s agenda, whatever the reason', async () => {
    await clinic.book(noah, '10:00', { doctor: clara.id });
    await clinic.book(lena, '11:00', { doctor: james.id });
    const exempted = { ...both(), exemptionReason: 'agreed by phone' };
    expect(await refusalOf(clinic.book(ADMIN, '10:00', exempted))).toBe('slot-taken');
    expect(await refusalOf(clinic.book(ADMIN, '11:00', exempted))).toBe('patient-busy');
  });

  test('for a doctor and a patient who are named and there', async () => {
    expect(await refusalOf(clinic.book(ADMIN, '10:00', { doctor: clara.id }))).toBe('invalid-request');
    expect(await refusalOf(clinic.book(ADMIN, '10:00', { patient: lena.id }))).toBe('invalid-request');
    expect(await refusalOf(clinic.book(ADMIN, '10:00', { doctor: 'nobody', patient: lena.id }))).toBe(
      'not-found',
    );
    expect(await refusalOf(clinic.book(ADMIN, '10:00', { doctor: clara.id, patient: 'nobody' }))).toBe(
      'not-found',
    );
  });
});

describe('the time zone', () => {
  test("of a booking is the doctor's, and no appointment moves when the doctor does", async () => {
    const { appointment } = await clinic.book(lena, '10:00', { doctor: clara.id });
    await clinic.transactions.run(() => clinic.doctors.change(clara.id, { timeZone: 'Asia/Kolkata' }));
    expect((await clinic.appointments.find(appointment.id))?.state).toMatchObject({
      timeZone: 'Europe/Berlin',
      slot: slot('10:00', '10:30'),
    });
    const later = await clinic.book(noah, '10:00', { doctor: clara.id, date: TUESDAY });
    expect(later.appointment.state).toMatchObject({
      timeZone: 'Asia/Kolkata',
      slot: { startsAt: Date.parse('2025-06-03T04:30:00Z') },
    });
  });
});

describe('whom a doctor treats', () => {
  test('is told from the moment of confirmation until 365 days after the end', async () => {
    const treats = () => clinic.careRelationship.treats(clara.actor.userId, lena.id);
    const { appointment } = await clinic.book(lena, '10:00', { doctor: clara.id });
    expect(await treats()).toBe(false);
    await clinic.confirm(clara, appointment.id);
    expect(await treats()).toBe(true);
    expect(await clinic.careRelationship.patientsOf(clara.actor.userId)).toEqual([lena.id]);
    expect(await clinic.careRelationship.treats(james.actor.userId, lena.id)).toBe(false);
    expect(await clinic.careRelationship.treats(lena.actor.userId, lena.id)).toBe(false);
    clinic.clock.set(at('10:30') + 365 * DAY);
    expect(await treats()).toBe(false);
  });

  test('is nobody whose appointment was cancelled', async () => {
    const { appointment } = await clinic.book(lena, '10:00', { doctor: clara.id });
    await clinic.confirm(clara, appointment.id);
    await clinic.cancel(lena, appointment.id);
    expect(await clinic.careRelationship.treats(clara.actor.userId, lena.id)).toBe(false);
  });
});
