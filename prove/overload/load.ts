import { setTimeout as sleep } from 'node:timers/promises';
import type { Brief } from './lean-client.js';

/** A request of the mix; throws when no answer comes. */
export type Ask = () => Promise<Brief>;

/** What became of the requests that were sent in some seconds. */
export interface Measured {
  seconds: number;
  sent: number;
  /** Answered as wished, and in time. */
  good: number;
  /** `503` or `429` with `Retry-After`. */
  refused: number;
  late: number;
  /** By what they were answered instead, if at all. */
  failed: string[];
  /** Milliseconds, of the good ones. */
  latencies: number[];
}

/** A client waits no longer. */
const IN_TIME = 2000;
/** What the generator itself can hold. */
const MOST_OPEN = 10_000;

function nothing(): Measured {
  return { seconds: 0, sent: 0, good: 0, refused: 0, late: 0, failed: [], latencies: [] };
}

async function send(ask: Ask, measured: Measured): Promise<void> {
  measured.sent++;
  const began = performance.now();
  try {
    const { status, retryAfter } = await ask();
    // From the moment at which it was due: waiting for a connection is waiting too.
    const milliseconds = performance.now() - began;
    if (status === 200 && milliseconds <= IN_TIME) {
      measured.good++;
      measured.latencies.push(milliseconds);
    } else if (status === 200) measured.late++;
    else if ((status === 503 || status === 429) && retryAfter) measured.refused++;
    else measured.failed.push(String(status));
  } catch {
    measured.failed.push('unanswered');
  }
}

/** So many clients, each of which waits for its answer before it asks again. */
export async function closedLoop(ask: Ask, clients: number, seconds: number): Promise<Measured> {
  const measured = nothing();
  const began = performance.now();
  const until = began + seconds * 1000;
  const client = async () => {
    while (performance.now() < until) await send(ask, measured);
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { ...measured, seconds: (performance.now() - began) / 1000 };
}

/** So many requests a second, whatever becomes of those before. Ends when the time is over and all are answered. */
export async function openLoop(ask: Ask, rate: number, seconds: number): Promise<Measured> {
  const measured = nothing();
  const open = new Set<Promise<void>>();
  const began = performance.now();
  for (let due = 0; due < rate * seconds;) {
    const shouldBeSent = Math.min(((performance.now() - began) / 1000) * rate, rate * seconds);
    for (; due < shouldBeSent; due++) {
      if (open.size >= MOST_OPEN) {
        measured.sent++;
        measured.failed.push('not sent');
        continue;
      }
      const sending: Promise<void> = send(ask, measured).then(() => void open.delete(sending));
      open.add(sending);
    }
    await sleep(1);
  }
  measured.seconds = (performance.now() - began) / 1000;
  await Promise.all(open);
  return measured;
}
