import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE, type Instant } from '#libs/kernel/clock.js';
import {
  ACTIONS,
  Appointment,
  STATUSES,
  type Action,
  type AppointmentStatus,
  type Side,
} from '../../../src/scheduling/domain/appointment.js';
import { ActionNotAllowed } from '../../../src/scheduling/domain/errors.js';
import { SlotPolicy } from '../../../src/scheduling/domain/slot-policy.js';
import { at, BERLIN, booked, NOON_BEFORE, slot } from './builders.js';

const rules = SlotPolicy.DEFAULT;
const START = at('10:00');
const END = at('10:30');
const CONFIRM_BY = NOON_BEFORE + HOUR;
const PEOPLE = ['patient', 'doctor', 'admin'] as const;

const asPending = booked({}, { confirmWithinMinutes: 60 });
const asProposal = booked({ by: 'doctor' }, { confirmWithinMinutes: 60 });
const asConfirmed = asPending.confirm('doctor', null, NOON_BEFORE);

function inStatus(status: AppointmentStatus): Appointment {
  return Appointment.restore({ ...asConfirmed.state, status });
}

function act(appointment: Appointment, action: Action, by: Side, now: Instant): Appointment {
  switch (action) {
    case 'confirm':
      return appointment.confirm(by, 'a reason', now);
    case 'cancel':
      return appointment.cancel(by, 'a reason', rules, now);
    case 'complete':
      return appointment.complete(by, now);
  }
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
      confirmedBy: null,
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
      visitType: 'consultation',
      reasonForVisit: 'General Checkup',
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

describe('the allowed actions', () => {
  type Row = [what: string, Appointment, when: string, Instant, Record<(typeof PEOPLE)[number], string>];

  const table: Row[] = [
    [
      'a booking that awaits the doctor',
      asPending,
      'before confirm_by',
      CONFIRM_BY - 1,
      { patient: 'cancel', doctor: 'confirm cancel', admin: 'confirm cancel' },
    ],
    [
      'a booking that awaits the doctor',
      asPending,
      'at confirm_by',
      CONFIRM_BY,
      { patient: 'cancel', doctor: 'cancel', admin: 'cancel' },
    ],
    [
      'a booking that awaits the doctor',
      asPending,
      'at the start',
      START,
      { patient: '', doctor: 'cancel', admin: 'cancel' },
    ],
    [
      'a proposal that awaits the patient',
      asProposal,
      'before confirm_by',
      CONFIRM_BY - 1,
      { patient: 'confirm cancel', doctor: 'cancel', admin: 'confirm cancel' },
    ],
    [
      'a proposal that awaits the patient',
      asProposal,
      'at confirm_by',
      CONFIRM_BY,
      { patient: 'cancel', doctor: 'cancel', admin: 'cancel' },
    ],
    [
      'a proposal that awaits the patient',
      asProposal,
      'at the start',
      START,
      { patient: '', doctor: 'cancel', admin: 'cancel' },
    ],
    [
      'a confirmed one',
      asConfirmed,
      'before the start',
      START - 1,
      { patient: 'cancel', doctor: 'cancel', admin: 'cancel' },
    ],
    [
      'a confirmed one',
      asConfirmed,
      'at the start',
      START,
      { patient: '', doctor: 'cancel complete', admin: 'cancel complete' },
    ],
    [
      'a confirmed one',
      asConfirmed,
      'long after the end',
      END + 30 * DAY,
      { patient: '', doctor: 'cancel complete', admin: 'cancel complete' },
    ],
    [
      'a checked-in one',
      inStatus('checked_in'),
      'before the start',
      START - 1,
      { patient: 'cancel', doctor: 'cancel', admin: 'cancel' },
    ],
    [
      'a checked-in one',
      inStatus('checked_in'),
      'at the start',
      START,
      { patient: '', doctor: 'cancel complete', admin: 'cancel complete' },
    ],
    ['a completed one', inStatus('completed'), 'after the end', END, { patient: '', doctor: '', admin: '' }],
    [
      'a cancelled one',
      inStatus('cancelled'),
      'before the start',
      START - 1,
      { patient: '', doctor: '', admin: '' },
    ],
    ['a cancelled one', inStatus('cancelled'), 'after the end', END, { patient: '', doctor: '', admin: '' }],
  ];

  test.each(table)('of %s %s', (_what, appointment, _when, now, allowed) => {
    const after = { confirm: 'confirmed', cancel: 'cancelled', complete: 'completed' };
    for (const by of PEOPLE) {
      expect(appointment.allowedActions(by, now), by).toEqual(allowed[by].split(' ').filter(Boolean));
      for (const action of ACTIONS) {
        if (allowed[by].includes(action)) {
          expect(act(appointment, action, by, now).state.status, `${action} by ${by}`).toBe(after[action]);
        } else {
          expect(() => act(appointment, action, by, now), `${action} by ${by}`).toThrow(ActionNotAllowed);
        }
      }
    }
  });

  test('a refused action names the status and the allowed ones', () => {
    const refused = (): unknown => asConfirmed.confirm('doctor', null, START);
    expect(refused).toThrow(/cannot confirm this appointment now: it is confirmed/);
    expect(refused).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({ code: 'action-not-allowed', kind: 'conflict' }),
        details: { allowedActions: ['cancel', 'complete'] },
      }),
    );
  });

  test('the system confirms and completes nothing', () => {
    expect(asPending.allowedActions('system', NOON_BEFORE)).not.toContain('confirm');
    expect(asConfirmed.allowedActions('system', END)).not.toContain('complete');
  });
});

describe('confirm', () => {
  test('by the awaited side ends the waiting', () => {
    expect(asPending.confirm('doctor', null, NOON_BEFORE).state).toMatchObject({
      status: 'confirmed',
      awaits: null,
      confirmBy: null,
      confirmedBy: 'doctor',
    });
    expect(asProposal.confirm('patient', null, NOON_BEFORE).state.confirmedBy).toBe('patient');
  });

  test('by an admin keeps the reason', () => {
    const { state, change } = asProposal.confirm('admin', 'agreed by phone', NOON_BEFORE);
    expect(state.confirmedBy).toBe('admin');
    expect(change?.reason).toBe('agreed by phone');
  });

  test('by the other side is not allowed, and a second time neither', () => {
    expect(() => asPending.confirm('patient', null, NOON_BEFORE)).toThrow(ActionNotAllowed);
    expect(() => asProposal.confirm('doctor', null, NOON_BEFORE)).toThrow(ActionNotAllowed);
    expect(() => asConfirmed.confirm('doctor', null, NOON_BEFORE)).toThrow(ActionNotAllowed);
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

  test('by the clock is how a pending one expires', () => {
    const { state, change } = asPending.cancel('system', 'expired', rules, CONFIRM_BY);
    expect(state.cancellation).toMatchObject({ by: 'system', reason: 'expired', late: false });
    expect(change).toMatchObject({ from: 'pending', to: 'cancelled', by: 'system', reason: 'expired' });
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
      const confirmed = booked({}, {}, WEEK_BEFORE).confirm('doctor', null, WEEK_BEFORE);
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
      const byDoctor = booked({ by: 'doctor' }, {}, WEEK_BEFORE).confirm('patient', null, WEEK_BEFORE);
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
    expect(asConfirmed.complete('doctor', START).state.status).toBe('completed');
    expect(asConfirmed.complete('admin', END + DAY).state.status).toBe('completed');
    expect(inStatus('checked_in').complete('doctor', END).state.status).toBe('completed');
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
      (now) => asPending.confirm('doctor', 'gladly', now),
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
      (now) => inStatus('confirmed').complete('doctor', now + DAY),
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
      expect(after.change).toEqual({ at: after.state.updatedAt, from: before.state.status, to, by, reason });
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
      asProposal.confirm('patient', null, NOON_BEFORE),
      asPending.cancel('patient', null, rules, NOON_BEFORE),
      asProposal.cancel('system', 'expired', rules, CONFIRM_BY),
      asConfirmed.complete('doctor', START),
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
    expect(asProposal.confirm('patient', null, NOON_BEFORE).namesPatientToDoctor).toBe(true);
    expect(asProposal.confirm('admin', 'by phone', NOON_BEFORE).namesPatientToDoctor).toBe(true);
  });
});
