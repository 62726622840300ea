import { describe, expect, test } from 'vitest';
import { instantsOf } from '../../../src/scheduling/domain/absence.js';
import { addDays } from '../../../src/scheduling/domain/calendar.js';
import { Zone } from '../../../src/scheduling/domain/zone.js';

describe('an absence until 24:00', () => {
  test.each([
    ['an ordinary date', 'Europe/Berlin', '2026-06-02'],
    ['a date whose midnight is skipped', 'America/Havana', '2026-03-07'],
    ['a date whose last hour is shown twice', 'Africa/Cairo', '2026-10-29'],
  ])('ends with %s, as one of whole days', (_, name, date) => {
    const zone = Zone.of(name);
    const range = { fromDate: date, toDate: date };
    const next = addDays(date, 1);
    const { endsAt } = instantsOf({ ...range, times: { from: 8 * 60, to: 1440 } }, zone);
    expect(endsAt).toBe(instantsOf(range, zone).endsAt);
    expect(endsAt).toBe(instantsOf({ fromDate: next, toDate: next }, zone).startsAt);
  });
});
