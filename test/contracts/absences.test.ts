import { beforeEach, expect, test } from 'vitest';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { encodeCursor } from '#libs/kernel/page.js';
import { UuidIds } from '#libs/nest/system.js';
import type { Absence } from '../../src/scheduling/domain/absence.js';
import { at, slot } from '../scheduling/domain/builders.js';
import { admitDoctor } from '../support/memory/people.js';
import { contract } from './stores.js';

const ids = new UuidIds();

contract('Absences', (opened) => {
  let clara: string;
  let james: string;
  beforeEach(async () => {
    clara = (await admitDoctor(opened())).id;
    james = (await admitDoctor(opened())).id;
  });

  async function add(change: Partial<Absence> = {}): Promise<Absence> {
    const absence = {
      id: ids.next(),
      doctor: clara,
      slot: slot('10:00', '11:00'),
      timeZone: 'Europe/Berlin',
      wholeDays: false,
      reason: null,
      ...change,
    };
    await opened().transactions.run(() => opened().absences.add(absence));
    return absence;
  }
  const idsOf = (absences: readonly Absence[]) => absences.map(({ id }) => id);
  const listed = async (cursor?: string) =>
    idsOf((await opened().absences.list(clara, { limit: 100, cursor })).results);

  test('one is found with all that it says', async () => {
    const { absences } = opened();
    const whole = await add({ wholeDays: true, reason: 'Urlaub\n🏝️', timeZone: 'Asia/Kolkata' });
    const bare = await add();
    expect(await absences.find(whole.id)).toEqual(whole);
    expect(await absences.find(bare.id)).toEqual(bare);
    expect(await absences.find(ids.next())).toBeUndefined();
  });

  test('they may overlap, and one that is removed leaves the others', async () => {
    const { transactions, absences } = opened();
    const [one, other] = [await add(), await add({ slot: slot('10:30', '12:00') })];
    await transactions.run(() => absences.remove(one.id));
    await transactions.run(() => absences.remove(ids.next()));
    expect(await absences.find(one.id)).toBeUndefined();
    expect(await listed()).toEqual([other.id]);
  });

  test('a list is by start, then id, of one doctor, in pages that together are the whole', async () => {
    const late = await add({ slot: slot('15:00', '16:00') });
    const early = await add({ slot: slot('08:00', '20:00') });
    const [a, b] = idsOf([await add(), await add()]).toSorted();
    await add({ doctor: james });
    const whole = [early.id, a, b, late.id];
    expect(await listed()).toEqual(whole);
    const first = await opened().absences.list(clara, { limit: 2 });
    expect(idsOf(first.results)).toEqual(whole.slice(0, 2));
    expect(await listed(first.nextCursor!)).toEqual(whole.slice(2));
    expect((await opened().absences.list(clara, { limit: 4 })).nextCursor).toBeNull();
  });

  test.each(['', 'x', encodeCursor(['a', 1]), encodeCursor([1, 'a', 1])])(
    'refuses the cursor "%s" as an InvalidRequest',
    async (cursor) => {
      await expect(listed(cursor)).rejects.toBeInstanceOf(InvalidRequest);
    },
  );

  test('those that end after an instant are all of the doctor’s but those that have ended, by start, then id', async () => {
    const { absences } = opened();
    const long = await add({ slot: slot('07:00', '18:00') });
    const later = await add({ slot: slot('12:00', '13:00') });
    const [a, b] = idsOf([await add(), await add()]).toSorted();
    await add({ doctor: james, slot: slot('08:00', '20:00') });
    const after = async (time: string) => idsOf(await absences.endingAfter(clara, at(time)));
    expect(await after('06:00')).toEqual([long.id, a, b, later.id]);
    expect(await after('10:59')).toEqual([long.id, a, b, later.id]);
    expect(await after('11:00')).toEqual([long.id, later.id]);
    expect(await after('18:00')).toEqual([]);
  });
});
