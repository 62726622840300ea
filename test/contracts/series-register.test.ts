import { expect, test } from 'vitest';
import { UuidIds } from '#libs/nest/system.js';
import type { Series } from '../../src/scheduling/domain/series.js';
import { NOON_BEFORE } from '../scheduling/domain/builders.js';
import { admitDoctor, admitPatient } from '../support/memory/people.js';
import { contract } from './stores.js';

const ids = new UuidIds();

contract('SeriesRegister', (opened) => {
  async function aSeries(): Promise<Series> {
    const doctor = (await admitDoctor(opened())).id;
    const patient = (await admitPatient(opened())).id;
    return { id: ids.next(), doctor, patient, everyWeeks: 2, scheduledBy: 'doctor', createdAt: NOON_BEFORE };
  }

  test('keeps all that a series says', async () => {
    const { transactions, seriesRegister } = opened();
    const series = await aSeries();
    await transactions.run(() => seriesRegister.add(series));
    expect(await seriesRegister.find(series.id)).toEqual(series);
    expect(await seriesRegister.find(ids.next())).toBeUndefined();
  });

  test('a unit that fails leaves none behind', async () => {
    const { transactions, seriesRegister } = opened();
    const series = await aSeries();
    const failing = transactions.run(async () => {
      await seriesRegister.add(series);
      throw new Error('refused');
    });
    await expect(failing).rejects.toThrow('refused');
    expect(await seriesRegister.find(series.id)).toBeUndefined();
  });
});
