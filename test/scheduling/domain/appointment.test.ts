import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, type Instant } from '#libs/kernel/clock.js';
import {
  ACTIONS,
  Appointment,
  STATUSES,
  type Action,
  type AppointmentStatus,
  type Chooser,
  type Move,
  type Side,
} from '../../../src/scheduling/domain/appointment.js';
import { ActionNotAllowed, TooLateToChange } from '../../../src/scheduling/domain/errors.js';
import { SlotPolicy } from '../../../src/scheduling/domain/slot-policy.js';
import { at, BERLIN, booked, NOON_BEFORE, slot, TUESDAY } from './builders.js';

const rules = SlotPolicy.DEFAULT;
const START = at('10:00');
const END = at('10:30');
const CONFIRM_BY = NOON_BEFORE + HOUR;
const NOTHING_REPLACED = { movedFrom: null, minutesBefore: null, visitTypeBefore: null };
const PEOPLE = ['patient', 'doctor', 'admin'] as const;

const asPending = booked({}, { confirmWithinMinutes: 60 });
const asProposal = booked({ by: 'doctor' }, { confirmWithinMinutes: 60 });
const asConfirmed = asPending.confirm('doctor', null, rules, NOON_BEFORE);

function inStatus(status: AppointmentStatus): Appointment {
  return Appointment.restore({ ...asConfirmed.state, status });
}

function act(appointment: Appointment, action: Action, by: Chooser, now: Instant): Appointment {
  switch (action) {
    case 'confirm':
      return appointment.confirm(by, 'a reason', rules, now);
    case 'cancel':
      return appointment.cancel(by, 'a reason', rules, now);
    case 'reschedule':
      return appointment.reschedule(moveBy(by), rules, now);
    case 'check-in':
      return appointment.checkIn(by, rules, now);
    case 'complete':
      return appointment.complete(by, rules, now);
    case 'no-show':
      return appointment.miss(by, rules, now);
  }
}

/** To Tuesday at 15:00. */
function moveBy(by: Chooser, change: Partial<Move> = {}): Move {
  const slotOfMove = slot('15:00', '15:45', TUESDAY);
  const visit = { slot: slotOfMove, timeZone: BERLIN.name, outsideHours: false, visitType: 'control' };
  return { by, reason: null, exemptionReason: null, ...visit, ...change };
}

describe('book and schedule', () => {
  test.each([
    ['a patient, where confirmation is manual', { by: 'patient' }, 'manual', 'pending', 'doctor'],
    ['a patient, where confirmation is automatic', { by: 'patient' }, 'automatic', 'confirmed', null],
    [
      'the doctor, for a patient not seen',
      { by: 'doctor', hasSeen: false },
      'automatic',
      'pending',
      'patient',
    ],
    ['the doctor, for a patient seen', { by: 'doctor', hasSeen: true }, 'manual', 'confirmed', null],
    ['an admin', { by: 'admin', hasSeen: false }, 'manual', 'confirmed', null],
  ] as const)('by %s', (_who, change, confirmation, status, awaits) => {
    const { state } = booked(change, { confirmation });
    expect(state).toMatchObject({
      status,
      awaits,
      bookedBy: change.by,
      timeChosenBy: change.by,
      confirmedBy: change.by === 'doctor' && awaits === null ? 'doctor' : null,
    });
    expect(state.confirmBy === null).toBe(awaits === null);
  });

  test('that the doctor has seen the patient confirms nothing that the patient books', () => {
    expect(booked({ hasSeen: true }).state).toMatchObject({ status: 'pending', awaits: 'doctor' });
  });

  test('keeps what was agreed: people, slot, zone, visit type, reason, and the reason of an exemption', () => {
    const exempt = { by: 'admin', exemptionReason: 'an emergency' } as const;
    const { state, change } = booked(exempt);
    expect(state).toEqual({
      id: 'appointment',
      doctor: 'doctor',
      patient: 'patient',
      slot: slot('10:00', '10:30'),
      timeZone: BERLIN.name,
      outsideHours: false,
      visitType: 'consultation',
      reasonForVisit: 'General Checkup',
      series: null,
      status: 'confirmed',
      awaits: null,
      confirmBy: null,
      bookedBy: 'admin',
      confirmedBy: null,
      timeChosenBy: 'admin',
      timeChosenAt: NOON_BEFORE,
      cancellation: null,
      exemptionReason: 'an emergency',
      createdAt: NOON_BEFORE,
      updatedAt: NOON_BEFORE,
      version: 1,
    });
    expect(change).toEqual({
      at: NOON_BEFORE,
      from: null,
      to: 'confirmed',
      by: 'admin',
      reason: 'an emergency',
      ...NOTHING_REPLACED,
    });
  });

  test('confirm_by is 72 hours after the booking by default, and at the latest the start', () => {
    const early = START - 10 * DAY;
    expect(booked({}, {}, early).state.confirmBy).toBe(early + 72 * HOUR);
    expect(booked({}, {}, START - 72 * HOUR).state.confirmBy).toBe(START);
    expect(booked({}, {}, NOON_BEFORE).state.confirmBy).toBe(START);
    expect(booked({ by: 'doctor' }, { confirmWithinMinutes: 30 }, early).state.confirmBy).toBe(
      early + 30 * MINUTE,
    );
  });
});

describe('the table of actions', () => {
  /** Booked a week before; a pending one can be confirmed until an hour before the start. */
  const BOOKED_AT = START - 7 * DAY;
  const UNTIL_NINE = { confirmWithinMinutes: (7 * DAY - HOUR) / MINUTE };
  const confirmed = booked({}, UNTIL_NINE, BOOKED_AT).confirm('doctor', null, rules, BOOKED_AT);
  const inState = (status: AppointmentStatus): Appointment =>
    Appointment.restore({ ...confirmed.state, status });

  const STATES: Record<string, Appointment> = {
    'awaits the doctor': booked({}, UNTIL_NINE, BOOKED_AT),
    'awaits the patient': booked({ by: 'doctor' }, UNTIL_NINE, BOOKED_AT),
    confirmed,
    'checked in': inState('checked_in'),
    completed: inState('completed'),
    'no-show': inState('no_show'),
    cancelled: inState('cancelled'),
  };
  /** The first and the last instant of each span in which nothing changes. */
  const MOMENTS: Record<string, readonly [Instant, Instant]> = {
    'until the notice': [BOOKED_AT, START - DAY],
    'until its date': [START - DAY + 1, at('00:00') - 1],
    'until confirm_by': [at('00:00'), START - HOUR - 1],
    'until the start': [START - HOUR, START - 1],
    'on its date': [START, at('24:00') - 1],
    'until a day after': [at('24:00'), END + DAY - 1],
    afterwards: [END + DAY, END + 400 * DAY],
  };

  // In brackets: only the notice stands in the way.
  const TABLE = `
    state              | when              | patient             | doctor                            | admin
    awaits the doctor  | until the notice  | cancel reschedule   | confirm cancel reschedule         | confirm cancel reschedule
    awaits the doctor  | until its date    | cancel (reschedule) | confirm cancel reschedule         | confirm cancel reschedule
    awaits the doctor  | until confirm_by  | cancel (reschedule) | confirm cancel reschedule         | confirm cancel reschedule
    awaits the doctor  | until the start   | cancel              | cancel                            | cancel
    awaits the doctor  | on its date       |                     | cancel                            | cancel
    awaits the doctor  | until a day after |                     | cancel                            | cancel
    awaits the doctor  | afterwards        |                     | cancel                            | cancel
    awaits the patient | until the notice  | confirm cancel reschedule   | cancel reschedule         | confirm cancel reschedule
    awaits the patient | until its date    | confirm cancel (reschedule) | cancel reschedule         | confirm cancel reschedule
    awaits the patient | until confirm_by  | confirm cancel (reschedule) | cancel reschedule         | confirm cancel reschedule
    awaits the patient | until the start   | cancel              | cancel                            | cancel
    awaits the patient | on its date       |                     | cancel                            | cancel
    awaits the patient | until a day after |                     | cancel                            | cancel
    awaits the patient | afterwards        |                     | cancel                            | cancel
    confirmed          | until the notice  | cancel reschedule   | cancel reschedule                 | cancel reschedule
    confirmed          | until its date    | cancel (reschedule) | cancel reschedule                 | cancel reschedule
    confirmed          | until confirm_by  | cancel (reschedule) | cancel reschedule check-in        | cancel reschedule check-in
    confirmed          | until the start   | cancel (reschedule) | cancel reschedule check-in        | cancel reschedule check-in
    confirmed          | on its date       | (reschedule)        | cancel check-in complete no-show  | cancel check-in complete no-show
    confirmed          | until a day after | (reschedule)        | cancel complete no-show           | cancel complete no-show
    confirmed          | afterwards        | (reschedule)        | cancel complete no-show           | cancel complete no-show
    checked in         | until the notice  | cancel              | cancel                            | cancel
    checked in         | until its date    | cancel              | cancel                            | cancel
    checked in         | until confirm_by  | cancel              | cancel                            | cancel
    checked in         | until the start   | cancel              | cancel                            | cancel
    checked in         | on its date       |                     | cancel complete no-show           | cancel complete no-show
    checked in         | until a day after |                     | cancel complete no-show           | cancel complete no-show
    checked in         | afterwards        |                     | cancel complete no-show           | cancel complete no-show
    completed          | until a day after |                     | no-show                           | no-show
    completed          | afterwards        |                     |                                   |
    no-show            | until a day after |                     | complete                          | complete
    no-show            | afterwards        |                     |                                   |
    cancelled          | until the notice  |                     |                                   |
    cancelled          | until its date    |                     |                                   |
    cancelled          | until confirm_by  |                     |                                   |
    cancelled          | until the start   |                     |                                   |
    cancelled          | on its date       |                     |                                   |
    cancelled          | until a day after |                     |                                   |
    cancelled          | afterwards        |                     |                                   |`;

  const [, ...rows] = TABLE.trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()) as [string, string, string, string, string]);
  const BECOMES: Record<Action, readonly AppointmentStatus[]> = {
    confirm: ['confirmed'],
    cancel: ['cancelled'],
    reschedule: ['pending', 'confirmed'],
    'check-in': ['checked_in'],
    complete: ['completed'],
    'no-show': ['no_show'],
  };

  test.each(rows)('%s, %s: patient [%s], doctor [%s], admin [%s]', (state, when, ...cells) => {
    const appointment = STATES[state]!;
    for (const now of MOMENTS[when]!) {
      for (const [i, by] of PEOPLE.entries()) {
        const words = cells[i]!.split(' ').filter(Boolean);
        const where = `by the ${by} at ${new Date(now).toISOString()}`;
        expect(appointment.allowedActions(by, rules, now), where).toEqual(
          words.filter((word) => !word.startsWith('(')),
        );
        for (const action of ACTIONS) {
          const acting = (): Appointment => act(appointment, action, by, now);
          if (words.includes(action)) expect(BECOMES[action], where).toContain(acting().state.status);
          else expect(acting, `${action} ${where}`).toThrow(refusalOf(words.includes(`(${action})`)));
        }
      }
    }
  });

  function refusalOf(isOnlyLate: boolean) {
    return isOnlyLate ? TooLateToChange : ActionNotAllowed;
  }

  test('every state has a row for each time that it can be in', () => {
    const whole = Object.keys(STATES).flatMap((state) =>
      Object.keys(MOMENTS).map((when) => `${state}, ${when}`),
    );
    const missing = whole.filter((cell) => !rows.some(([state, when]) => `${state}, ${when}` === cell));
    // What is over began before: nobody completes a visit, or misses it, before its start.
    expect(
      missing.filter(
        (cell) => !/^(completed|no-show), (until the|until its|until confirm|on its)/.test(cell),
      ),
    ).toEqual([]);
    expect(Object.keys(STATES)).toHaveLength(STATUSES.length + 1);
  });

  test('a refused action names the status and the allowed ones', () => {
    const refused = (): unknown => asConfirmed.confirm('doctor', null, rules, START);
    expect(refused).toThrow(/It is confirmed. A pending appointment is confirmed/);
    expect(refused).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({ code: 'action-not-allowed', kind: 'conflict' }),
        details: { allowedActions: ['cancel', 'check-in', 'complete', 'no-show'] },
      }),
    );
  });

  describe.each([
    ['is not approved any more', { approved: false, active: true }],
    ['is deactivated', { approved: true, active: false }],
  ])('of a doctor who %s', (_who, standing) => {
    const shut = { ...rules, standing };
    const moved = (appointment: Appointment, by: Chooser, now: Instant) => (): unknown =>
      appointment.reschedule(moveBy(by), shut, now);

    test.each(['patient', 'admin'] as const)('the %s is told that it is the doctor, not the state', (by) => {
      for (const appointment of [asPending, asProposal, asConfirmed])
        expect(moved(appointment, by, NOON_BEFORE)).toThrow(
          'The doctor takes no bookings at present, so it cannot be moved. It can be cancelled.',
        );
      // The notice of a patient is no reason where nobody moves it.
      expect(moved(asConfirmed, by, START - 1)).toThrow(/The doctor takes no bookings/);
      expect(moved(asConfirmed, by, NOON_BEFORE)).toThrow(
        expect.objectContaining({
          problem: expect.objectContaining({ code: 'action-not-allowed' }),
          details: { allowedActions: ['cancel'] },
        }),
      );
    });

    test.each(['patient', 'admin'] as const)('the %s is told of the state where that is why', (by) => {
      expect(moved(asConfirmed, by, START)).toThrow(/It is confirmed. A pending or confirmed/);
      expect(moved(asPending, by, CONFIRM_BY)).toThrow(
        /It is pending, and its confirm_by has passed. A pending or confirmed/,
      );
      expect(moved(inStatus('cancelled'), by, NOON_BEFORE)).toThrow(/It is cancelled./);
    });
  });

  test('a refused action says that a confirmation has come too late, and speaks of a missed visit', () => {
    const words = 'A pending appointment is confirmed by the side that it awaits';
    const late = (): unknown => asPending.confirm('doctor', null, rules, CONFIRM_BY);
    expect(late).toThrow(`It is pending, and its confirm_by has passed. ${words}`);
    const early = (): unknown => asPending.confirm('patient', null, rules, CONFIRM_BY - 1);
    expect(early).toThrow(`It is pending. ${words}`);
    const missed = (): unknown => inStatus('no_show').confirm('doctor', null, rules, START);
    expect(missed).toThrow(`It is a no-show. ${words}`);
  });

  test('the system confirms and completes nothing', () => {
    expect(asPending.allowedActions('system', rules, NOON_BEFORE)).not.toContain('confirm');
    expect(asConfirmed.allowedActions('system', rules, END)).not.toContain('complete');
  });
});

describe('confirm', () => {
  test('by the awaited side ends the waiting', () => {
    expect(asPending.confirm('doctor', null, rules, NOON_BEFORE).state).toMatchObject({
      status: 'confirmed',
      awaits: null,
      confirmBy: null,
      confirmedBy: 'doctor',
    });
    expect(asProposal.confirm('patient', null, rules, NOON_BEFORE).state.confirmedBy).toBe('patient');
  });

  test('by an admin keeps the reason', () => {
    const { state, change } = asProposal.confirm('admin', 'agreed by phone', rules, NOON_BEFORE);
    expect(state.confirmedBy).toBe('admin');
    expect(change?.reason).toBe('agreed by phone');
  });

  test('by the other side is not allowed, and a second time neither', () => {
    expect(() => asPending.confirm('patient', null, rules, NOON_BEFORE)).toThrow(ActionNotAllowed);
    expect(() => asProposal.confirm('doctor', null, rules, NOON_BEFORE)).toThrow(ActionNotAllowed);
    expect(() => asConfirmed.confirm('doctor', null, rules, NOON_BEFORE)).toThrow(ActionNotAllowed);
  });
});

describe('cancel', () => {
  test('keeps who, when and why, and ends the waiting', () => {
    const now = NOON_BEFORE + MINUTE;
    expect(asPending.cancel('doctor', 'ill', rules, now).state).toMatchObject({
      status: 'cancelled',
      awaits: null,
      confirmBy: null,
      cancellation: { by: 'doctor', at: now, reason: 'ill', late: false },
    });
  });

  describe('is late', () => {
    const NOTICE = 24 * HOUR;
    const WEEK_BEFORE = START - 7 * DAY;
    const chosenByPatient = booked({}, { confirmation: 'automatic' }, WEEK_BEFORE);
    const isLate = (appointment: Appointment, now: Instant, by: Side = 'patient', of = rules): boolean =>
      appointment.cancel(by, null, of, now).state.cancellation!.late;

    test('when a patient cancels a confirmed one later than the cancellation notice before the start', () => {
      expect(isLate(chosenByPatient, START - NOTICE)).toBe(false);
      expect(isLate(chosenByPatient, START - NOTICE + 1)).toBe(true);
      expect(isLate(chosenByPatient, START - 1)).toBe(true);
    });

    test('by the notice that the doctor asks for', () => {
      const shortNotice = { ...rules, cancellationNoticeMinutes: 60 };
      expect(isLate(chosenByPatient, START - HOUR, 'patient', shortNotice)).toBe(false);
      expect(isLate(chosenByPatient, START - HOUR + 1, 'patient', shortNotice)).toBe(true);
    });

    test('also when the doctor had to confirm it', () => {
      const confirmed = booked({}, {}, WEEK_BEFORE).confirm('doctor', null, rules, WEEK_BEFORE);
      expect(isLate(confirmed, START - HOUR)).toBe(true);
    });

    test('never when the doctor or an admin cancels', () => {
      for (const by of ['doctor', 'admin'] as const)
        expect(isLate(chosenByPatient, START - HOUR, by), by).toBe(false);
    });

    test('never while it is pending', () => {
      expect(isLate(booked({}, {}, NOON_BEFORE), START - HOUR)).toBe(false);
    });

    test('never when the other side chose the time', () => {
      const byDoctor = booked({ by: 'doctor' }, {}, WEEK_BEFORE).confirm('patient', null, rules, WEEK_BEFORE);
      const byAdmin = booked({ by: 'admin' }, {}, WEEK_BEFORE);
      for (const appointment of [byDoctor, byAdmin]) expect(isLate(appointment, START - HOUR)).toBe(false);
    });

    test('never within 15 minutes after the time was chosen', () => {
      const chosenAt = START - 2 * HOUR;
      const fresh = booked({}, { confirmation: 'automatic' }, chosenAt);
      expect(isLate(fresh, chosenAt + 15 * MINUTE)).toBe(false);
      expect(isLate(fresh, chosenAt + 15 * MINUTE + 1)).toBe(true);
    });
  });
});

describe('complete', () => {
  test('is for the doctor or an admin from the start on', () => {
    expect(asConfirmed.complete('doctor', rules, START).state.status).toBe('completed');
    expect(asConfirmed.complete('admin', rules, END + DAY).state.status).toBe('completed');
    expect(inStatus('checked_in').complete('doctor', rules, END).state.status).toBe('completed');
  });
});

describe('expire', () => {
  test('cancels a pending one in the name of the system from confirm_by on, and no earlier', () => {
    expect(() => asPending.expire(CONFIRM_BY - 1)).toThrow(ActionNotAllowed);
    const { state, change } = asPending.expire(CONFIRM_BY);
    expect(state).toMatchObject({
      status: 'cancelled',
      awaits: null,
      confirmBy: null,
      cancellation: { by: 'system', at: CONFIRM_BY, reason: 'expired', late: false },
    });
    expect(change).toMatchObject({ from: 'pending', to: 'cancelled', by: 'system', reason: 'expired' });
  });

  test.each(STATUSES.filter((status) => status !== 'pending'))('never touches one that is %s', (status) => {
    expect(() => inStatus(status).expire(END + DAY)).toThrow(ActionNotAllowed);
  });

  test('is decided by confirm_by alone: what has lapsed cannot be confirmed or moved, though nobody cancelled it', () => {
    expect([asPending.hasLapsed(CONFIRM_BY - 1), asPending.hasLapsed(CONFIRM_BY)]).toEqual([false, true]);
    for (const by of PEOPLE) {
      expect(asPending.allowedActions(by, rules, CONFIRM_BY), by).toEqual(['cancel']);
    }
  });

  test.each(PEOPLE)('is what a cancel by the %s does to what has lapsed, and to nothing before', (by) => {
    const [early, lapsed] = [CONFIRM_BY - 1, CONFIRM_BY].map((now) =>
      asProposal.cancel(by, 'a reason', rules, now),
    );
    expect(early!.state.cancellation).toMatchObject({ by, reason: 'a reason' });
    expect([lapsed!.state, lapsed!.change]).toEqual([
      asProposal.expire(CONFIRM_BY).state,
      asProposal.expire(CONFIRM_BY).change,
    ]);
  });
});

describe('reschedule', () => {
  const EARLY = START - 7 * DAY;
  const LATER = EARLY + HOUR;
  const pending = booked({}, {}, EARLY);
  const proposal = booked({ by: 'doctor' }, {}, EARLY);
  const confirmed = pending.confirm('doctor', null, rules, EARLY);

  test('keeps id, doctor, patient and all that was booked, and takes the new time, zone and visit', () => {
    const move = moveBy('patient', { timeZone: 'Asia/Kolkata', reason: 'work' });
    const { state, before, change } = confirmed.reschedule(move, rules, LATER);
    expect(state).toEqual({
      ...confirmed.state,
      slot: move.slot,
      timeZone: 'Asia/Kolkata',
      visitType: 'control',
      status: 'pending',
      awaits: 'doctor',
      confirmBy: LATER + 72 * HOUR,
      confirmedBy: 'patient',
      timeChosenBy: 'patient',
      timeChosenAt: LATER,
      updatedAt: LATER,
      version: 3,
    });
    expect(before).toEqual(confirmed.state);
    expect(change).toEqual({
      at: LATER,
      from: 'confirmed',
      to: 'pending',
      by: 'patient',
      reason: 'work',
      movedFrom: START,
      minutesBefore: 30,
      visitTypeBefore: 'consultation',
    });
  });

  test.each<[string, Partial<Move>, object]>([
    ['the time', { slot: slot('11:00', '11:30') }, { movedFrom: START }],
    ['the length', { slot: slot('10:00', '10:45') }, { minutesBefore: 30 }],
    ['the start', { slot: slot('10:05', '10:30') }, { movedFrom: START, minutesBefore: 30 }],
    ['the visit type', { visitType: 'control' }, { visitTypeBefore: 'consultation' }],
  ])('of %s alone tells what that was, and of nothing else', (_, change, told) => {
    const as = { slot: slot('10:00', '10:30'), visitType: 'consultation' };
    const moved = confirmed.reschedule(moveBy('doctor', { ...as, ...change }), rules, LATER);
    expect(moved.change).toMatchObject({ ...NOTHING_REPLACED, ...told });
  });

  test.each<[Chooser, 'manual' | 'automatic', string, Appointment, AppointmentStatus, Side | null]>([
    ['patient', 'manual', 'a pending one', pending, 'pending', 'doctor'],
    ['patient', 'manual', 'a proposal', proposal, 'pending', 'doctor'],
    ['patient', 'manual', 'a confirmed one', confirmed, 'pending', 'doctor'],
    ['patient', 'automatic', 'a pending one', pending, 'confirmed', null],
    ['patient', 'automatic', 'a proposal', proposal, 'confirmed', null],
    ['patient', 'automatic', 'a confirmed one', confirmed, 'confirmed', null],
    ['doctor', 'manual', 'a pending one', pending, 'pending', 'patient'],
    ['doctor', 'manual', 'a proposal', proposal, 'pending', 'patient'],
    ['doctor', 'manual', 'a confirmed one', confirmed, 'confirmed', null],
    ['doctor', 'automatic', 'a pending one', pending, 'pending', 'patient'],
    ['admin', 'manual', 'a pending one', pending, 'confirmed', null],
    ['admin', 'manual', 'a proposal', proposal, 'confirmed', null],
    ['admin', 'manual', 'a confirmed one', confirmed, 'confirmed', null],
  ])('by the %s, confirmation %s, of %s', (by, confirmation, _what, appointment, status, awaits) => {
    const { state } = appointment.reschedule(moveBy(by), { ...rules, confirmation }, LATER);
    expect(state).toMatchObject({ status, awaits, timeChosenBy: by, timeChosenAt: LATER });
    expect(state.confirmBy).toBe(awaits === null ? null : LATER + 72 * HOUR);
  });

  test('sets confirm_by anew, at the latest to the new start', () => {
    const soon = moveBy('patient', { slot: slot('15:00', '15:30') });
    const now = START - 2 * DAY;
    const stillPending = booked({}, {}, now - HOUR);
    expect(stillPending.reschedule(soon, rules, now).state.confirmBy).toBe(at('15:00'));
  });

  describe.each(PEOPLE)('by the %s', (by) => {
    const same = { slot: slot('10:00', '10:30'), visitType: pending.state.visitType };

    test.each([
      ['a pending one', pending],
      ['a proposal', proposal],
      ['a confirmed one', confirmed],
    ])('to the same time and visit changes nothing of %s', (_what, appointment) => {
      const restored = Appointment.restore(appointment.state);
      const reasons = { reason: 'again', exemptionReason: 'again', timeZone: 'Asia/Kolkata' };
      expect(restored.reschedule(moveBy(by, { ...same, ...reasons }), rules, LATER)).toBe(restored);
    });

    test('to the same time and visit is allowed no longer than any move', () => {
      expect(() => pending.reschedule(moveBy(by, same), rules, START)).toThrow(ActionNotAllowed);
    });

    test('to another visit of the same time leaves who chose the time, and when', () => {
      for (const appointment of [pending, proposal, confirmed]) {
        const { state } = appointment.reschedule(moveBy(by, { slot: same.slot }), rules, LATER);
        const { timeChosenBy, timeChosenAt, version } = appointment.state;
        expect(state).toMatchObject({ visitType: 'control', timeChosenBy, timeChosenAt });
        expect(state.version).toBe(version + 1);
      }
    });

    test('to another length of the same start chooses a time', () => {
      const { state } = confirmed.reschedule(
        moveBy(by, { ...same, slot: slot('10:00', '10:45') }),
        rules,
        LATER,
      );
      expect(state).toMatchObject({ timeChosenBy: by, timeChosenAt: LATER });
    });
  });

  test('to another visit of the same time sets confirm_by anew only where another side is awaited', () => {
    const confirmByOf = (appointment: Appointment, by: Chooser) =>
      appointment.reschedule(moveBy(by, { slot: slot('10:00', '10:30') }), rules, LATER).state.confirmBy;
    expect(confirmByOf(pending, 'patient')).toBe(EARLY + 72 * HOUR);
    expect(confirmByOf(proposal, 'doctor')).toBe(EARLY + 72 * HOUR);
    expect(confirmByOf(pending, 'doctor')).toBe(LATER + 72 * HOUR);
    expect(confirmByOf(proposal, 'patient')).toBe(LATER + 72 * HOUR);
    expect(confirmByOf(confirmed, 'patient')).toBe(LATER + 72 * HOUR);
    expect(confirmByOf(confirmed, 'doctor')).toBe(null);
  });

  test('by a patient until the notice of the doctor, whatever it is', () => {
    const hour = { ...rules, cancellationNoticeMinutes: 60 };
    expect(confirmed.reschedule(moveBy('patient'), hour, START - HOUR).state.version).toBe(3);
    expect(() => confirmed.reschedule(moveBy('patient'), hour, START - HOUR + 1)).toThrow(TooLateToChange);
    const none = { ...rules, cancellationNoticeMinutes: 0 };
    expect(confirmed.reschedule(moveBy('patient'), none, START - 1).state.version).toBe(3);
    expect(() => confirmed.reschedule(moveBy('patient'), none, START)).toThrow(TooLateToChange);
  });

  test('too late for the patient tells what they still may do', () => {
    expect(() => confirmed.reschedule(moveBy('patient'), rules, START - HOUR)).toThrow(
      expect.objectContaining({ details: { allowedActions: ['cancel'] } }),
    );
  });

  test('keeps the reason and that of an exemption, which is of this time only', () => {
    const exempted = moveBy('admin', { reason: 'asked by phone', exemptionReason: 'the doctor agreed' });
    const { state, change } = confirmed.reschedule(exempted, rules, LATER);
    expect([state.exemptionReason, change?.reason]).toEqual([
      'the doctor agreed',
      'asked by phone\nthe doctor agreed',
    ]);
    const further = moveBy('patient', { slot: slot('16:00', '16:45', TUESDAY) });
    const again = Appointment.restore(state).reschedule(further, rules, LATER);
    expect([again.state.exemptionReason, again.change?.reason]).toEqual([null, null]);
  });

  test('lets a patient cancel without being late: for 15 minutes, or whenever another side chose the time', () => {
    const soon = { slot: slot('15:00', '15:30') };
    const automatic = { ...rules, confirmation: 'automatic' as const, cancellationNoticeMinutes: 120 };
    const notice = { ...rules, cancellationNoticeMinutes: 24 * 60 };
    const chosenAt = START - 3 * HOUR;
    const own = confirmed.reschedule(moveBy('patient', soon), automatic, chosenAt);
    const isLate = (one: Appointment, now: Instant): boolean | undefined =>
      one.cancel('patient', null, notice, now).state.cancellation?.late;
    expect(isLate(own, chosenAt + 15 * MINUTE)).toBe(false);
    expect(isLate(own, chosenAt + 15 * MINUTE + 1)).toBe(true);
    const byDoctor = confirmed.reschedule(moveBy('doctor', soon), notice, chosenAt);
    expect(isLate(byDoctor, at('14:59'))).toBe(false);
  });

  test('by a patient or an admin agrees to a proposal, which the doctor never takes back', () => {
    const moved = proposal.reschedule(moveBy('patient'), rules, LATER);
    expect([proposal, moved].map((one) => one.namesPatientToDoctor)).toEqual([false, true]);
    const agreed = moved.confirm('doctor', null, rules, LATER);
    expect(agreed.state.confirmedBy).toBe('patient');
    expect(agreed.cancel('doctor', null, rules, LATER).namesPatientToDoctor).toBe(true);
    expect(proposal.reschedule(moveBy('admin'), rules, LATER).namesPatientToDoctor).toBe(true);
    expect(proposal.reschedule(moveBy('doctor'), rules, LATER).namesPatientToDoctor).toBe(false);
  });
});

describe('check in', () => {
  test('is for the date of the visit on the clocks of its zone, also before and after it', () => {
    const inKolkata = Appointment.restore({ ...asConfirmed.state, timeZone: 'Asia/Kolkata' });
    const midnight = Date.parse('2025-06-01T18:30:00Z');
    expect(() => inKolkata.checkIn('doctor', rules, midnight - 1)).toThrow(ActionNotAllowed);
    expect(inKolkata.checkIn('doctor', rules, midnight).state.status).toBe('checked_in');
    expect(inKolkata.checkIn('admin', rules, midnight + DAY - 1).state.status).toBe('checked_in');
    expect(() => inKolkata.checkIn('doctor', rules, midnight + DAY)).toThrow(ActionNotAllowed);
  });

  test('keeps the time occupied', () => {
    expect(asConfirmed.checkIn('doctor', rules, START).isActive).toBe(true);
  });
});

describe('complete and no-show', () => {
  const done = asConfirmed.complete('doctor', rules, START);
  const missed = asConfirmed.miss('doctor', rules, START);

  test('correct each other until 24 hours after the end', () => {
    expect(done.miss('admin', rules, END + DAY - 1).state.status).toBe('no_show');
    expect(missed.complete('doctor', rules, END + DAY - 1).state.status).toBe('completed');
    expect(() => done.miss('admin', rules, END + DAY)).toThrow(ActionNotAllowed);
    expect(() => missed.complete('doctor', rules, END + DAY)).toThrow(ActionNotAllowed);
  });

  test('are said once: what is completed is not completed again, nor missed twice', () => {
    expect(() => done.complete('doctor', rules, END)).toThrow(ActionNotAllowed);
    expect(() => missed.miss('doctor', rules, END)).toThrow(ActionNotAllowed);
  });

  test('free the time at once', () => {
    expect([done.isActive, missed.isActive]).toEqual([false, false]);
  });
});

describe('every change', () => {
  const steps: [
    string,
    (now: Instant) => Appointment,
    Appointment,
    AppointmentStatus,
    Side,
    string | null,
  ][] = [
    [
      'confirm',
      (now) => asPending.confirm('doctor', 'gladly', rules, now),
      asPending,
      'confirmed',
      'doctor',
      'gladly',
    ],
    [
      'cancel',
      (now) => asConfirmed.cancel('patient', 'ill', rules, now),
      asConfirmed,
      'cancelled',
      'patient',
      'ill',
    ],
    [
      'complete',
      (now) => inStatus('confirmed').complete('doctor', rules, now + DAY),
      inStatus('confirmed'),
      'completed',
      'doctor',
      null,
    ],
  ];

  test.each(steps)(
    '%s raises the version by one and adds one line to the history',
    (_name, step, before, to, by, reason) => {
      const after = step(NOON_BEFORE + MINUTE);
      expect(after.state.version).toBe(before.state.version + 1);
      expect(after.change).toEqual({
        at: after.state.updatedAt,
        from: before.state.status,
        to,
        by,
        reason,
        ...NOTHING_REPLACED,
      });
      expect(after.state.updatedAt).toBeGreaterThan(before.state.updatedAt);
      expect(after.state.createdAt).toBe(before.state.createdAt);
    },
  );

  test('is a new value: the one that was read stays as it was', () => {
    const before = structuredClone({ ...asPending.state, slot: null });
    asPending.cancel('patient', null, rules, NOON_BEFORE);
    expect({ ...asPending.state, slot: null }).toEqual(before);
    expect(asPending.state.status).toBe('pending');
  });

  test('one that was only read carries no line', () => {
    expect(Appointment.restore(asPending.state).change).toBeNull();
    expect(Appointment.restore(asPending.state).state).toEqual(asPending.state);
  });
});

describe('an appointment', () => {
  test.each<[AppointmentStatus, boolean]>([
    ['pending', true],
    ['confirmed', true],
    ['checked_in', true],
    ['completed', false],
    ['cancelled', false],
    ['no_show', false],
  ])('that is %s is active: %s', (status, active) => {
    expect(inStatus(status).isActive).toBe(active);
  });

  test('has no status beside these six', () => {
    expect(STATUSES).toHaveLength(6);
  });

  test('is pending if and only if it awaits someone, and then has a confirm_by', () => {
    const walked = [
      asPending,
      asProposal,
      asConfirmed,
      asProposal.confirm('patient', null, rules, NOON_BEFORE),
      asPending.cancel('patient', null, rules, NOON_BEFORE),
      asProposal.expire(CONFIRM_BY),
      asConfirmed.complete('doctor', rules, START),
      booked({ by: 'admin' }),
    ];
    for (const { state } of walked) {
      expect(state.awaits !== null, state.status).toBe(state.status === 'pending');
      expect(state.confirmBy !== null, state.status).toBe(state.status === 'pending');
    }
  });

  test('names the patient to the doctor once the patient booked or confirmed it, or an admin made or confirmed it', () => {
    expect(booked().namesPatientToDoctor).toBe(true);
    expect(booked({ by: 'admin' }).namesPatientToDoctor).toBe(true);
    expect(asProposal.namesPatientToDoctor).toBe(false);
    expect(asProposal.cancel('patient', null, rules, NOON_BEFORE).namesPatientToDoctor).toBe(false);
    expect(asProposal.confirm('patient', null, rules, NOON_BEFORE).namesPatientToDoctor).toBe(true);
    expect(asProposal.confirm('admin', 'by phone', rules, NOON_BEFORE).namesPatientToDoctor).toBe(true);
  });
});
