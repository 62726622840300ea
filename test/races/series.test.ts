import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { DataSource } from 'typeorm';
import { Reader } from '../../src/database/database.module.js';
import { FixedClock, startApp } from '../support/app.js';
import { tally, type Answer, type Client } from '../support/client.js';
import { onEachDatabase, type DatabaseKind } from '../support/databases.js';
import { Crowd } from '../support/crowd.js';
import { countIn, overlapsIn, strayTicksIn } from './overlaps.js';
import { KEY_ALONE, POLICY_ALONE, POLICY_LOCK_AND_KEY, type Protection } from './protections.js';
import { withStaleAppointments } from './stale-appointments.js';

const SUNDAY = Date.parse('2030-01-06T12:00:00Z');
const MONDAYS = ['2030-01-07', '2030-01-14', '2030-01-21'] as const;
const CONTENDERS = 12;

interface Clinic {
  crowd: Crowd;
  admin: Client;
  data: DataSource;
  close(): Promise<void>;
}

async function open(database: DatabaseKind, { wire, prepare }: Protection): Promise<Clinic> {
  const running = await startApp({ database, clock: new FixedClock(SUNDAY), wire });
  await prepare?.(running.app);
  const crowd = new Crowd([running.app]);
  const { dataSource: data } = running.app.get(Reader);
  return { crowd, admin: await crowd.admin(), data, close: () => running.close() };
}

type Contest = (clinic: Clinic, contenders: number) => Promise<(() => Promise<Answer>)[]>;

/** Series of many patients with one doctor, whose visits all overlap. */
const seriesAndSeries: Contest = async ({ crowd, admin }, contenders) => {
  const [doctor] = await crowd.doctors(1, ['Europe/Berlin']);
  const patients = await crowd.patients(contenders);
  return patients.map(({ id: patient }, i) => {
    const [date] = MONDAYS;
    const rhythm = { date, time: i % 2 ? '09:00' : '09:15', every_weeks: 1, count: MONDAYS.length };
    const body = { doctor: doctor!.id, patient, ...rhythm, exemption_reason: 'a race' };
    return () => admin.post('/api/series/', body);
  });
};

/** Series of one patient with many doctors, at one time. */
const seriesOfOnePatient: Contest = async ({ crowd, admin }, contenders) => {
  const doctors = await crowd.doctors(contenders, ['Europe/Berlin']);
  const [patient] = await crowd.patients(1);
  return doctors.map(({ id: doctor }) => {
    const rhythm = { date: MONDAYS[0], time: '09:00', every_weeks: 1, count: MONDAYS.length };
    return () => admin.post('/api/series/', { doctor, patient: patient!.id, ...rhythm });
  });
};

/** Half of them are patients who book one of the dates. */
const seriesAndBookings: Contest = async ({ crowd, admin }, contenders) => {
  const [doctor] = await crowd.doctors(1, ['Europe/Berlin']);
  const patients = await crowd.patients(contenders);
  return patients.map(({ id: patient, client }, i) => {
    const visit = { doctor: doctor!.id, time: '09:00' };
    if (i % 2) return () => client.post('/api/appointments/', { ...visit, date: MONDAYS[(i >> 1) % 3] });
    const rhythm = { date: MONDAYS[0], every_weeks: 1, count: MONDAYS.length };
    return () => admin.post('/api/series/', { ...visit, ...rhythm, patient });
  });
};

const CONTESTS: readonly [string, Contest][] = [
  ['series against series of one doctor', seriesAndSeries],
  ['series against series of one patient', seriesOfOnePatient],
  ['series against bookings', seriesAndBookings],
];

const race = (asks: readonly (() => Promise<Answer>)[]): Promise<Answer[]> =>
  Promise.all(asks.map((ask) => ask()));

/** Series of which not all visits are there. */
function tornIn(data: DataSource): Promise<number> {
  return countIn(
    data,
    `(SELECT s.id FROM series s LEFT JOIN appointments a ON a.series_id = s.id
      GROUP BY s.id HAVING COUNT(a.id) <> ${MONDAYS.length}) torn`,
  );
}

onEachDatabase('Series', (database) => {
  describe.each<[string, Protection]>([
    ['policy, lock and key', POLICY_LOCK_AND_KEY],
    ['the key without policy and lock', KEY_ALONE],
  ])('with %s', (_, protection) => {
    let clinic: Clinic;
    beforeAll(async () => {
      clinic = await open(database, protection);
    });
    afterAll(() => clinic.close());

    test.each(CONTESTS)('%s: no time is given twice, and no series in parts', async (__, contest) => {
      const { data } = clinic;
      const before = await countIn(data, 'series');
      const answers = await race(await contest(clinic, CONTENDERS));
      const isSeries = ({ status, body }: Answer): boolean => status === 201 && 'appointments' in body;
      expect(Object.keys(tally(answers)).filter((status) => !['201', '409'].includes(status))).toEqual([]);
      expect(answers.filter(({ status }) => status === 201)).not.toEqual([]);
      const refused = answers.filter(({ status }) => status === 409).map(({ body }) => body.code as string);
      expect(refused.filter((code) => code !== 'slot-taken' && code !== 'series-refused')).toEqual([]);
      expect((await countIn(data, 'series')) - before).toBe(answers.filter(isSeries).length);
      expect([await overlapsIn(data), await strayTicksIn(data), await tornIn(data)]).toEqual([0, 0, 0]);
    });
  });

  describe('with the policy alone, its agenda read before the unit (control)', () => {
    let clinic: Clinic;
    beforeAll(async () => {
      clinic = await open(database, POLICY_ALONE);
    });
    afterAll(() => clinic.close());

    test.each(CONTESTS)('%s overlap', async (_, contest) => {
      const before = await overlapsIn(clinic.data);
      const found = async () => (await overlapsIn(clinic.data)) - before;
      for (let round = 0; round < 10 && (await found()) === 0; round++) {
        await race(await contest(clinic, CONTENDERS));
      }
      expect(await found()).toBeGreaterThan(0);
    });
  });
});

onEachDatabase('The cancelling of a series and an action on one of its visits', (database) => {
  const SERIES = 4;

  /** What was answered to both, and how many visits are active afterwards. */
  async function cancelAgainst(clinic: Clinic, action: string, body: object) {
    const { crowd, admin, data } = clinic;
    const doctors = await crowd.doctors(SERIES, ['Europe/Berlin']);
    const patients = await crowd.patients(SERIES);
    const asks = await Promise.all(
      doctors.map(async ({ id: doctor }, i) => {
        const patient = patients[i]!;
        const rhythm = { date: MONDAYS[0], time: '09:00', every_weeks: 1, count: MONDAYS.length };
        const series = await admin.post('/api/series/', { doctor, patient: patient.id, ...rhythm });
        expect(series.status).toBe(201);
        const [, visit] = series.body.appointments as { id: string }[];
        // As the patient sees it who is about to act on it.
        await patient.client.get(`/api/appointments/${visit!.id}/`);
        return () =>
          Promise.all([
            admin.post(`/api/series/${String(series.body.id)}/cancel/`, { reason: 'moved away' }),
            patient.client.post(`/api/appointments/${visit!.id}/${action}/`, body),
          ]);
      }),
    );
    const answers = await Promise.all(asks.map((ask) => ask()));
    const active = `appointments WHERE status IN ('pending', 'confirmed', 'checked_in')`;
    return { answers, active: await countIn(data, active) };
  }

  const ACTIONS: readonly [string, object][] = [
    ['cancel', { reason: 'a cold' }],
    ['reschedule', { date: MONDAYS[1], time: '14:00' }],
  ];

  test('either comes before the other or is refused: no visit is left', async () => {
    const clinic = await open(database, POLICY_LOCK_AND_KEY);
    onTestFinished(() => clinic.close());
    for (const [action, body] of ACTIONS) {
      const { answers, active } = await cancelAgainst(clinic, action, body);
      expect(answers.map(([series]) => series.status)).toEqual(Array(SERIES).fill(200));
      const refused = answers.map(([, visit]) => visit).filter(({ status }) => status !== 200);
      expect(refused.filter(({ body: { code } }) => code !== 'action-not-allowed')).toEqual([]);
      expect([active, await strayTicksIn(clinic.data)]).toEqual([0, 0]);
    }
  });

  test('control: read once and written blindly, a moved visit outlives its series', async () => {
    const clinic = await open(database, { wire: withStaleAppointments });
    onTestFinished(() => clinic.close());
    let left = 0;
    for (let round = 0; round < 10 && left === 0; round++) {
      left = (await cancelAgainst(clinic, ...ACTIONS[1]!)).active;
    }
    expect(left).toBeGreaterThan(0);
  });
});
