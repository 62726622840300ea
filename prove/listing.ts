import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { Agenda } from '../src/scheduling/domain/agenda.js';
import { Hours } from '../src/scheduling/domain/hours.js';
import { SlotPolicy, type Busy } from '../src/scheduling/domain/slot-policy.js';
import { TimeSlot } from '../src/scheduling/domain/time-slot.js';
import { Zone } from '../src/scheduling/domain/zone.js';
import { table, type Figures } from './support/table.js';

const RUNS = 101;
const APPOINTMENTS = 600;
const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2025, 0, 1);
const ALL_DAY = [{ from: 0, to: 1440 }];

/**
 * `listing`
 *
 * What a listing costs without the database: 7, 62 and 365 days of a 15-minute grid, open round the clock, with 600
 * appointments among them. It only tells times; that the cost grows with the days alone is what the tests count.
 */
export async function prove(): Promise<void> {
  const policy = new SlotPolicy(
    {
      ...SlotPolicy.DEFAULT,
      hours: new Hours({
        monday: ALL_DAY,
        tuesday: ALL_DAY,
        wednesday: ALL_DAY,
        thursday: ALL_DAY,
        friday: ALL_DAY,
        saturday: ALL_DAY,
        sunday: ALL_DAY,
      }),
      gridMinutes: 15,
      visitTypes: [{ name: 'visit', minutes: 15, bookableBy: 'everyone' }],
      horizonDays: 400,
    },
    Zone.of('Europe/Berlin'),
  );
  // Once unseen, so that the first row is no slower than the others for being first.
  measured(policy, 365);
  console.log(`Node ${process.version}, the median and the slowest of ${RUNS} listings.\n`);
  console.log(table([7, 62, 365].map((days) => measured(policy, days))));
}

function measured(policy: SlotPolicy, days: number): Figures {
  const appointments = appointmentsIn(days);
  const times: number[] = [];
  let listed = 0;
  for (let run = 0; run < RUNS; run++) {
    const begun = performance.now();
    listed = [
      ...policy.freeSlots(
        { exempt: false, hasSeen: false },
        dateOf(1),
        dateOf(days),
        busyWith(appointments),
        NOW,
      ),
    ].length;
    times.push(performance.now() - begun);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(RUNS / 2)]!;
  return {
    days,
    'times of the grid': days * 96,
    'free slots': listed,
    'median ms': median.toFixed(2),
    'slowest ms': sorted.at(-1)!.toFixed(2),
    'µs a day': ((median / days) * 1000).toFixed(0),
  };
}

/** Each a quarter of an hour, spread evenly over the days and stored in no order. */
function appointmentsIn(days: number): TimeSlot[] {
  const slots = Array.from({ length: APPOINTMENTS }, (_, i) => {
    const quarter = Math.floor((i * days * 96) / APPOINTMENTS);
    return TimeSlot.lasting(NOW + DAY + quarter * (HOUR / 4), 15);
  });
  return slots.map((_, i) => slots[(i * 7) % APPOINTMENTS]!);
}

function busyWith(appointments: readonly TimeSlot[]): Busy {
  return {
    doctor: new Agenda(appointments),
    starts: appointments.map(({ startsAt }) => startsAt),
    absences: Agenda.EMPTY,
    patient: Agenda.EMPTY,
    openWithDoctor: 0,
  };
}

function dateOf(day: number): string {
  return new Date(NOW + day * DAY).toISOString().slice(0, 10);
}
