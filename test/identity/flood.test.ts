import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Overloaded } from '#libs/kernel/errors.js';
import { FifoQueue } from '#libs/persistence/fifo-queue.js';
import { Argon2PasswordHasher } from '../../src/identity/adapters/argon2-password-hasher.js';
import { demoId } from '../../src/demo/demo-time.js';
import { startApp } from '../support/app.js';
import { Client } from '../support/client.js';

/** More than may wait. */
const LOGINS = 120;
const BOOKINGS = 6;
/** With more, four threads of hashing are no burden to the fifth. */
const FEW_CORES = 2;
const CLARA = demoId(0xd1);

/** Logins that never cease, as many at once as there are; answers how to end them. */
function flood(hasher: Argon2PasswordHasher): () => Promise<{ compared: number; refused: number }> {
  let isOver = false;
  const counts = { compared: 0, refused: 0 };
  const logins = Array.from({ length: LOGINS }, async () => {
    while (!isOver) {
      try {
        await hasher.verify(undefined, 'a tree in the wind');
        counts.compared++;
      } catch (error) {
        if (!(error instanceof Overloaded)) throw error;
        counts.refused++;
        await sleep(20);
      }
    }
  });
  return async () => {
    isOver = true;
    await Promise.all(logins);
    return counts;
  };
}

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

test(
  'a flood of logins waits for itself, and bookings do not wait for it',
  { timeout: 180_000, retry: 2 },
  async () => {
    const running = await startApp({ data: 'demo' });
    onTestFinished(() => running.close());
    const lena = await new Client(running.app).as('lena.fischer');
    const { body } = await lena.get(`/api/doctors/${CLARA}/slots/`);
    const { date, time } = (body.results as { date: string; time: string }[]).at(-1)!;

    /** Milliseconds from request to answer: a time is booked, and given back. */
    async function booked(): Promise<number> {
      const begun = performance.now();
      const answer = await lena.post('/api/appointments/', { doctor: CLARA, date, time });
      const milliseconds = performance.now() - begun;
      expect(answer.status).toBe(201);
      await lena.post(`/api/appointments/${answer.body.id}/cancel/`);
      return milliseconds;
    }

    async function bookedBeside(hasher: Argon2PasswordHasher) {
      const end = flood(hasher);
      await sleep(50);
      const times: number[] = [];
      for (let i = 0; i < BOOKINGS; i++) times.push(await booked());
      return { times, ...(await end()) };
    }

    const bounded = await bookedBeside(new Argon2PasswordHasher());
    // The control: as many at once as come.
    const unbounded = await bookedBeside(new Argon2PasswordHasher(new FifoQueue(LOGINS, LOGINS)));
    expect(bounded.refused).toBeGreaterThan(0);
    expect(unbounded.refused).toBe(0);
    if (availableParallelism() <= FEW_CORES)
      expect(median(bounded.times)).toBeLessThan(median(unbounded.times));
  },
);
