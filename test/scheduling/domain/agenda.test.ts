import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MINUTE, type Instant } from '#libs/kernel/clock.js';
import { Agenda } from '../../../src/scheduling/domain/agenda.js';
import { TimeSlot } from '../../../src/scheduling/domain/time-slot.js';
import { slot } from './builders.js';

const TICK = 5 * MINUTE;

const slots = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }))
  .map(([from, length]) => new TimeSlot(from * TICK, (from + length) * TICK));
const parts = fc.array(slots, { maxLength: 12 });

/** The five minutes of a day's beginning in which the agenda is not free. */
function occupiedTicks(agenda: Agenda): Instant[] {
  const ticks = Array.from({ length: 90 }, (_, i) => (i - 5) * TICK);
  return ticks.filter((tick) => !agenda.isFree(new TimeSlot(tick, tick + TICK)));
}

describe('an agenda', () => {
  test('of nothing is free at any time', () => {
    expect(Agenda.EMPTY.isFree(slot('00:00', '24:00'))).toBe(true);
    expect(Agenda.EMPTY.sweep().isFree(slot('00:00', '24:00'))).toBe(true);
  });

  test('is free for what only touches its parts, and not for what lies between two that overlap', () => {
    const agenda = new Agenda([slot('11:00', '12:00'), slot('09:00', '11:30'), slot('09:15', '09:30')]);
    expect(agenda.isFree(slot('08:30', '09:00'))).toBe(true);
    expect(agenda.isFree(slot('12:00', '12:30'))).toBe(true);
    for (const at of ['09:00', '09:30', '10:55', '11:30', '11:55']) {
      expect(agenda.isFree(TimeSlot.lasting(slot(at, '24:00').startsAt, 5)), at).toBe(false);
    }
  });

  test('is occupied exactly when one of its parts is, however these overlap, touch or repeat', () => {
    fc.assert(
      fc.property(parts, (drawn) => {
        const ticks = new Set(drawn.flatMap((part) => part.ticks()));
        expect(occupiedTicks(new Agenda(drawn))).toEqual(
          [...ticks].toSorted((a, b) => a - b).map((tick) => tick * TICK),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('a sweep', () => {
  test('answers what the agenda answers, in whatever order it is asked', () => {
    fc.assert(
      fc.property(parts, fc.array(slots, { maxLength: 20 }), fc.boolean(), (drawn, asked, isAscending) => {
        const agenda = new Agenda(drawn);
        const swept = agenda.sweep();
        const questions = isAscending ? asked.toSorted((a, b) => a.startsAt - b.startsAt) : asked;
        for (const question of questions) expect(swept.isFree(question)).toBe(agenda.isFree(question));
      }),
      { numRuns: 300 },
    );
  });

  test('knows nothing of another sweep of the same agenda', () => {
    const agenda = new Agenda([slot('09:00', '10:00'), slot('11:00', '12:00')]);
    const [one, other] = [agenda.sweep(), agenda.sweep()];
    expect(one.isFree(slot('11:30', '12:30'))).toBe(false);
    expect(other.isFree(slot('09:30', '10:30'))).toBe(false);
    expect(one.isFree(slot('12:00', '12:30'))).toBe(true);
  });
});

describe('an agenda without a time', () => {
  test('keeps the neighbours that touched it', () => {
    const agenda = new Agenda([slot('09:00', '09:30'), slot('09:30', '10:00'), slot('10:00', '10:30')]);
    const without = agenda.without(slot('09:30', '10:00'));
    expect(without.isFree(slot('09:30', '10:00'))).toBe(true);
    expect(without.isFree(slot('09:25', '09:30'))).toBe(false);
    expect(without.isFree(slot('10:00', '10:05'))).toBe(false);
  });

  test('is free exactly in that time beside what was free before, and the agenda itself is as it was', () => {
    fc.assert(
      fc.property(parts, slots, (drawn, gone) => {
        const agenda = new Agenda(drawn);
        const before = occupiedTicks(agenda);
        const isGone = (tick: Instant): boolean => gone.startsAt <= tick && tick < gone.endsAt;
        expect(occupiedTicks(agenda.without(gone))).toEqual(before.filter((tick) => !isGone(tick)));
        expect(occupiedTicks(agenda)).toEqual(before);
      }),
      { numRuns: 200 },
    );
  });
});
