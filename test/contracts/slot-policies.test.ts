import { beforeEach, expect, test } from 'vitest';
import { UuidIds } from '#libs/nest/system.js';
import { Hours } from '../../src/scheduling/domain/hours.js';
import { SlotPolicy, type SlotRules } from '../../src/scheduling/domain/slot-policy.js';
import { Zone } from '../../src/scheduling/domain/zone.js';
import type { Doctor } from '../../src/scheduling/ports.js';
import { BERLIN, everyDay, hours, MONDAY, TUESDAY, visitType } from '../scheduling/domain/builders.js';
import { admitDoctor } from '../support/memory/people.js';
import { contract } from './stores.js';

const ids = new UuidIds();

/** Rules that differ from the default ones in everything. */
const OWN: SlotRules = {
  visitTypes: [
    visitType({ name: 'Erstgespräch 🫀', minutes: 45 }),
    visitType({ name: 'control', minutes: 15, bookableBy: 'seen' }),
    visitType({ name: 'stress test', minutes: 60, bookableBy: 'doctor' }),
  ],
  hours: everyDay('08:00–12:00 13:00–24:00'),
  gridMinutes: 15,
  noticeMinutes: 0,
  horizonDays: 14,
  bufferMinutes: { before: 5, after: 10 },
  dailyMaximum: 12,
  patientLimit: 1,
  confirmation: 'automatic',
  confirmWithinMinutes: 60,
  cancellationNoticeMinutes: 0,
};

contract('SlotPolicies', (opened) => {
  let clara: Doctor;
  let james: Doctor;
  beforeEach(async () => {
    clara = await admitDoctor(opened());
    james = await admitDoctor(opened(), { timeZone: 'Asia/Kolkata' });
  });

  const keep = (rules: SlotRules, version: number) =>
    opened().transactions.run(() => opened().policies.keep(clara.id, rules, version));
  const put = (date: string, interval: string) =>
    opened().transactions.run(() => opened().overrides.put(clara.id, { date, hours: hours(interval) }));
  const ofClara = () => opened().policies.of(clara.id, BERLIN);

  test('the policy of a doctor who has stored none is the default one, at version 0', async () => {
    const { rules, zone, version } = await ofClara();
    expect(rules).toEqual(SlotPolicy.DEFAULT);
    expect([zone.name, version]).toEqual(['Europe/Berlin', 0]);
  });

  test('the stored policy is the one that was kept, with every rule and its version, in the zone that is asked for', async () => {
    await keep(OWN, 1);
    const { rules, zone, version } = await opened().policies.of(clara.id, Zone.of('Asia/Kolkata'));
    expect(rules).toEqual(OWN);
    expect([zone.name, version]).toEqual(['Asia/Kolkata', 1]);
  });

  test('rules that are kept take the place of all that were kept before', async () => {
    await keep(OWN, 1);
    const closed = { ...SlotPolicy.DEFAULT, gridMinutes: 20, hours: new Hours({}) };
    await keep(closed, 2);
    const { rules, version } = await ofClara();
    expect([rules, version]).toEqual([closed, 2]);
  });

  test('the same rules may be kept again under the same version', async () => {
    await keep(OWN, 1);
    await keep(OWN, 1);
    expect((await ofClara()).rules).toEqual(OWN);
  });

  test('rules are the doctor’s own', async () => {
    await keep(OWN, 1);
    const { rules, version } = await opened().policies.of(james.id, Zone.of(james.timeZone));
    expect([rules, version]).toEqual([SlotPolicy.DEFAULT, 0]);
  });

  test('the policy has the overrides of single dates, stored or default', async () => {
    await put(MONDAY, '10:00–11:00');
    await put(TUESDAY, '');
    const overrides = new Map([
      [MONDAY, hours('10:00–11:00')],
      [TUESDAY, []],
    ]);
    expect((await ofClara()).rules.hours.overrides).toEqual(overrides);
    await keep(OWN, 1);
    const { weekly, overrides: kept } = (await ofClara()).rules.hours;
    expect([weekly, kept]).toEqual([OWN.hours.weekly, overrides]);
  });

  test('overrides among rules that are kept are left alone', async () => {
    await put(MONDAY, '10:00–11:00');
    await keep({ ...OWN, hours: everyDay('09:00–17:00', { [MONDAY]: '', [TUESDAY]: '12:00–13:00' }) }, 1);
    expect((await ofClara()).rules.hours.overrides).toEqual(new Map([[MONDAY, hours('10:00–11:00')]]));
  });

  test('what a unit that fails has kept is not kept', async () => {
    const { transactions, policies } = opened();
    const failing = transactions.run(async () => {
      await policies.keep(clara.id, OWN, 1);
      expect((await policies.of(clara.id, BERLIN)).version).toBe(1);
      throw new Error('not this time');
    });
    await expect(failing).rejects.toThrow('not this time');
    expect((await ofClara()).version).toBe(0);
  });

  test('the policies of many are those of each, in the zone of each', async () => {
    await keep(OWN, 3);
    await put(MONDAY, '10:00–11:00');
    const policies = await opened().policies.ofMany([clara, james]);
    expect([...policies.keys()].toSorted()).toEqual([clara.id, james.id].toSorted());
    for (const { id, timeZone } of [clara, james]) {
      const alone = await opened().policies.of(id, Zone.of(timeZone));
      const { rules, zone, version } = policies.get(id)!;
      expect([rules, zone.name, version]).toEqual([alone.rules, timeZone, alone.version]);
    }
    expect(await opened().policies.ofMany([])).toEqual(new Map());
  });

  test('what a policy says about appointments that are made is told of each, stored or default', async () => {
    await keep(OWN, 1);
    const nobody = ids.next();
    const rules = await opened().policies.appointmentRules([clara.id, james.id, nobody]);
    expect(rules.get(clara.id)).toMatchObject({
      confirmation: 'automatic',
      confirmWithinMinutes: 60,
      cancellationNoticeMinutes: 0,
    });
    for (const id of [james.id, nobody]) {
      expect(rules.get(id)).toMatchObject({
        confirmation: 'manual',
        confirmWithinMinutes: 72 * 60,
        cancellationNoticeMinutes: 24 * 60,
      });
    }
    expect(await opened().policies.appointmentRules([])).toEqual(new Map());
  });
});
