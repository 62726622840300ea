import { expect, onTestFinished, test } from 'vitest';
import { FixedClock, startApp } from '../support/app.js';
import { onEachServer } from '../support/databases.js';
import type { Member } from '../support/clinic.js';
import { Crowd } from '../support/crowd.js';
import { withHeldAgendas } from './held-agendas.js';
import { Hold } from './hold.js';

const SUNDAY = Date.parse('2030-01-06T12:00:00Z');

// On a file one unit of work follows another.
onEachServer('A booking with a key', (database) => {
  test('does not wait for that of somebody else, also where few keys are kept', async () => {
    const hold = new Hold();
    const running = await startApp({
      database,
      clock: new FixedClock(SUNDAY),
      wire: withHeldAgendas(hold),
    });
    onTestFinished(() => running.close());
    const crowd = new Crowd([running.app]);
    const doctors = await crowd.doctors(3, ['Europe/Berlin']);
    const patients = await crowd.patients(3);
    const book = ({ client }: Member, { id: doctor }: Member) =>
      client.send({
        method: 'POST',
        url: '/api/appointments/',
        payload: { doctor, date: '2030-01-07', time: '09:00' },
        headers: { 'idempotency-key': `the-key-for-${doctor}` },
      });
    await book(patients[2]!, doctors[2]!);
    const answers = await hold.during(
      () => book(patients[0]!, doctors[0]!),
      () => book(patients[1]!, doctors[1]!),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  });
});
