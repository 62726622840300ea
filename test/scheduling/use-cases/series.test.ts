import { beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, type Instant } from '#libs/kernel/clock.js';
import type { DomainError } from '#libs/kernel/errors.js';
import { addDays } from '../../../src/scheduling/domain/calendar.js';
import { at, everyDay, MONDAY, slot, SUNDAY, TUESDAY, visitType } from '../domain/builders.js';
import { ADMIN, MemoryClinic, refusalOf, type Member } from './memory-clinic.js';

const WEEK = 7 * DAY;
const SECOND = addDays(MONDAY, 7);
const THIRD = addDays(MONDAY, 14);
const FOURTH = addDays(MONDAY, 21);
const BY_PHONE = { exemptionReason: 'The doctor agreed by phone' };

let clinic: MemoryClinic;
let clara: Member;
let lena: Member;
let noah: Member;

beforeEach(async () => {
  clinic = new MemoryClinic();
  clara = await clinic.doctor();
  lena = await clinic.patient();
  noah = await clinic.patient({ firstName: 'Noah' });
  const { appointment } = await clinic.book(lena, '09:00', { doctor: clara.id });
  await clinic.confirm(clara, appointment.id);
  clinic.clock.set(at('09:30'));
  await clinic.complete(clara, appointment.id);
});

/** Clara's series for Lena, whom she has seen. */
const ofLena = (time: string, planned: Parameters<MemoryClinic['schedule']>[2] = {}) =>
  clinic.schedule(clara, time, { patient: lena.id, ...planned });

const both = (): { doctor: string; patient: string } => ({ doctor: clara.id, patient: lena.id });

async function startsOf(series: string): Promise<Instant[]> {
  return (await clinic.appointments.ofSeries(series)).map(({ state }) => state.slot.startsAt);
}

async function errorsOf(work: Promise<unknown>): Promise<unknown> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error as DomainError,
  );
  return [
    thrown?.problem.code,
    ...(thrown?.details.errors ?? []).map(({ pointer, code }) => [pointer, code]),
  ];
}

describe('a series is scheduled', () => {
  test('by the doctor for a patient they have seen, every week at one time, and is confirmed', async () => {
    const { view } = await ofLena('10:00', { reasonForVisit: 'Blood pressure' });
    expect(view.series).toMatchObject({ ...both(), everyWeeks: 1, scheduledBy: 'doctor' });
    const kept = await clinic.appointments.ofSeries(view.series.id);
    expect(kept.map(({ state }) => state.slot.startsAt - at('10:00'))).toEqual([0, WEEK, 2 * WEEK]);
    for (const { state } of kept) {
      expect(state).toMatchObject({ ...both(), status: 'confirmed', series: view.series.id });
      expect(state).toMatchObject({ bookedBy: 'doctor', reasonForVisit: 'Blood pressure' });
      expect(await clinic.appointments.history(state.id)).toMatchObject([{ from: null, to: 'confirmed' }]);
    }
  });

  test('every so many weeks', async () => {
    const { view } = await ofLena('10:00', { everyWeeks: 4, count: 2 });
    expect(await startsOf(view.series.id)).toEqual([at('10:00'), at('10:00') + 4 * WEEK]);
  });

  test('by an admin, under the rules of patients unless they keep a reason', async () => {
    const asked = { doctor: clara.id, patient: noah.id };
    const { view } = await clinic.schedule(ADMIN, '11:00', asked);
    expect(view.appointments.map(({ appointment }) => appointment.state.status)).toEqual(
      Array(3).fill('confirmed'),
    );
    expect(await errorsOf(clinic.schedule(ADMIN, '19:00', asked))).toEqual([
      'series-refused',
      ['/dates/0', 'outside-hours'],
      ['/dates/1', 'outside-hours'],
      ['/dates/2', 'outside-hours'],
    ]);
    await clinic.schedule(ADMIN, '19:00', { ...asked, ...BY_PHONE });
  });

  test('not for a patient whom the doctor has not seen: it would be several proposals', async () => {
    expect(await refusalOf(clinic.schedule(clara, '10:00', { patient: noah.id }))).toBe('proposal-limit');
    expect(await refusalOf(clinic.preview(clara, '10:00', { patient: noah.id }))).toBe('proposal-limit');
  });

  test('not by a patient', async () => {
    expect(await refusalOf(clinic.schedule(lena, '10:00', { doctor: clara.id }))).toBe('forbidden');
  });

  test('not for a patient who is not there', async () => {
    expect(await refusalOf(clinic.schedule(clara, '10:00', { patient: 'nobody' }))).toBe('not-found');
  });

  test('at the same wall time on both sides of a change of the clocks', async () => {
    const { view } = await ofLena('10:00', { everyWeeks: 21, count: 2 });
    expect(await startsOf(view.series.id)).toEqual([at('10:00'), at('10:00') + 21 * WEEK + HOUR]);
  });

  test('not at a time that the clocks of one of its dates skip', async () => {
    const date = addDays(SUNDAY, 7);
    expect(await errorsOf(ofLena('02:30', { date, everyWeeks: 42, count: 2 }))).toEqual([
      'series-refused',
      ['/dates/1', 'no-such-time'],
    ]);
  });
});

describe('all or nothing', () => {
  beforeEach(() => clinic.book(noah, '10:00', { doctor: clara.id, date: SECOND }));

  test('a series of which one date is refused is not booked at all', async () => {
    const before = await clinic.stored();
    expect(await errorsOf(ofLena('10:00'))).toEqual(['series-refused', ['/dates/1', 'slot-taken']]);
    expect(await clinic.stored()).toEqual(before);
  });

  test('the dates that are chosen are booked, and no others', async () => {
    const { view } = await ofLena('10:00', { dates: [THIRD, MONDAY] });
    expect(await startsOf(view.series.id)).toEqual([at('10:00'), at('10:00') + 2 * WEEK]);
  });

  test('a fault is told by its place among the dates that were sent', async () => {
    expect(await errorsOf(ofLena('10:00', { dates: [THIRD, SECOND] }))).toEqual([
      'series-refused',
      ['/dates/1', 'slot-taken'],
    ]);
  });

  test('a date that the series does not come to, or that is named twice, is malformed', async () => {
    expect(await errorsOf(ofLena('10:00', { dates: [MONDAY, TUESDAY, MONDAY] }))).toEqual([
      'invalid-request',
      ['/dates/1', 'date'],
      ['/dates/2', 'date'],
    ]);
  });

  test('what only the key of occupied time refuses is told by its date, and undone wholly', async () => {
    clinic.appointments.busy = async () => (await import('../domain/builders.js')).FREE;
    const before = await clinic.stored();
    expect(await errorsOf(ofLena('10:00'))).toEqual(['series-refused', ['/dates/1', 'slot-taken']]);
    expect(await clinic.stored()).toEqual(before);
  });
});

describe('each visit is judged beside those before it', () => {
  test('the open appointments of a patient are limited', async () => {
    const asked = { doctor: clara.id, patient: noah.id, count: 7 };
    const visits = await clinic.preview(ADMIN, '11:00', asked);
    expect(visits.map(({ refusals }) => refusals.join())).toEqual([
      ...Array(5).fill(''),
      'patient-limit',
      'patient-limit',
    ]);
    expect(await errorsOf(clinic.schedule(ADMIN, '11:00', asked))).toEqual([
      'series-refused',
      ['/dates/5', 'patient-limit'],
      ['/dates/6', 'patient-limit'],
    ]);
  });

  test('but not for the doctor', async () => {
    const { view } = await ofLena('10:00', { count: 26 });
    expect(view.appointments).toHaveLength(26);
  });
});

describe('a preview', () => {
  test('names the rules from which its actor is exempt, and not that a visit type is theirs to give', async () => {
    const exempted = async (who: Pick<Member, 'actor'>, time: string, more: object) =>
      (await clinic.preview(who, time, { patient: lena.id, ...more })).map(({ refusals, exemptedFrom }) => [
        refusals.join(),
        exemptedFrom.join(),
      ]);
    const late = ['', 'outside-hours'];
    expect(await exempted(clara, '20:00', {})).toEqual([late, late, late]);
    const reasoned = { doctor: clara.id, exemptionReason: 'an emergency' };
    expect(await exempted(ADMIN, '20:00', reasoned)).toEqual([late, late, late]);
    const refused = ['outside-hours', ''];
    expect(await exempted(ADMIN, '20:00', { doctor: clara.id })).toEqual([refused, refused, refused]);
    const types = [visitType({ name: 'surgery', bookableBy: 'doctor' })];
    clinic.policies.rules = { ...clinic.policies.rules, visitTypes: types };
    expect(await exempted(clara, '15:00', {})).toEqual([
      ['', ''],
      ['', ''],
      ['', ''],
    ]);
  });

  test('lists each date with all rules against it and the nearest free time, and keeps nothing', async () => {
    await clinic.book(noah, '10:00', { doctor: clara.id, date: SECOND });
    const before = await clinic.stored();
    const [first, second, third] = await clinic.preview(clara, '10:00', { patient: lena.id });
    expect(first).toMatchObject({ date: MONDAY, place: { slot: slot('10:00', '10:30') }, refusals: [] });
    expect(first?.alternative).toBeNull();
    expect(second).toMatchObject({ date: SECOND, refusals: ['slot-taken'] });
    expect(second?.alternative).toMatchObject({ date: SECOND, time: '09:30' });
    expect(third).toMatchObject({ date: THIRD, refusals: [], alternative: null });
    expect(await clinic.stored()).toEqual(before);
  });

  test('offers times beyond the horizon to those whom it does not hold', async () => {
    clinic.policies.rules = { ...clinic.policies.rules, horizonDays: 3 };
    await clinic.book(ADMIN, '10:00', { ...both(), date: SECOND, ...BY_PHONE });
    const visits = await clinic.preview(clara, '10:00', { patient: lena.id });
    expect(visits[1]?.alternative).toMatchObject({ date: SECOND, time: '09:30' });
  });

  test('offers free times that do not exclude each other', async () => {
    const between = addDays(SECOND, 3);
    const hours = everyDay('', { [between]: '10:00–10:30' });
    clinic.policies.rules = { ...clinic.policies.rules, hours };
    for (const date of [SECOND, THIRD])
      await clinic.book(ADMIN, '10:00', { doctor: clara.id, patient: noah.id, date, ...BY_PHONE });
    const visits = await clinic.preview(clara, '10:00', { patient: lena.id });
    expect(visits.map(({ alternative }) => alternative?.date)).toEqual([undefined, between, undefined]);
  });

  test('has no free time where there is none within a week', async () => {
    await clinic.book(noah, '10:00', { doctor: clara.id, date: SECOND });
    clinic.policies.rules = {
      ...clinic.policies.rules,
      hours: everyDay('', { [addDays(THIRD, 1)]: '09:00–17:00' }),
    };
    const visits = await clinic.preview(clara, '10:00', { patient: lena.id });
    expect(visits[1]).toMatchObject({ refusals: ['slot-taken'], alternative: null });
  });

  test('of a visit without a place in time names it all the same', async () => {
    const visits = await clinic.preview(clara, '10:00', { patient: lena.id, visitType: 'surgery', count: 2 });
    for (const { place, refusals } of visits)
      expect([place, refusals]).toEqual([null, ['unknown-visit-type']]);
  });

  test('tells the doctor who treats the patient, and an admin, when the patient is busy', async () => {
    const james = await clinic.doctor({}, { firstName: 'James' });
    await clinic.book(lena, '10:00', { doctor: james.id, date: SECOND });
    const ofClara = await clinic.preview(clara, '10:00', { patient: lena.id });
    expect(ofClara[1]?.refusals).toEqual(['patient-busy']);
    expect((await clinic.preview(ADMIN, '10:00', both()))[1]?.refusals).toEqual(['patient-busy']);
  });

  test('tells a doctor who has seen but no longer treats the patient that the time is taken, and no other', async () => {
    const { appointment } = await clinic.book(noah, '11:00', { doctor: clara.id });
    await clinic.confirm(clara, appointment.id);
    await clinic.checkIn(clara, appointment.id);
    clinic.clock.set(at('11:30') + 366 * DAY);
    const date = addDays(MONDAY, 371);
    const james = await clinic.doctor({}, { firstName: 'James' });
    await clinic.book(noah, '10:00', { doctor: james.id, date });
    const planned = { patient: noah.id, date, count: 2 };
    const [first] = await clinic.preview(clara, '10:00', planned);
    expect([first?.refusals, first?.alternative]).toEqual([['slot-taken'], null]);
    expect(await errorsOf(clinic.schedule(clara, '10:00', planned))).toEqual([
      'series-refused',
      ['/dates/0', 'slot-taken'],
    ]);
    // A neighbour within the buffer, from which the doctor is exempt, does not tell the one from the other.
    await clinic.book(lena, '10:30', { doctor: clara.id, date });
    clinic.policies.rules = { ...clinic.policies.rules, bufferMinutes: { before: 15, after: 0 } };
    const [beside] = await clinic.preview(clara, '10:00', planned);
    expect([beside?.refusals, beside?.exemptedFrom]).toEqual([['slot-taken'], []]);
  });
});

describe('a series is read', () => {
  test('by its two people and admins; to others it is not there', async () => {
    const { id } = (await ofLena('10:00')).view.series;
    for (const { actor } of [clara, lena, ADMIN])
      expect((await clinic.readSeries.execute(actor, id)).appointments).toHaveLength(3);
    const james = await clinic.doctor({}, { firstName: 'James' });
    for (const { actor } of [noah, james])
      expect(await refusalOf(clinic.readSeries.execute(actor, id))).toBe('not-found');
    expect(await refusalOf(clinic.readSeries.execute(await clinic.newcomer('patient'), id))).toBe(
      'not-found',
    );
  });

  test('with the visits that were moved or cancelled since', async () => {
    const { series, appointments } = (await ofLena('10:00')).view;
    const [first, second] = appointments.map(({ appointment }) => appointment.id) as [string, string];
    await clinic.cancel(lena, first);
    await clinic.reschedule(clara, second, '11:00', { date: FOURTH });
    const { appointments: now } = await clinic.readSeries.execute(lena.actor, series.id);
    expect(now.map(({ appointment: { state } }) => [state.id, state.status])).toEqual([
      [first, 'cancelled'],
      [expect.any(String), 'confirmed'],
      [second, 'confirmed'],
    ]);
  });
});

describe('all that follow are cancelled', () => {
  const statusesOf = async (series: string) =>
    (await clinic.appointments.ofSeries(series)).map(({ state }) => state.status);

  test.each(['the doctor', 'the patient', 'an admin'])('by %s, from a date on', async (who) => {
    const { id } = (await ofLena('10:00')).view.series;
    const by = { 'the doctor': clara, 'the patient': lena, 'an admin': ADMIN }[who]!;
    const { view } = await clinic.cancelSeries(by, id, { from: SECOND, reason: 'The treatment is over' });
    expect(await statusesOf(id)).toEqual(['confirmed', 'cancelled', 'cancelled']);
    expect(view.appointments[1]?.appointment.state.cancellation).toMatchObject({
      by: by.actor.role,
      reason: 'The treatment is over',
      late: false,
    });
    await clinic.book(noah, '10:00', { doctor: clara.id, date: SECOND });
  });

  test('all that are still to come, unless told: what has begun stays as it is', async () => {
    const { id } = (await ofLena('10:00')).view.series;
    clinic.clock.set(at('10:00'));
    await clinic.cancelSeries(clara, id);
    expect(await statusesOf(id)).toEqual(['confirmed', 'cancelled', 'cancelled']);
  });

  test('by the date to which a visit was moved', async () => {
    const { series, appointments } = (await ofLena('10:00')).view;
    await clinic.reschedule(clara, appointments[0]!.appointment.id, '11:00', { date: FOURTH });
    await clinic.cancelSeries(clara, series.id, { from: FOURTH });
    expect(await statusesOf(series.id)).toEqual(['confirmed', 'confirmed', 'cancelled']);
  });

  test('each as by itself: one that the patient chose is cancelled late within the notice', async () => {
    const { series, appointments } = (await ofLena('10:00')).view;
    await clinic.reschedule(lena, appointments[1]!.appointment.id, '11:00', { date: SECOND });
    await clinic.confirm(clara, appointments[1]!.appointment.id);
    clinic.clock.set(at('09:00', SECOND));
    const { view } = await clinic.cancelSeries(lena, series.id);
    const late = view.appointments.map(({ appointment: { state } }) => state.cancellation?.late);
    expect(late).toEqual([undefined, true, false]);
  });

  test('not where none is left', async () => {
    const { id } = (await ofLena('10:00')).view.series;
    expect(await refusalOf(clinic.cancelSeries(clara, id, { from: FOURTH }))).toBe('action-not-allowed');
    await clinic.cancelSeries(clara, id);
    expect(await refusalOf(clinic.cancelSeries(clara, id))).toBe('action-not-allowed');
  });

  test('not by others, to whom the series is not there', async () => {
    const { id } = (await ofLena('10:00')).view.series;
    expect(await refusalOf(clinic.cancelSeries(noah, id))).toBe('not-found');
    expect(await statusesOf(id)).toEqual(Array(3).fill('confirmed'));
  });
});

describe('a request that is sent again under its key', () => {
  const once = (request: string) => ({ once: { user: clara.actor.userId, key: 'a key of Clara', request } });

  test('has no second effect, and shows the series as it is now', async () => {
    const { view } = await ofLena('10:00', once('schedule'));
    await clinic.cancel(lena, view.appointments[0]!.appointment.id);
    const again = await ofLena('10:00', once('schedule'));
    expect([again.status, again.replayed, again.view.series.id]).toEqual([201, true, view.series.id]);
    expect(again.view.appointments[0]?.appointment.state.status).toBe('cancelled');
    expect(await startsOf(view.series.id)).toHaveLength(3);
  });

  test('cancels once', async () => {
    const { id } = (await ofLena('10:00')).view.series;
    await clinic.cancelSeries(clara, id, once('cancel'));
    const again = await clinic.cancelSeries(clara, id, once('cancel'));
    expect([again.status, again.replayed]).toEqual([200, true]);
  });

  test('for another thing is refused', async () => {
    await ofLena('10:00', once('schedule'));
    expect(await refusalOf(ofLena('11:00', once('another')))).toBe('key-reused');
  });
});
