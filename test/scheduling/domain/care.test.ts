import { describe, expect, test } from 'vitest';
import { DAY, HOUR, type Instant } from '#libs/kernel/clock.js';
import { Appointment, STATUSES, type AppointmentStatus } from '../../../src/scheduling/domain/appointment.js';
import { CareAccess, mayPropose, type CareFacts } from '../../../src/scheduling/domain/care.js';
import { SlotPolicy } from '../../../src/scheduling/domain/slot-policy.js';
import { at, booked, NOON_BEFORE, slot } from './builders.js';

const YEAR_DAYS = 365;
const care = new CareAccess(YEAR_DAYS);
const END = at('10:30');
const BEFORE = at('09:00');

function inStatus(status: AppointmentStatus): CareFacts {
  return { status, slot: slot('10:00', '10:30') };
}

describe('a doctor treats a patient', () => {
  test.each<[AppointmentStatus, boolean]>([
    ['pending', false],
    ['confirmed', true],
    ['checked_in', true],
    ['completed', true],
    ['cancelled', false],
    ['no_show', true],
  ])('by an appointment that is %s: %s', (status, treats) => {
    expect(care.treats([inStatus(status)], BEFORE)).toBe(treats);
    expect(care.treats([inStatus(status)], END + DAY)).toBe(treats);
  });

  test('every status has an answer in the table above', () => {
    expect(STATUSES).toHaveLength(6);
  });

  test('from the moment of confirmation, however far ahead the appointment is', () => {
    expect(care.treats([booked().state], NOON_BEFORE)).toBe(false);
    expect(
      care.treats([booked().confirm('doctor', null, SlotPolicy.DEFAULT, NOON_BEFORE).state], NOON_BEFORE),
    ).toBe(true);
  });

  test('until 365 days after its end', () => {
    expect(care.treats([inStatus('completed')], END + YEAR_DAYS * DAY - 1)).toBe(true);
    expect(care.treats([inStatus('completed')], END + YEAR_DAYS * DAY)).toBe(false);
  });

  test('for as many days as the operator sets', () => {
    expect(new CareAccess(30).treats([inStatus('completed')], END + 30 * DAY - 1)).toBe(true);
    expect(new CareAccess(30).treats([inStatus('completed')], END + 30 * DAY)).toBe(false);
  });

  test('no longer once the only appointment was cancelled, and still by another one', () => {
    const cancelled = booked()
      .confirm('doctor', null, SlotPolicy.DEFAULT, NOON_BEFORE)
      .cancel('patient', null, SlotPolicy.DEFAULT, NOON_BEFORE);
    expect(care.treats([cancelled.state], NOON_BEFORE)).toBe(false);
    expect(care.treats([cancelled.state, inStatus('confirmed')], NOON_BEFORE)).toBe(true);
  });

  test('not without any appointment', () => {
    expect(care.treats([], BEFORE)).toBe(false);
  });
});

describe('a doctor has seen a patient', () => {
  test.each<[AppointmentStatus, boolean]>([
    ['pending', false],
    ['confirmed', false],
    ['checked_in', true],
    ['completed', true],
    ['cancelled', false],
    ['no_show', false],
  ])('by an appointment that is %s: %s', (status, seen) => {
    expect(care.hasSeen([inStatus(status)], END + HOUR)).toBe(seen);
  });

  test('if the completed appointment ended less than 365 days ago', () => {
    expect(care.hasSeen([inStatus('completed')], END + YEAR_DAYS * DAY - 1)).toBe(true);
    expect(care.hasSeen([inStatus('completed')], END + YEAR_DAYS * DAY)).toBe(false);
  });

  test('by any one of several appointments, and not without one', () => {
    expect(care.hasSeen([inStatus('cancelled'), inStatus('completed'), inStatus('pending')], END)).toBe(true);
    expect(care.hasSeen([], END)).toBe(false);
  });
});

describe('a doctor may propose to a patient not seen', () => {
  const rules = SlotPolicy.DEFAULT;
  const hour = (count: number): Instant => NOON_BEFORE + count * HOUR;
  const proposal = (hours: number): Appointment => booked({ by: 'doctor' }, {}, hour(hours));
  const booking = (hours: number): Appointment => booked({ by: 'patient' }, {}, hour(hours));
  const may = (...appointments: Appointment[]): boolean => mayPropose(appointments.map(({ state }) => state));

  test('at first', () => {
    expect(may()).toBe(true);
  });

  test('at most one open proposal', () => {
    expect(may(proposal(0))).toBe(false);
  });

  test('no second one while the first is open, though the patient books meanwhile', () => {
    expect(may(proposal(0), booking(1))).toBe(false);
    expect(may(booking(0), proposal(1))).toBe(false);
  });

  test('again once the patient has confirmed the first, and also if it is cancelled later', () => {
    const agreed = proposal(0).confirm('patient', null, rules, hour(1));
    expect(may(agreed)).toBe(true);
    expect(may(agreed.cancel('patient', null, rules, hour(2)))).toBe(true);
  });

  test('again once an admin has confirmed it for the patient', () => {
    expect(may(proposal(0).confirm('admin', 'by phone', rules, hour(1)))).toBe(true);
  });

  test('none after the patient has declined one', () => {
    expect(may(proposal(0).cancel('patient', null, rules, hour(1)))).toBe(false);
  });

  test('none after one that expired', () => {
    expect(may(proposal(0).expire(hour(22)))).toBe(false);
  });

  test('none after one that had lapsed when the doctor withdrew it', () => {
    const lapsed = booked({ by: 'doctor' }, { confirmWithinMinutes: 60 }, hour(0));
    expect(may(lapsed.cancel('doctor', null, rules, hour(1)))).toBe(false);
    expect(may(lapsed.cancel('doctor', null, rules, hour(1) - 1))).toBe(true);
  });

  test('again after one that the doctor or an admin withdrew', () => {
    expect(may(proposal(0).cancel('doctor', null, rules, hour(1)))).toBe(true);
    expect(may(proposal(0).cancel('admin', 'wrong patient', rules, hour(1)))).toBe(true);
  });

  test('again once the patient has booked after declining', () => {
    const declined = proposal(0).cancel('patient', null, rules, hour(1));
    expect(may(declined, booking(2))).toBe(true);
  });

  test('not yet when the patient booked before declining', () => {
    const declined = proposal(0).cancel('patient', null, rules, hour(2));
    expect(may(declined, booking(1))).toBe(false);
    expect(may(booking(1), declined)).toBe(false);
  });

  test('again once the patient has moved one, who then has agreed to it', () => {
    const slotOfMove = slot('15:00', '15:30');
    const move = {
      reason: null,
      slot: slotOfMove,
      timeZone: 'Europe/Berlin',
      outsideHours: false,
      visitType: 'x',
      exemptionReason: null,
    };
    const byPatient = proposal(-4).reschedule({ by: 'patient', ...move }, rules, hour(-3));
    expect(may(byPatient)).toBe(true);
    expect(may(byPatient.cancel('patient', null, rules, hour(-2)))).toBe(true);
    const byDoctor = proposal(-4).reschedule({ by: 'doctor', ...move }, rules, hour(-3));
    expect([may(byDoctor), may(byDoctor.cancel('patient', null, rules, hour(-2)))]).toEqual([false, false]);
  });

  test('whatever the doctor has scheduled without asking, and the patient has cancelled', () => {
    const scheduled = booked({ by: 'doctor', hasSeen: true }, {}, hour(0));
    expect(may(scheduled, scheduled.cancel('patient', null, rules, hour(1)))).toBe(true);
  });

  test('whatever an admin has scheduled', () => {
    const scheduled = booked({ by: 'admin' }, {}, hour(0));
    expect(may(scheduled, scheduled.cancel('patient', null, rules, hour(1)))).toBe(true);
    expect(may(scheduled, proposal(1))).toBe(false);
  });
});
