import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DataSource } from 'typeorm';
import { Clock, HOUR } from '#libs/kernel/clock.js';
import { Reader } from '../../src/database/database.module.js';
import { ExpireAppointments } from '../../src/scheduling/index.js';
import { startApp, type TestAppOptions } from '../support/app.js';
import type { Answer, Client } from '../support/client.js';
import { onEachDatabase, type DatabaseKind } from '../support/databases.js';
import type { Member } from '../support/clinic.js';
import { Crowd } from '../support/crowd.js';
import { overlapsIn, strayTicksIn } from './overlaps.js';
import { KEY_ALONE, NONE, POLICY_ALONE, POLICY_LOCK_AND_KEY } from './protections.js';
import { withStaleAppointments } from './stale-appointments.js';

const SUNDAY = Date.parse('2030-01-06T12:00:00Z');
const MONDAY = '2030-01-07';
/** 09:00 in Berlin. */
const NINE = Date.parse('2030-01-07T08:00:00Z');
const ROUNDS = 3;

/** Some see a deadline before it passes, and some after it. */
class RacingClock extends Clock {
  #instants: readonly [number, ...number[]] = [SUNDAY];
  #reads = 0;

  now(): number {
    return this.#instants[this.#reads++ % this.#instants.length]!;
  }

  set(...instants: readonly [number, ...number[]]): void {
    this.#instants = instants;
  }
}

/** An appointment of a doctor and a patient on Monday at nine, with those who act on it. */
interface Round {
  id: string;
  doctor: Member;
  patient: Member;
  admin: Client;
  expire(): Promise<unknown>;
}

interface Clinic {
  app: NestFastifyApplication;
  crowd: Crowd;
  admin: Client;
  clock: RacingClock;
  data: DataSource;
  expire(): Promise<unknown>;
  close(): Promise<void>;
}

async function open(database: DatabaseKind, protection: Pick<TestAppOptions, 'wire'>): Promise<Clinic> {
  const clock = new RacingClock();
  const running = await startApp({ database, clock, wire: protection.wire });
  const crowd = new Crowd([running.app]);
  const { dataSource: data } = running.app.get(Reader);
  const expire = () => running.app.get(ExpireAppointments, { strict: false }).execute();
  return {
    app: running.app,
    crowd,
    admin: await crowd.admin(),
    clock,
    data,
    expire,
    close: () => running.close(),
  };
}

async function roundsIn(clinic: Clinic, begins: 'pending' | 'confirmed'): Promise<Round[]> {
  const { crowd, admin } = clinic;
  const doctors = await crowd.doctors(ROUNDS, ['Europe/Berlin']);
  const patients = await crowd.patients(ROUNDS);
  return Promise.all(
    doctors.map(async (doctor, i) => {
      const patient = patients[i]!;
      const request = { doctor: doctor.id, patient: patient.id, date: MONDAY, time: '09:00' };
      const by = begins === 'pending' ? patient.client : admin;
      const { status, body } = await by.post('/api/appointments/', request);
      expect([status, body.status]).toEqual([201, begins]);
      return { id: body.id as string, doctor, patient, admin, expire: () => clinic.expire() };
    }),
  );
}

type Act = (round: Round, headers: Record<string, string>) => Promise<unknown>;

function action(name: string, by: 'doctor' | 'patient' | 'admin', payload: object = {}): Act {
  return ({ id, admin, ...round }, headers) => {
    const client = by === 'admin' ? admin : round[by].client;
    const body = ['confirm', 'cancel', 'reschedule'].includes(name) ? { payload } : {};
    return client.send({ method: 'POST', url: `/api/appointments/${id}/${name}/`, ...body, headers });
  };
}
const expire: Act = (round) => round.expire();

interface Pair {
  name: string;
  begins: 'pending' | 'confirmed';
  /** When it is. */
  now: readonly [number, ...number[]];
  acts: readonly [Act, Act];
}

const move = { date: MONDAY, time: '14:00' };

/** Pairs of actions on one version of one appointment, of which one alone can be the next. */
const PAIRS: readonly Pair[] = [
  {
    name: 'confirm and cancel',
    begins: 'pending',
    now: [SUNDAY],
    acts: [action('confirm', 'doctor'), action('cancel', 'patient')],
  },
  {
    name: 'confirm and reschedule',
    begins: 'pending',
    now: [SUNDAY],
    acts: [action('confirm', 'doctor'), action('reschedule', 'admin', move)],
  },
  {
    name: 'cancel and reschedule',
    begins: 'confirmed',
    now: [SUNDAY],
    acts: [action('cancel', 'patient'), action('reschedule', 'doctor', move)],
  },
  {
    name: 'reschedule and reschedule',
    begins: 'confirmed',
    now: [SUNDAY],
    acts: [action('reschedule', 'doctor', move), action('reschedule', 'admin', { ...move, time: '15:00' })],
  },
  {
    name: 'check-in and cancel',
    begins: 'confirmed',
    now: [NINE - HOUR],
    acts: [action('check-in', 'doctor'), action('cancel', 'patient')],
  },
  {
    name: 'check-in and reschedule',
    begins: 'confirmed',
    now: [NINE - HOUR],
    acts: [action('check-in', 'doctor'), action('reschedule', 'doctor', move)],
  },
  {
    name: 'no-show and complete',
    begins: 'confirmed',
    now: [NINE],
    acts: [action('no-show', 'doctor'), action('complete', 'admin')],
  },
  {
    name: 'cancel and complete',
    begins: 'confirmed',
    now: [NINE],
    acts: [action('cancel', 'admin'), action('complete', 'doctor')],
  },
  {
    name: 'expire and confirm',
    begins: 'pending',
    now: [NINE - 1, NINE],
    acts: [expire, action('confirm', 'doctor')],
  },
  {
    name: 'expire and cancel',
    begins: 'pending',
    now: [NINE],
    acts: [expire, action('cancel', 'doctor')],
  },
  {
    name: 'expire and reschedule',
    begins: 'pending',
    now: [NINE - 1, NINE],
    acts: [expire, action('reschedule', 'doctor', move)],
  },
];

interface Line {
  appointment_id: string;
  from_status: string | null;
  to_status: string;
}

/** The lines that each appointment's history has beyond its first. */
async function changesIn(data: DataSource): Promise<Map<string, Line[]>> {
  const lines = await data.query<Line[]>(
    'SELECT appointment_id, from_status, to_status FROM appointment_history ORDER BY appointment_id, version',
  );
  const changes = new Map<string, Line[]>();
  for (const line of lines) {
    const earlier = changes.get(line.appointment_id);
    if (earlier === undefined) changes.set(line.appointment_id, []);
    else earlier.push(line);
  }
  return changes;
}

/** Both at once in every round; answers how many changes each appointment has had. */
async function race(clinic: Clinic, { begins, now, acts }: Pair, headers: Record<string, string>) {
  clinic.clock.set(SUNDAY);
  const rounds = await roundsIn(clinic, begins);
  clinic.clock.set(...now);
  const answers = await Promise.all(
    rounds.flatMap((round, i) => (i % 2 ? acts : acts.toReversed()).map((act) => act(round, headers))),
  );
  const statuses = answers
    .filter((answer): answer is Answer => typeof answer === 'object')
    .map(({ status }) => status);
  expect(statuses.filter((status) => ![200, 409, 412].includes(status))).toEqual([]);
  const changes = await changesIn(clinic.data);
  return rounds.map(({ id }) => changes.get(id)!);
}

const FIRST_VERSION = { 'if-match': '"1"' };

onEachDatabase('Two actions on one appointment', (database) => {
  describe('with lock and version', () => {
    let clinic: Clinic;
    beforeAll(async () => {
      clinic = await open(database, POLICY_LOCK_AND_KEY);
    });
    afterAll(() => clinic.close());

    test.each(PAIRS)('$name: of one version exactly one wins', async (pair) => {
      const changes = await race(clinic, pair, FIRST_VERSION);
      expect(changes.filter(({ length }) => length > 1)).toEqual([]);
      // On a clock that passes the deadline meanwhile each may have come at its wrong side.
      if (pair.now.length === 1) expect(changes.filter(({ length }) => length !== 1)).toEqual([]);
    });

    test.each(PAIRS)(
      '$name: of any version, each begins where the other ended, or is refused',
      async (pair) => {
        for (const lines of await race(clinic, pair, {})) {
          const chain = [pair.begins, ...lines.map(({ to_status }) => to_status)];
          expect(lines.map(({ from_status }) => from_status)).toEqual(chain.slice(0, -1));
          expect(chain.slice(0, -1)).not.toContain('cancelled');
        }
      },
    );

    test('after all of them nothing overlaps, and exactly the active ones occupy time', async () => {
      expect([await overlapsIn(clinic.data), await strayTicksIn(clinic.data)]).toEqual([0, 0]);
    });
  });

  describe('read once and written blindly (control)', () => {
    let clinic: Clinic;
    beforeAll(async () => {
      clinic = await open(database, { wire: withStaleAppointments });
    });
    afterAll(() => clinic.close());

    test.each(PAIRS)('$name: both win', async (pair) => {
      let doubled = 0;
      for (let round = 0; round < 5 && doubled === 0; round++) {
        const changes = await race(clinic, pair, FIRST_VERSION);
        doubled = changes.filter(({ length }) => length > 1).length;
      }
      expect(doubled).toBeGreaterThan(0);
    });
  });
});

onEachDatabase('Moves and bookings of one time', (database) => {
  const at = (time: string) => ({ date: MONDAY, time });
  const codes = (answers: readonly Answer[]) => answers.map(({ status }) => status).toSorted((a, b) => a - b);
  const moved = ({ doctor, id }: Pick<Round, 'doctor' | 'id'>, time: string) =>
    doctor.client.post(`/api/appointments/${id}/reschedule/`, at(time));

  /** In each round a doctor's patient has nine o'clock, and another has ten. */
  async function pairsIn(clinic: Clinic) {
    const rounds = await roundsIn(clinic, 'confirmed');
    const others = await clinic.crowd.patients(ROUNDS);
    return Promise.all(
      rounds.map(async (round, i) => {
        const other = others[i]!;
        const visit = { doctor: round.doctor.id, patient: other.id, ...at('10:00') };
        const { body } = await clinic.admin.post('/api/appointments/', visit);
        return { ...round, other, second: body.id as string };
      }),
    );
  }

  /** In each pair the first goes where the second is, and the second where the first is. */
  async function swapsIn(clinic: Clinic): Promise<Answer[]> {
    const rounds = await pairsIn(clinic);
    return Promise.all(
      rounds.flatMap(({ second, ...round }) => [
        moved(round, '10:00'),
        moved({ ...round, id: second }, '09:00'),
      ]),
    );
  }

  describe('with policy, lock and key', () => {
    let clinic: Clinic;
    beforeAll(async () => {
      clinic = await open(database, POLICY_LOCK_AND_KEY);
    });
    afterAll(() => clinic.close());

    test('a move and a booking: exactly one gets the new time, and the old one is free if the move won', async () => {
      const rounds = await pairsIn(clinic);
      const answers = await Promise.all(
        rounds.map(({ other, ...round }) =>
          Promise.all([
            moved(round, '14:00'),
            other.client.post('/api/appointments/', { doctor: round.doctor.id, ...at('14:00') }),
          ]),
        ),
      );
      for (const [move, booking] of answers) {
        expect([[200, 409].join(), [409, 201].join()]).toContain([move.status, booking.status].join());
      }
      expect([await overlapsIn(clinic.data), await strayTicksIn(clinic.data)]).toEqual([0, 0]);
    });

    test('a move away and a booking of the old time: it is never given before it is free', async () => {
      const rounds = await pairsIn(clinic);
      const answers = await Promise.all(
        rounds.map(({ other, ...round }) =>
          Promise.all([
            moved(round, '14:00'),
            other.client.post('/api/appointments/', { doctor: round.doctor.id, ...at('09:00') }),
          ]),
        ),
      );
      for (const [move, booking] of answers) {
        expect(move.status).toBe(200);
        expect([201, 409]).toContain(booking.status);
      }
      expect([await overlapsIn(clinic.data), await strayTicksIn(clinic.data)]).toEqual([0, 0]);
    });

    test('two moves to one time: exactly one wins', async () => {
      const rounds = await pairsIn(clinic);
      const answers = await Promise.all(
        rounds.map(({ second, ...round }) =>
          Promise.all([moved(round, '14:00'), moved({ ...round, id: second }, '14:00')]),
        ),
      );
      for (const pair of answers) expect(codes(pair)).toEqual([200, 409]);
      expect([await overlapsIn(clinic.data), await strayTicksIn(clinic.data)]).toEqual([0, 0]);
    });

    test('two that swap their times: each finds the other’s taken, and both stay', async () => {
      const answers = await swapsIn(clinic);
      expect(new Set(codes(answers))).toEqual(new Set([409]));
      expect([await overlapsIn(clinic.data), await strayTicksIn(clinic.data)]).toEqual([0, 0]);
    });
  });

  test('two that swap their times: the key alone keeps both where they are', async () => {
    const clinic = await open(database, KEY_ALONE);
    onTestFinished(() => clinic.close());
    expect(new Set(codes(await swapsIn(clinic)))).toEqual(new Set([409]));
    expect([await overlapsIn(clinic.data), await strayTicksIn(clinic.data)]).toEqual([0, 0]);
  });

  test('control: two that swap their times go through each other with neither policy nor key', async () => {
    const clinic = await open(database, NONE);
    onTestFinished(() => clinic.close());
    await NONE.prepare?.(clinic.app);
    expect(codes(await swapsIn(clinic))).toContain(200);
  });

  test.each([
    [
      'a move and a booking',
      ({ other, ...round }: Round & { other: Member; second: string }) => [
        moved(round, '14:00'),
        other.client.post('/api/appointments/', { doctor: round.doctor.id, ...at('14:00') }),
      ],
    ],
    [
      'two moves',
      ({ second, ...round }: Round & { other: Member; second: string }) => [
        moved(round, '14:00'),
        moved({ ...round, id: second }, '14:00'),
      ],
    ],
  ])('control: %s overlap with the policy alone, its agenda read before the unit', async (_, acts) => {
    const clinic = await open(database, POLICY_ALONE);
    onTestFinished(() => clinic.close());
    await POLICY_ALONE.prepare?.(clinic.app);
    for (let round = 0; round < 10 && (await overlapsIn(clinic.data)) === 0; round++) {
      await Promise.all((await pairsIn(clinic)).flatMap(acts));
    }
    expect(await overlapsIn(clinic.data)).toBeGreaterThan(0);
  });
});
