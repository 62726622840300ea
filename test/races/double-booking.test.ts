import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { DataSource } from 'typeorm';
import { MINUTE } from '#libs/kernel/clock.js';
import { Reader } from '../../src/database/database.module.js';
import { FixedClock, startApp, type TestApp } from '../support/app.js';
import { tally, type Answer, type Client } from '../support/client.js';
import { onEachDatabase, type DatabaseKind } from '../support/databases.js';
import { Crowd } from '../support/crowd.js';
import { countIn, overlapsIn } from './overlaps.js';
import {
  KEY_ALONE,
  POLICY_ALONE,
  POLICY_AND_LOCK,
  POLICY_LOCK_AND_KEY,
  type Protection,
} from './protections.js';

const SUNDAY = Date.parse('2030-01-06T12:00:00Z');
const MONDAY = '2030-01-07';
/** Minutes ahead of UTC in that week. In two of them the same grid of half hours is a quarter of an hour apart. */
const OFFSETS = { 'Europe/Berlin': 60, 'Asia/Kolkata': 330, 'Asia/Kathmandu': 345 } as const;
type ZoneName = keyof typeof OFFSETS;
/** Who want one slot of the application as it is; and the same in any way, on the database that comes with it. */
const CROWD = 200;
/** Otherwise, and where a layer is missing, fewer make the same point. */
const CONTENDERS = 50;
const FEW = 20;

/** What one contender asks for: a call, and the time of two people that it is about. */
interface Wish {
  client: Client;
  body: object;
  doctor: string;
  patient: string;
  startsAt: number;
  endsAt: number;
}

interface Clinic {
  crowd: Crowd;
  data: DataSource;
}

const dataOf = ({ app }: TestApp): DataSource => app.get(Reader).dataSource;

/** One clinic for all tests of a suite, in which each brings in people of its own. */
function clinicWith(database: DatabaseKind, { wire, prepare }: Protection): () => Clinic {
  let running: TestApp;
  beforeAll(async () => {
    running = await startApp({ database, clock: new FixedClock(SUNDAY), wire });
    await prepare?.(running.app);
  });
  afterAll(() => running.close());
  return () => ({ crowd: new Crowd([running.app]), data: dataOf(running) });
}

/** Two applications on one database, as two processes would be. */
async function openTwice(database: DatabaseKind): Promise<Clinic> {
  const clock = new FixedClock(SUNDAY);
  const one = await startApp({ database, clock });
  onTestFinished(() => one.close());
  const other = await startApp({ clock, env: { DATABASE_URL: one.url } });
  onTestFinished(() => other.close());
  return { crowd: new Crowd([one.app, other.app]), data: dataOf(one) };
}

/** A wish for so many minutes of Monday, from a minute of the day on the doctor's clock. */
function wish(
  parts: Pick<Wish, 'client' | 'doctor' | 'patient'>,
  zone: ZoneName,
  minuteOfDay: number,
  minutes: number,
  more: object,
): Wish {
  const two = (part: number): string => String(part).padStart(2, '0');
  const time = `${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}`;
  const startsAt = Date.parse(`${MONDAY}T00:00:00Z`) + (minuteOfDay - OFFSETS[zone]) * MINUTE;
  return { ...parts, body: { date: MONDAY, time, ...more }, startsAt, endsAt: startsAt + minutes * MINUTE };
}

const NINE = 9 * 60;

/** Many patients want one slot. */
async function oneSlot({ crowd }: Clinic, contenders: number): Promise<Wish[]> {
  const [doctor] = await crowd.doctors(1, ['Europe/Berlin']);
  const patients = await crowd.patients(contenders);
  return patients.map(({ client, id: patient }) =>
    wish({ client, doctor: doctor!.id, patient }, 'Europe/Berlin', NINE, 30, { doctor: doctor!.id }),
  );
}

/** Patients book, and the doctor and an admin schedule, visits of all lengths on one day of one doctor. */
async function overlappingTimes({ crowd }: Clinic, contenders: number): Promise<Wish[]> {
  const [doctor] = await crowd.doctors(1, ['Europe/Berlin']);
  const patients = await crowd.patients(contenders);
  const admin = await crowd.admin();
  return patients.map(({ client: own, id: patient }, i) => {
    const people = { doctor: doctor!.id, patient };
    const minuteOfDay = NINE + ((i * 35) % 450);
    const minutes = 5 + ((i * 25) % 60);
    switch (i % 3) {
      case 0: {
        const onGrid = minuteOfDay - (minuteOfDay % 30);
        return wish({ client: own, ...people }, 'Europe/Berlin', onGrid, 30, { doctor: doctor!.id });
      }
      case 1: {
        const more = { patient, duration_minutes: minutes };
        return wish({ client: doctor!.client, ...people }, 'Europe/Berlin', minuteOfDay, minutes, more);
      }
      default: {
        const more = { ...people, duration_minutes: minutes, exemption_reason: 'a race' };
        return wish({ client: admin, ...people }, 'Europe/Berlin', minuteOfDay, minutes, more);
      }
    }
  });
}

/** One patient wants to see many doctors, whose half hours do not begin at the same instants. */
async function onePatient({ crowd }: Clinic, contenders: number): Promise<Wish[]> {
  const zones = ['Asia/Kolkata', 'Asia/Kathmandu'] as const;
  const doctors = await crowd.doctors(contenders, zones);
  const [patient] = await crowd.patients(1);
  return doctors.map(({ id: doctor }, i) => {
    const minuteOfDay = NINE + 30 * (i % 6);
    const people = { client: patient!.client, doctor, patient: patient!.id };
    return wish(people, zones[i % 2]!, minuteOfDay, 30, { doctor });
  });
}

/** All at once. */
function race(wishes: readonly Wish[]): Promise<Answer[]> {
  return Promise.all(wishes.map(({ client, body }) => client.post('/api/appointments/', body)));
}

function compete(a: Wish, b: Wish): boolean {
  return (a.doctor === b.doctor || a.patient === b.patient) && a.startsAt < b.endsAt && b.startsAt < a.endsAt;
}

/** That no two winners compete, every loser does with a winner, and all is answered as it should be. */
async function assertFairRace(
  wishes: readonly Wish[],
  data: DataSource,
  run: typeof race = race,
): Promise<Answer[]> {
  const before = await countIn(data, 'appointments');
  const answers = await run(wishes);
  const won = wishes.filter((_, i) => answers[i]!.status === 201);
  const lost = wishes.filter((_, i) => answers[i]!.status !== 201);
  expect(tally(answers)).toEqual({ 201: won.length, ...(lost.length > 0 && { 409: lost.length }) });
  const codes = answers.filter(({ status }) => status === 409).map(({ body }) => body.code as string);
  expect(codes.filter((code) => code !== 'slot-taken' && code !== 'patient-busy')).toEqual([]);
  expect(await overlapsIn(data)).toBe(0);
  expect(await countIn(data, 'appointments')).toBe(before + won.length);
  expect(won.filter((one, i) => won.slice(i + 1).some((other) => compete(one, other)))).toEqual([]);
  expect(lost.filter((loser) => !won.some((winner) => compete(winner, loser)))).toEqual([]);
  return answers;
}

async function oneByOne(wishes: readonly Wish[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const one of wishes) answers.push(...(await race([one])));
  return answers;
}

onEachDatabase('Double booking', (database) => {
  describe.each<[string, Protection]>([
    ['policy, lock and key', POLICY_LOCK_AND_KEY],
    ['policy and lock without the key', POLICY_AND_LOCK],
    ['the key without policy and lock', KEY_ALONE],
  ])('with %s', (_, protection) => {
    const clinic = clinicWith(database, protection);
    const most = database === 'sqlite' ? CROWD : CONTENDERS;
    const contenders = protection === POLICY_LOCK_AND_KEY ? most : FEW;

    test('of many patients who want one slot exactly one gets it', async () => {
      const patients = protection === POLICY_LOCK_AND_KEY ? CROWD : FEW;
      const answers = await assertFairRace(await oneSlot(clinic(), patients), clinic().data);
      expect(tally(answers)).toEqual({ 201: 1, 409: patients - 1 });
    });

    test('of many overlapping times of one doctor, of all lengths, exactly the compatible ones win', async () => {
      await assertFairRace(await overlappingTimes(clinic(), contenders), clinic().data);
    });

    test('of many doctors whom one patient wants at overlapping times exactly the compatible ones win', async () => {
      await assertFairRace(await onePatient(clinic(), contenders), clinic().data);
    });
  });

  test('of many overlapping times asked of two applications on one database exactly the compatible ones win', async () => {
    const clinic = await openTwice(database);
    await assertFairRace(await overlappingTimes(clinic, CONTENDERS), clinic.data);
  });

  describe('with the policy alone, its agenda read before the unit of work begins (control)', () => {
    const clinic = clinicWith(database, POLICY_ALONE);

    test('asked one after the other it refuses as it should', async () => {
      await assertFairRace(await oneSlot(clinic(), 3), clinic().data, oneByOne);
    });

    test.each([
      ['one slot', oneSlot],
      ['overlapping times of one doctor', overlappingTimes],
      ['one patient and many doctors', onePatient],
    ])('%s: overlaps are found', async (_, wishesOf) => {
      const before = await overlapsIn(clinic().data);
      let found = 0;
      for (let round = 0; round < 10 && found === 0; round++) {
        await race(await wishesOf(clinic(), FEW));
        found = (await overlapsIn(clinic().data)) - before;
      }
      expect(found).toBeGreaterThan(0);
    });
  });
});
