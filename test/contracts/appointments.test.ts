import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '#libs/kernel/clock.js';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { encodeCursor } from '#libs/kernel/page.js';
import { UuidIds } from '#libs/nest/system.js';
import type { Absence } from '../../src/scheduling/domain/absence.js';
import {
  Appointment,
  STATUSES,
  type AppointmentState,
  type AppointmentStatus,
} from '../../src/scheduling/domain/appointment.js';
import { OPENS_CARD, type CareFacts } from '../../src/scheduling/domain/care.js';
import { ActionNotAllowed } from '../../src/scheduling/domain/errors.js';
import { SlotRefused } from '../../src/scheduling/domain/refusals.js';
import { SlotPolicy } from '../../src/scheduling/domain/slot-policy.js';
import { TimeSlot } from '../../src/scheduling/domain/time-slot.js';
import type { AppointmentFilter } from '../../src/scheduling/ports.js';
import { at, booked, NOON_BEFORE, slot, TUESDAY } from '../scheduling/domain/builders.js';
import { admitDoctor, admitPatient } from '../support/memory/people.js';
import { contract, type OpenStore } from './stores.js';

const RULES = SlotPolicy.DEFAULT;
const MONDAY_TO_TUESDAY = new TimeSlot(at('00:00'), at('24:00', TUESDAY));
const TEN = slot('10:00', '10:30');
const ids = new UuidIds();

/** Two doctors and two patients, and appointments of theirs that are kept without asking any policy. */
class Diary {
  clara: string;
  james: string;
  lena: string;
  noah: string;

  constructor(private readonly store: OpenStore) {}

  async open(): Promise<this> {
    this.clara = (await admitDoctor(this.store)).id;
    this.james = (await admitDoctor(this.store)).id;
    this.lena = (await admitPatient(this.store)).id;
    this.noah = (await admitPatient(this.store)).id;
    return this;
  }

  make(change: Partial<AppointmentState> = {}): Appointment {
    const { slot: when = TEN, doctor = this.clara, patient = this.lena, createdAt = NOON_BEFORE } = change;
    const { timeZone = 'Europe/Berlin', outsideHours = false } = change;
    return booked({ id: ids.next(), doctor, patient, slot: when, timeZone, outsideHours }, {}, createdAt);
  }

  async add(change: Partial<AppointmentState> = {}): Promise<Appointment> {
    const appointment = this.make(change);
    await this.store.transactions.run(() => this.store.appointments.add(appointment));
    return appointment;
  }

  async addAbsence({ doctor = this.clara, slot: when = TEN }: Partial<Absence>): Promise<Absence> {
    const words = { timeZone: 'Europe/Berlin', wholeDays: false, reason: null };
    const absence = { id: ids.next(), doctor, slot: when, ...words };
    await this.store.transactions.run(() => this.store.absences.add(absence));
    return absence;
  }

  async save(appointment: Appointment): Promise<Appointment> {
    await this.store.transactions.run(() => this.store.appointments.save(appointment));
    return appointment;
  }

  /** An appointment that has come to this status. */
  async inStatus(status: AppointmentStatus, change: Partial<AppointmentState> = {}): Promise<Appointment> {
    const pending = await this.add(change);
    switch (status) {
      case 'pending':
        return pending;
      case 'cancelled':
        return this.save(pending.cancel('doctor', null, RULES, NOON_BEFORE));
      default: {
        const confirmed = await this.save(pending.confirm('doctor', null, RULES, NOON_BEFORE));
        if (status === 'confirmed') return confirmed;
        const { startsAt } = confirmed.state.slot;
        if (status === 'checked_in') return this.save(confirmed.checkIn('doctor', RULES, startsAt));
        if (status === 'completed') return this.save(confirmed.complete('doctor', RULES, startsAt));
        return this.save(confirmed.miss('doctor', RULES, startsAt));
      }
    }
  }
}

contract('Appointments', (opened) => {
  let diary: Diary;
  beforeEach(async () => {
    diary = await new Diary(opened()).open();
  });

  async function refusalOf(work: Promise<unknown>): Promise<string> {
    const error = await work.then(
      () => 'nothing was refused',
      (thrown: unknown) => thrown,
    );
    return error instanceof SlotRefused ? error.refusal : String(error);
  }

  describe('adding', () => {
    test('keeps all that the appointment says', async () => {
      const { appointments } = opened();
      const appointment = await diary.add();
      const found = await appointments.find(appointment.id);
      expect(found?.state).toEqual(appointment.state);
      expect(found?.change).toBeNull();
    });

    test.each([true, false])(
      'keeps whether it was put outside the hours on purpose: %s',
      async (outsideHours) => {
        const { appointments } = opened();
        const appointment = await diary.add({ outsideHours });
        expect((await appointments.find(appointment.id))?.state.outsideHours).toBe(outsideHours);
        await diary.save(appointment.confirm('doctor', null, RULES, NOON_BEFORE));
        expect((await appointments.find(appointment.id))?.state.outsideHours).toBe(outsideHours);
        const { timeZone, visitType, exemptionReason } = appointment.state;
        const when = { slot: slot('14:00', '14:30'), timeZone, outsideHours: !outsideHours };
        const move = { by: 'doctor', reason: null, visitType, exemptionReason, ...when } as const;
        await diary.save((await appointments.find(appointment.id))!.reschedule(move, RULES, NOON_BEFORE));
        expect((await appointments.find(appointment.id))?.state.outsideHours).toBe(!outsideHours);
      },
    );

    test('keeps the first line of its history', async () => {
      const appointment = await diary.add();
      expect(await opened().appointments.history(appointment.id)).toEqual([appointment.change]);
    });

    test('several are kept with the series that they say, by start', async () => {
      const { transactions, appointments, seriesRegister } = opened();
      const { clara: doctor, lena: patient } = diary;
      const series = {
        id: ids.next(),
        doctor,
        patient,
        everyWeeks: 1,
        scheduledBy: 'doctor' as const,
        createdAt: NOON_BEFORE,
      };
      const [late, early] = [slot('10:00', '10:30', TUESDAY), TEN].map((when) =>
        booked({ id: ids.next(), doctor, patient, slot: when, series: series.id }),
      ) as [Appointment, Appointment];
      await diary.add({ slot: slot('11:00', '11:30') });
      await transactions.run(async () => {
        await seriesRegister.add(series);
        await appointments.add(early, late);
      });
      const found = await appointments.ofSeries(series.id);
      expect(found.map(({ state }) => state)).toEqual([early.state, late.state]);
      expect(await appointments.history(late.id)).toEqual([late.change]);
      expect(await appointments.ofSeries(ids.next())).toEqual([]);
    });

    test('of several none is kept when one is refused, and the start of that one is told', async () => {
      const { transactions, appointments } = opened();
      await diary.add({ slot: slot('10:15', '10:45', TUESDAY), patient: diary.noah });
      const several = [TEN, slot('10:00', '10:30', TUESDAY)].map((when) => diary.make({ slot: when }));
      const adding = transactions.run(() => appointments.add(...several));
      await expect(adding).rejects.toMatchObject({
        refusal: 'slot-taken',
        startsAt: at('10:00', TUESDAY),
      });
      expect(await appointments.find(several[0]!.id)).toBeUndefined();
      await diary.add();
    });

    test('nothing is found by the id of no appointment', async () => {
      const { appointments } = opened();
      await diary.add();
      expect(await appointments.find(ids.next())).toBeUndefined();
      expect(await appointments.history(ids.next())).toEqual([]);
    });
  });

  describe('whoever asked before, or did not,', () => {
    test.each([
      ['10:00', '10:30'],
      ['09:00', '12:00'],
      ['10:10', '10:15'],
      ['09:45', '10:05'],
      ['10:25', '10:55'],
    ])('%s–%s of the doctor is slot-taken beside 10:00–10:30', async (from, to) => {
      await diary.add({ slot: TEN, patient: diary.lena });
      expect(await refusalOf(diary.add({ slot: slot(from, to), patient: diary.noah }))).toBe('slot-taken');
    });

    test.each([
      ['10:00', '10:30'],
      ['09:45', '10:05'],
      ['10:25', '10:55'],
    ])('%s–%s of the patient is patient-busy beside 10:00–10:30', async (from, to) => {
      await diary.add({ slot: TEN, doctor: diary.clara });
      expect(await refusalOf(diary.add({ slot: slot(from, to), doctor: diary.james }))).toBe('patient-busy');
    });

    test('a time that is occupied for both is refused for one of the two', async () => {
      await diary.add();
      expect(['slot-taken', 'patient-busy']).toContain(await refusalOf(diary.add()));
    });

    test.each([
      ['09:30', '10:00'],
      ['10:30', '11:00'],
    ])('%s–%s only touches 10:00–10:30 and is kept', async (from, to) => {
      await diary.add({ slot: TEN });
      const neighbour = await diary.add({ slot: slot(from, to) });
      expect(await opened().appointments.find(neighbour.id)).toBeDefined();
    });

    test('the same time of others is kept', async () => {
      await diary.add({ doctor: diary.clara, patient: diary.lena });
      const elsewhere = await diary.add({ doctor: diary.james, patient: diary.noah });
      expect(await opened().appointments.find(elsewhere.id)).toBeDefined();
    });

    test('of a refused appointment nothing is kept, and no time is occupied', async () => {
      const { appointments } = opened();
      await diary.add({ slot: slot('10:00', '10:30'), patient: diary.lena });
      const refused = diary.make({ slot: slot('10:15', '11:15'), patient: diary.noah });
      await refusalOf(opened().transactions.run(() => appointments.add(refused)));
      expect(await appointments.find(refused.id)).toBeUndefined();
      expect(await appointments.history(refused.id)).toEqual([]);
      await diary.add({ slot: slot('10:30', '11:30'), patient: diary.noah });
    });

    test('of 20 at once that all overlap exactly one is kept', async () => {
      const adding = Array.from({ length: 20 }, (_, i) => {
        const from = at('09:00') + i * 5 * MINUTE;
        return diary.add({
          slot: new TimeSlot(from, from + 2 * HOUR),
          patient: i % 2 ? diary.lena : diary.noah,
        });
      });
      const settled = await Promise.allSettled(adding);
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(
        (await opened().appointments.list({ order: 'asc', limit: 10 }, NOON_BEFORE)).results,
      ).toHaveLength(1);
    });
  });

  describe('saving', () => {
    test('keeps the change with its line of history, oldest line first', async () => {
      const { appointments } = opened();
      const pending = await diary.add();
      const confirmed = await diary.save(pending.confirm('doctor', 'fits well', RULES, NOON_BEFORE + HOUR));
      const cancelled = await diary.save(confirmed.cancel('patient', null, RULES, at('09:30')));
      expect((await appointments.find(pending.id))?.state).toEqual(cancelled.state);
      expect(cancelled.state.cancellation).toMatchObject({ by: 'patient', late: true });
      expect(await appointments.history(pending.id)).toEqual(
        [pending, confirmed, cancelled].map(({ change }) => change),
      );
    });

    test('a change of an old version is ActionNotAllowed, and nothing of it is kept', async () => {
      const { appointments } = opened();
      const pending = await diary.add();
      const confirmed = await diary.save(pending.confirm('doctor', null, RULES, NOON_BEFORE));
      const late = pending.cancel('patient', null, RULES, NOON_BEFORE);
      await expect(diary.save(late)).rejects.toBeInstanceOf(ActionNotAllowed);
      expect((await appointments.find(pending.id))?.state).toEqual(confirmed.state);
      expect(await appointments.history(pending.id)).toHaveLength(2);
      expect(await refusalOf(diary.add({ patient: diary.noah }))).toBe('slot-taken');
    });

    test('of two changes of one version exactly one is kept, whichever comes first', async () => {
      const pending = await diary.add();
      const saving = [
        diary.save(pending.confirm('doctor', null, RULES, NOON_BEFORE)),
        diary.save(pending.cancel('patient', null, RULES, NOON_BEFORE)),
      ];
      const settled = await Promise.allSettled(saving);
      expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(await opened().appointments.history(pending.id)).toHaveLength(2);
    });

    test('a change of an appointment that is not there is ActionNotAllowed', async () => {
      const nowhere = diary.make().confirm('doctor', null, RULES, NOON_BEFORE);
      await expect(diary.save(nowhere)).rejects.toBeInstanceOf(ActionNotAllowed);
    });

    test('a confirmed appointment still occupies its time', async () => {
      await diary.inStatus('confirmed');
      expect(await refusalOf(diary.add({ patient: diary.noah }))).toBe('slot-taken');
      expect(await refusalOf(diary.add({ doctor: diary.james }))).toBe('patient-busy');
    });
  });

  describe('the time of one that is no longer active is free at once', () => {
    test.each<AppointmentStatus>(['cancelled', 'completed', 'no_show'])('when it is %s', async (status) => {
      await diary.inStatus(status);
      await diary.add();
    });

    test('cancelling frees exactly that time: its neighbours stay occupied', async () => {
      await diary.add({ slot: slot('09:30', '10:00') });
      const cancelled = await diary.add({ slot: TEN });
      await diary.add({ slot: slot('10:30', '11:00') });
      await diary.save(cancelled.cancel('patient', null, RULES, NOON_BEFORE));
      const asking = { patient: diary.noah };
      expect(await refusalOf(diary.add({ ...asking, slot: slot('09:55', '10:05') }))).toBe('slot-taken');
      expect(await refusalOf(diary.add({ ...asking, slot: slot('10:25', '10:35') }))).toBe('slot-taken');
      await diary.add({ ...asking, slot: TEN });
    });

    test('in the unit that ends it', async () => {
      const { transactions, appointments } = opened();
      const first = await diary.add();
      await transactions.run(async () => {
        await appointments.save(first.cancel('doctor', null, RULES, NOON_BEFORE));
        await appointments.add(diary.make({ patient: diary.noah }));
      });
      expect(await refusalOf(diary.add())).toBe('slot-taken');
    });

    test('not when the unit that would have ended it fails', async () => {
      const { transactions, appointments } = opened();
      const first = await diary.add();
      const failing = transactions.run(async () => {
        await appointments.save(first.cancel('doctor', null, RULES, NOON_BEFORE));
        throw new Error('after the cancelling');
      });
      await expect(failing).rejects.toThrow('after the cancelling');
      expect(await refusalOf(diary.add({ patient: diary.noah }))).toBe('slot-taken');
    });
  });

  describe('moving', () => {
    const moved = (appointment: Appointment, to: TimeSlot, timeZone = 'Europe/Berlin') => {
      const visit = { visitType: 'control', slot: to, timeZone, outsideHours: false };
      const move = { reason: null, exemptionReason: null, ...visit };
      return appointment.reschedule({ by: 'doctor', ...move }, RULES, NOON_BEFORE);
    };

    test.each([
      ['15:00', '15:30'],
      ['10:15', '10:45'],
      ['09:45', '10:15'],
      ['09:00', '12:00'],
      ['10:10', '10:20'],
    ])('keeps the change, frees the old time and occupies %s–%s, for both people', async (from, to) => {
      const { appointments } = opened();
      const appointment = await diary.inStatus('confirmed');
      const after = await diary.save(moved(appointment, slot(from, to), 'Asia/Kolkata'));
      expect((await appointments.find(after.id))?.state).toEqual(after.state);
      expect((await appointments.history(after.id)).at(-1)).toEqual({
        ...after.change,
        movedFrom: at('10:00'),
        visitTypeBefore: 'consultation',
      });
      expect(await refusalOf(diary.add({ slot: slot(from, to), patient: diary.noah }))).toBe('slot-taken');
      expect(await refusalOf(diary.add({ slot: slot(from, to), doctor: diary.james }))).toBe('patient-busy');
      await diary.save(after.cancel('doctor', null, RULES, NOON_BEFORE));
      await diary.add({ slot: slot('09:00', '12:00') });
    });

    test('keeps the length that it had, and no start where that stands', async () => {
      const { appointments } = opened();
      const after = await diary.save(moved(await diary.inStatus('confirmed'), slot('10:00', '10:45')));
      expect((await appointments.history(after.id)).at(-1)).toMatchObject({
        movedFrom: null,
        minutesBefore: 30,
      });
    });

    test.each<[string, 'clara' | 'james', 'lena' | 'noah']>([
      ['slot-taken', 'clara', 'noah'],
      ['patient-busy', 'james', 'lena'],
    ])('to time that is occupied is %s, and changes nothing', async (code, doctor, patient) => {
      const { appointments } = opened();
      const there = slot('10:20', '10:50');
      const appointment = await diary.add();
      await diary.add({ slot: slot('10:30', '11:00'), doctor: diary[doctor], patient: diary[patient] });
      expect(await refusalOf(diary.save(moved(appointment, there)))).toBe(code);
      expect((await appointments.find(appointment.id))?.state).toEqual(appointment.state);
      expect(await refusalOf(diary.add({ slot: slot('10:00', '10:05'), patient: diary.noah }))).toBe(
        'slot-taken',
      );
      await diary.add({ slot: slot('11:00', '11:30') });
    });

    test('of two that swap their times one after the other waits for a free one', async () => {
      const [nine, ten] = [await diary.add({ slot: slot('09:00', '09:30') }), await diary.add()];
      expect(await refusalOf(diary.save(moved(nine, TEN)))).toBe('slot-taken');
      const away = await diary.save(moved(ten, slot('15:00', '15:30')));
      await diary.save(moved(nine, TEN));
      await diary.save(moved(away, slot('09:00', '09:30')));
    });
  });

  describe('lapsed', () => {
    test('are the pending ones whose confirm_by has passed, the longest lapsed first, and no more than asked for', async () => {
      const { appointments } = opened();
      const at9 = await diary.add({ slot: slot('09:00', '09:30') });
      const at10 = await diary.add();
      for (const [i, status] of STATUSES.slice(1).entries()) {
        await diary.inStatus(status, { slot: TimeSlot.lasting(at('11:00') + i * HOUR, 30) });
      }
      const idsOf = async (now: number, limit = 10) =>
        (await appointments.lapsed(now, limit)).map(({ id }) => id);
      expect(await idsOf(at('09:00') - 1)).toEqual([]);
      expect(await idsOf(at('09:00'))).toEqual([at9.id]);
      expect(await idsOf(at('23:00'))).toEqual([at9.id, at10.id]);
      expect(await idsOf(at('23:00'), 1)).toEqual([at9.id]);
    });
  });

  describe('a list', () => {
    const NOW = at('12:00');

    async function listed(filter: Partial<AppointmentFilter>): Promise<string[]> {
      const { results } = await opened().appointments.list({ order: 'asc', limit: 100, ...filter }, NOW);
      return results.map(({ id }) => id);
    }

    test('goes by start, then by id, either way', async () => {
      const late = await diary.add({ slot: slot('15:00', '15:30') });
      const early = await diary.add({ slot: slot('09:00', '09:30') });
      const same = [await diary.add(), await diary.add({ doctor: diary.james, patient: diary.noah })];
      const [one, other] = same.map(({ id }) => id).toSorted();
      expect(await listed({ order: 'asc' })).toEqual([early.id, one, other, late.id]);
      expect(await listed({ order: 'desc' })).toEqual([late.id, other, one, early.id]);
    });

    test.each(['asc', 'desc'] as const)('comes in pages that together are the whole (%s)', async (order) => {
      for (const time of ['09:00', '11:00', '13:00']) {
        const when = TimeSlot.lasting(at(time), 30);
        await diary.add({ slot: when });
        await diary.add({ slot: when, doctor: diary.james, patient: diary.noah });
      }
      const pages: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await opened().appointments.list({ order, limit: 2, cursor }, NOW);
        pages.push(page.results.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      expect(pages.map(({ length }) => length)).toEqual([2, 2, 2]);
      expect(pages.flat()).toEqual(await listed({ order }));
    });

    test('in pages skips and repeats nothing that was there, whatever is added meanwhile', async () => {
      const [first, second] = [await diary.add(), await diary.add({ slot: slot('11:00', '11:30') })];
      const page = await opened().appointments.list({ order: 'asc', limit: 1 }, NOW);
      await diary.add({ slot: slot('09:00', '09:30') });
      expect(page.results.map(({ id }) => id)).toEqual([first.id]);
      expect(await listed({ cursor: page.nextCursor! })).toEqual([second.id]);
    });

    test.each([
      '',
      'x',
      encodeCursor(['a']),
      encodeCursor(['a', 1, 'asc']),
      encodeCursor([1, 'a', 'asc']),
      encodeCursor([1, 'a', 1]),
    ])('refuses the cursor "%s" as an InvalidRequest', async (cursor) => {
      await expect(listed({ cursor })).rejects.toBeInstanceOf(InvalidRequest);
    });

    test.each([
      ['asc', 'desc'],
      ['desc', 'asc'],
    ] as const)('that goes %s refuses the cursor of one that goes %s', async (order, other) => {
      await diary.add();
      await diary.add({ slot: slot('11:00', '11:30') });
      const page = await opened().appointments.list({ order: other, limit: 1 }, NOW);
      await expect(listed({ order, cursor: page.nextCursor! })).rejects.toBeInstanceOf(InvalidRequest);
    });

    test('of a doctor, of a patient, and of both', async () => {
      const [a, b] = [
        await diary.add(),
        await diary.add({ slot: slot('11:00', '11:30'), patient: diary.noah }),
      ];
      const c = await diary.add({ slot: slot('12:00', '12:30'), doctor: diary.james });
      expect(await listed({ doctor: diary.clara })).toEqual([a.id, b.id]);
      expect(await listed({ patient: diary.lena })).toEqual([a.id, c.id]);
      expect(await listed({ doctor: diary.clara, patient: diary.noah })).toEqual([b.id]);
      expect(await listed({ doctor: diary.james, patient: diary.noah })).toEqual([]);
      expect(await listed({ doctor: diary.lena })).toEqual([]);
    });

    test('of one or several statuses', async () => {
      const byStatus: Record<string, string> = {};
      for (const [i, status] of STATUSES.entries()) {
        byStatus[status] = (
          await diary.inStatus(status, { slot: TimeSlot.lasting(at('09:00') + i * HOUR, 30) })
        ).id;
      }
      for (const status of STATUSES) expect(await listed({ statuses: [status] })).toEqual([byStatus[status]]);
      expect(await listed({ statuses: ['pending', 'no_show'] })).toEqual([
        byStatus['pending'],
        byStatus['no_show'],
      ]);
      expect(await listed({ statuses: [] })).toEqual([]);
      expect(await listed({})).toHaveLength(STATUSES.length);
    });

    test.each<[AppointmentStatus, boolean]>([
      ['pending', false],
      ['confirmed', true],
      ['checked_in', true],
      ['completed', false],
      ['cancelled', false],
      ['no_show', false],
    ])('tells that one in the past that is %s needs an outcome: %s', async (status, needs) => {
      const past = await diary.inStatus(status, { slot: slot('11:30', '12:00') });
      const ahead = await diary.inStatus('confirmed', { slot: slot('12:00', '12:30') });
      expect(await listed({ needsOutcome: true })).toEqual(needs ? [past.id] : []);
      expect(await listed({ needsOutcome: false })).toEqual(needs ? [ahead.id] : [past.id, ahead.id]);
    });

    test('of dates compares with the date that the appointment shows, both included', async () => {
      const monday = await diary.add({ slot: slot('23:00', '23:30') });
      const tuesday = await diary.add({ slot: slot('00:00', '00:30', TUESDAY) });
      const inKolkata = await diary.add({
        slot: slot('23:00', '23:30'),
        doctor: diary.james,
        patient: diary.noah,
        timeZone: 'Asia/Kolkata',
      });
      expect(await listed({ to: '2025-06-02' })).toEqual([monday.id]);
      expect(await listed({ from: '2025-06-03' })).toEqual([inKolkata.id, tuesday.id]);
      expect(await listed({ from: '2025-06-02', to: '2025-06-03' })).toHaveLength(3);
      expect(await listed({ from: '2025-06-04' })).toEqual([]);
    });
  });

  describe('of a pair', () => {
    test('all appointments are told in the order in which they were made, whatever has become of them', async () => {
      const { appointments } = opened();
      const second = await diary.inStatus('cancelled', {
        createdAt: NOON_BEFORE + 1,
        slot: slot('09:00', '09:30'),
      });
      const first = await diary.inStatus('completed', {
        createdAt: NOON_BEFORE,
        slot: slot('15:00', '15:30'),
      });
      await diary.add({ doctor: diary.james, slot: slot('11:00', '11:30') });
      await diary.add({ patient: diary.noah, slot: slot('11:00', '11:30') });
      const pair = await appointments.ofPair(diary.clara, diary.lena);
      expect(pair.map(({ state }) => state)).toEqual([first.state, second.state]);
      expect(await appointments.ofPair(diary.james, diary.noah)).toEqual([]);
    });
  });

  describe('what stands in the way', () => {
    const busy = (patient: string | undefined, span = MONDAY_TO_TUESDAY, now = NOON_BEFORE) =>
      opened().appointments.busy(diary.clara, patient, span, now);

    test('of an empty agenda is nothing', async () => {
      const { doctor, patient, starts, absences, openWithDoctor } = await busy(diary.lena);
      expect([doctor, patient, absences].map((agenda) => agenda.isFree(MONDAY_TO_TUESDAY))).toEqual([
        true,
        true,
        true,
      ]);
      expect([starts, openWithDoctor]).toEqual([[], 0]);
    });

    test.each<[AppointmentStatus, boolean, boolean]>([
      ['pending', true, true],
      ['confirmed', true, true],
      ['checked_in', true, true],
      ['completed', false, true],
      ['no_show', false, true],
      ['cancelled', false, false],
    ])('one that is %s: occupies time %s, counts for the day %s', async (status, occupies, counts) => {
      await diary.inStatus(status);
      const found = await busy(diary.lena);
      expect([found.doctor.isFree(TEN), found.patient.isFree(TEN)]).toEqual([!occupies, !occupies]);
      expect(found.starts).toEqual(counts ? [TEN.startsAt] : []);
      expect(found.openWithDoctor).toBe(occupies ? 1 : 0);
    });

    test("of the patient's time are the appointments with any doctor, of the doctor's those with any patient", async () => {
      await diary.add({ doctor: diary.james, slot: slot('11:00', '11:30') });
      await diary.add({ patient: diary.noah, slot: slot('12:00', '12:30') });
      const { doctor, patient, starts, openWithDoctor } = await busy(diary.lena);
      expect([doctor.isFree(slot('11:00', '11:30')), doctor.isFree(slot('12:00', '12:30'))]).toEqual([
        true,
        false,
      ]);
      expect([patient.isFree(slot('11:00', '11:30')), patient.isFree(slot('12:00', '12:30'))]).toEqual([
        false,
        true,
      ]);
      expect([starts, openWithDoctor]).toEqual([[at('12:00')], 0]);
    });

    test('without a patient nothing of a patient', async () => {
      await diary.add();
      const { doctor, patient, openWithDoctor } = await busy(undefined);
      expect([doctor.isFree(TEN), patient.isFree(TEN), openWithDoctor]).toEqual([false, true, 0]);
    });

    test.each<[string, string, boolean]>([
      ['10:00', '10:30', true],
      ['10:29', '12:00', true],
      ['08:00', '10:01', true],
      ['10:30', '11:00', false],
      ['08:00', '10:00', false],
    ])('in a span %s–%s a visit at 10:00–10:30 is told: %s', async (from, to, isTold) => {
      await diary.add();
      const found = await busy(diary.lena, slot(from, to));
      expect([found.doctor.isFree(TEN), found.patient.isFree(TEN)]).toEqual([!isTold, !isTold]);
    });

    test.each<[string, string, boolean]>([
      ['10:00', '10:30', true],
      ['10:29', '12:00', true],
      ['08:00', '10:01', true],
      ['10:30', '11:00', false],
      ['08:00', '10:00', false],
    ])('in a span %s–%s an absence at 10:00–10:30 of the doctor is told: %s', async (from, to, isTold) => {
      await diary.addAbsence({ slot: TEN });
      await diary.addAbsence({ slot: slot('00:00', '24:00'), doctor: diary.james });
      for (const patient of [diary.lena, undefined]) {
        const { absences, doctor, starts } = await busy(patient, slot(from, to));
        expect([absences.isFree(TEN), doctor.isFree(TEN), starts]).toEqual([!isTold, true, []]);
      }
    });

    test('an absence of many days is told in the midst of it, and is over when it is removed', async () => {
      const { absences, transactions } = opened();
      const days = new TimeSlot(at('00:00') - 30 * DAY, at('00:00') + 30 * DAY);
      const { id } = await diary.addAbsence({ slot: days });
      expect((await busy(undefined)).absences.isFree(TEN)).toBe(false);
      await transactions.run(() => absences.remove(id));
      expect((await busy(undefined)).absences.isFree(TEN)).toBe(true);
    });

    test('the longest visit is told in a span that begins just before its end', async () => {
      const long = TimeSlot.lasting(at('09:00'), 480);
      await diary.add({ slot: long });
      const end = new TimeSlot(long.endsAt - MINUTE, long.endsAt + HOUR);
      expect((await busy(diary.lena, end)).doctor.isFree(long)).toBe(false);
    });

    test('open with the doctor are those that start after now, in whatever span', async () => {
      await diary.add({ slot: TEN });
      await diary.add({ slot: slot('09:00', '09:30') });
      await diary.add({ slot: TimeSlot.lasting(at('10:00') + 60 * DAY, 30) });
      expect((await busy(diary.lena, slot('08:00', '09:00'), at('09:00'))).openWithDoctor).toBe(2);
      expect((await busy(diary.lena, slot('08:00', '09:00'), at('10:00'))).openWithDoctor).toBe(1);
      expect((await busy(diary.noah)).openWithDoctor).toBe(0);
    });
  });

  describe('upcoming', () => {
    const upcoming = async (after: { startsAt: number; id?: string }, limit = 100) =>
      (await opened().appointments.upcoming(diary.clara, after, limit)).map(({ id }) => id);

    test.each<[AppointmentStatus, boolean]>([
      ['pending', true],
      ['confirmed', true],
      ['checked_in', true],
      ['completed', false],
      ['cancelled', false],
      ['no_show', false],
    ])('one that is %s is told: %s', async (status, isTold) => {
      const { id } = await diary.inStatus(status);
      expect(await upcoming({ startsAt: NOON_BEFORE })).toEqual(isTold ? [id] : []);
    });

    test('are those of the doctor that start after an instant, by start, then id, at most so many', async () => {
      const late = await diary.add({ slot: slot('15:00', '15:30') });
      const same = [
        await diary.add({ patient: diary.noah }),
        await diary.add({ slot: slot('10:30', '11:00') }),
      ];
      await diary.add({ doctor: diary.james, slot: slot('12:00', '12:30') });
      const whole = [...same.map(({ id }) => id), late.id];
      expect(await upcoming({ startsAt: at('09:59') })).toEqual(whole);
      expect(await upcoming({ startsAt: at('10:00') })).toEqual(whole.slice(1));
      expect(await upcoming({ startsAt: at('15:00') })).toEqual([]);
      expect(await upcoming({ startsAt: NOON_BEFORE }, 2)).toEqual(whole.slice(0, 2));
    });

    test('those after a place in the list are the rest of it, whether or not the place is still there', async () => {
      const first = await diary.add();
      const second = await diary.add({ slot: slot('11:00', '11:30') });
      const place = { startsAt: at('10:00'), id: first.id };
      expect(await upcoming(place)).toEqual([second.id]);
      await diary.save(first.cancel('doctor', null, RULES, NOON_BEFORE));
      expect(await upcoming(place)).toEqual([second.id]);
      // Ids are handed out in their order.
      const again = await diary.add();
      expect(await upcoming(place)).toEqual([again.id, second.id]);
    });
  });

  describe('the time of many doctors', () => {
    const timeOf = (doctors: readonly string[], patient: string | undefined, span = MONDAY_TO_TUESDAY) =>
      opened().appointments.timeOf(doctors, patient, span, NOON_BEFORE);
    const factsOf = (earlier: readonly CareFacts[]) =>
      earlier
        .map(({ status, slot: { startsAt, endsAt } }) => ({ status, startsAt, endsAt }))
        .toSorted((a, b) => a.startsAt - b.startsAt);

    test('is of each what stands in the way of requests to that one', async () => {
      const { clara, james, lena, noah } = diary;
      await diary.add();
      await diary.add({ slot: slot('11:00', '11:30'), patient: noah });
      await diary.add({ slot: slot('12:00', '12:30'), doctor: james });
      await diary.inStatus('completed', { slot: slot('13:00', '13:30'), doctor: james, patient: noah });
      await diary.addAbsence({ doctor: james, slot: slot('14:00', '15:00') });
      const visits = ['10:00', '11:00', '12:00', '13:00', '14:00'].map((time) =>
        TimeSlot.lasting(at(time), 30),
      );
      for (const patient of [lena, noah, undefined]) {
        const found = await timeOf([james, clara], patient);
        expect([...found.keys()].toSorted()).toEqual([clara, james].toSorted());
        for (const doctor of [clara, james]) {
          const alone = await opened().appointments.busy(doctor, patient, MONDAY_TO_TUESDAY, NOON_BEFORE);
          const { busy } = found.get(doctor)!;
          for (const whose of ['doctor', 'absences', 'patient'] as const) {
            expect(visits.map((one) => busy[whose].isFree(one))).toEqual(
              visits.map((one) => alone[whose].isFree(one)),
            );
          }
          expect(new Set(busy.starts)).toEqual(new Set(alone.starts));
          expect(busy.openWithDoctor).toBe(alone.openWithDoctor);
        }
      }
    });

    test('tells all appointments of each and the patient but the cancelled ones, in whatever span', async () => {
      const { clara, james, lena, noah } = diary;
      const long = TimeSlot.lasting(at('10:00') + 60 * DAY, 30);
      await diary.inStatus('completed', { slot: slot('09:00', '09:30') });
      await diary.inStatus('cancelled', { slot: slot('11:00', '11:30') });
      await diary.add({ slot: long });
      await diary.add({ slot: slot('12:00', '12:30'), patient: noah });
      await diary.add({ slot: slot('13:00', '13:30'), doctor: james });
      const found = await timeOf([clara, james], lena, slot('16:00', '17:00'));
      expect(factsOf(found.get(clara)!.earlier)).toEqual([
        { status: 'completed', startsAt: at('09:00'), endsAt: at('09:30') },
        { status: 'pending', startsAt: long.startsAt, endsAt: long.endsAt },
      ]);
      expect(factsOf(found.get(james)!.earlier)).toEqual([
        { status: 'pending', startsAt: at('13:00'), endsAt: at('13:30') },
      ]);
    });

    test('without a patient tells nothing of a patient, and of nobody nothing', async () => {
      await diary.add();
      const { busy, earlier } = (await timeOf([diary.clara], undefined)).get(diary.clara)!;
      expect([busy.doctor.isFree(TEN), busy.patient.isFree(TEN), earlier]).toEqual([false, true, []]);
      expect(await timeOf([], diary.lena)).toEqual(new Map());
    });
  });

  describe('the patients whom a doctor treats', () => {
    const treated = (since: number, among?: readonly string[]) =>
      opened().appointments.patientsTreatedBy(diary.clara, since, among);

    test.each(STATUSES)('by one that is %s', async (status) => {
      await diary.inStatus(status);
      expect(await treated(NOON_BEFORE)).toEqual(OPENS_CARD.includes(status) ? [diary.lena] : []);
    });

    test('are those of whom one ended after the given instant, or has not yet', async () => {
      await diary.inStatus('completed');
      expect(await treated(TEN.endsAt - 1)).toEqual([diary.lena]);
      expect(await treated(TEN.endsAt)).toEqual([]);
    });

    test('are each told once, and nobody else’s', async () => {
      await diary.inStatus('confirmed');
      await diary.inStatus('confirmed', { slot: slot('11:00', '11:30') });
      await diary.inStatus('confirmed', { slot: slot('12:00', '12:30'), patient: diary.noah });
      await diary.inStatus('confirmed', { slot: slot('15:00', '15:30'), doctor: diary.james });
      expect((await treated(NOON_BEFORE)).toSorted()).toEqual([diary.lena, diary.noah].toSorted());
    });

    test('among some are only those', async () => {
      await diary.inStatus('confirmed');
      await diary.inStatus('confirmed', { slot: slot('12:00', '12:30'), patient: diary.noah });
      expect(await treated(NOON_BEFORE, [diary.noah])).toEqual([diary.noah]);
      expect(await treated(NOON_BEFORE, [])).toEqual([]);
    });
  });
});

contract('Agendas', (opened) => {
  let diary: Diary;
  beforeEach(async () => {
    diary = await new Diary(opened()).open();
  });

  test('an agenda is made when absent and can be held again, also twice in one unit', async () => {
    const { transactions, agendas } = opened();
    for (let i = 0; i < 2; i++) {
      await transactions.run(async () => {
        await agendas.lock(diary.clara, diary.lena);
        await agendas.lock(diary.clara, diary.noah);
      });
    }
  });

  test('a lock of a unit that failed is free again', async () => {
    const { transactions, agendas } = opened();
    const failing = transactions.run(async () => {
      await agendas.lock(diary.clara, diary.lena);
      throw new Error('holding the lock');
    });
    await expect(failing).rejects.toThrow('holding the lock');
    await transactions.run(() => agendas.lock(diary.clara, diary.lena));
  });

  test('units that hold agendas in common all come through', async () => {
    const { transactions, agendas } = opened();
    await Promise.all(
      [diary.lena, diary.noah, diary.lena, diary.noah].map((patient, i) =>
        transactions.run(async () => {
          await agendas.lock(i < 2 ? diary.clara : diary.james, patient);
          await sleep(1);
        }),
      ),
    );
  });

  test('what is read before the lock changes nothing: each unit decides on what it reads after it', async () => {
    const { transactions, agendas, appointments } = opened();
    const isFree = async () =>
      (await appointments.busy(diary.clara, diary.lena, MONDAY_TO_TUESDAY, NOON_BEFORE)).doctor.isFree(TEN);
    const seen = await Promise.all(
      Array.from({ length: 10 }, () =>
        transactions.run(async () => {
          await isFree();
          await sleep(1);
          await agendas.lock(diary.clara, diary.lena);
          const free = await isFree();
          if (free) await appointments.add(diary.make());
          return free;
        }),
      ),
    );
    expect(seen.filter(Boolean)).toHaveLength(1);
  });
});
