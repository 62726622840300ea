import { beforeEach, expect, test } from 'vitest';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { encodeCursor } from '#libs/kernel/page.js';
import type { CalendarDate } from '../../src/scheduling/domain/calendar.js';
import { hours, MONDAY, SATURDAY, SUNDAY, TUESDAY } from '../scheduling/domain/builders.js';
import { admitDoctor } from '../support/memory/people.js';
import { contract } from './stores.js';

contract('Overrides', (opened) => {
  let clara: string;
  let james: string;
  beforeEach(async () => {
    clara = (await admitDoctor(opened())).id;
    james = (await admitDoctor(opened())).id;
  });

  const put = (date: CalendarDate, text = '10:00–11:00', doctor = clara) =>
    opened().transactions.run(() => opened().overrides.put(doctor, { date, hours: hours(text) }));
  const listed = async (doctor = clara) =>
    (await opened().overrides.list(doctor, { limit: 100 })).results.map(({ date }) => date);

  test('what is said of a date is kept, also that it is closed', async () => {
    await put(MONDAY, '09:00–12:00 13:00–24:00');
    await put(TUESDAY, '');
    expect(await opened().overrides.list(clara, { limit: 2 })).toEqual({
      results: [
        { date: MONDAY, hours: hours('09:00–12:00 13:00–24:00') },
        { date: TUESDAY, hours: [] },
      ],
      nextCursor: null,
    });
  });

  test('it takes the place of what was said of that date before, and of nothing else', async () => {
    await put(MONDAY, '09:00–12:00');
    await put(TUESDAY, '09:00–12:00');
    await put(MONDAY, '09:00–12:00', james);
    await put(MONDAY, '13:00–14:00');
    const { results } = await opened().overrides.list(clara, { limit: 100 });
    expect(results).toEqual([
      { date: MONDAY, hours: hours('13:00–14:00') },
      { date: TUESDAY, hours: hours('09:00–12:00') },
    ]);
    const [theirs] = (await opened().overrides.list(james, { limit: 100 })).results;
    expect(theirs!.hours).toEqual(hours('09:00–12:00'));
  });

  test('one that is removed is gone, and what is not there can be removed', async () => {
    const { transactions, overrides } = opened();
    await put(MONDAY);
    await put(TUESDAY);
    await put(MONDAY, '10:00–11:00', james);
    await transactions.run(() => overrides.remove(clara, MONDAY));
    await transactions.run(() => overrides.remove(clara, SATURDAY));
    expect([await listed(), await listed(james)]).toEqual([[TUESDAY], [MONDAY]]);
  });

  test('a list is in the order of dates, in pages that together are the whole', async () => {
    for (const date of [SATURDAY, MONDAY, SUNDAY, TUESDAY]) await put(date);
    await put('2025-06-04', '', james);
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await opened().overrides.list(clara, { limit: 3, cursor });
      pages.push(page.results.map(({ date }) => date));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(pages).toEqual([[SUNDAY, MONDAY, TUESDAY], [SATURDAY]]);
  });

  test.each(['', 'x', encodeCursor([1]), encodeCursor(['a', 1])])(
    'refuses the cursor "%s" as an InvalidRequest',
    async (cursor) => {
      const listing = opened().overrides.list(clara, { limit: 1, cursor });
      await expect(listing).rejects.toBeInstanceOf(InvalidRequest);
    },
  );

  test('those before a date are dropped, the date itself and other doctors’ are not', async () => {
    for (const date of [SUNDAY, MONDAY, TUESDAY]) await put(date);
    await put(SUNDAY, '', james);
    await opened().transactions.run(() => opened().overrides.forgetBefore(clara, MONDAY));
    expect([await listed(), await listed(james)]).toEqual([[MONDAY, TUESDAY], [SUNDAY]]);
  });
});
