import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Unanswered, type Answer, type Client } from '../support/client.js';
import type { Member } from '../support/clinic.js';
import type { Random } from '../support/random.js';

/** A request that is sent again and again. */
export interface Repeated {
  actor: Member;
  path: string;
  body: object;
  key: string;
  /** What came of each sending; undefined where no answer came. */
  answers: (Answer | undefined)[];
}

/** Where stories are played: who takes part, and how a request is sent. */
export interface Stage {
  random: Random;
  doctors: readonly Member[];
  patients: readonly Member[];
  slots: readonly { date: string; time: string }[];
  /** One of the nodes. */
  node(): Client;
  /** Whether the key is sent with the request: without it, it is a control. */
  hasKeys: boolean;
}

const MOST_DUPLICATES = 20;
const STORIES_AT_ONCE = 8;
const LONGEST_WAIT = 60_000;

/**
 * Each story has two keys: a patient books, many times at once; cancels, many times at once; and then late duplicates
 * of both arrive. No two stories that are played at once are about the same people or time.
 */
export async function play(stage: Stage, keys: number, deadline = Infinity): Promise<Repeated[]> {
  const played: Repeated[] = [];
  let left = Math.ceil(keys / 2);
  const oneAfterAnother = async (_: unknown, place: number) => {
    for (let turn = 0; left-- > 0 && Date.now() < deadline; turn++) {
      played.push(...(await story(stage, place, turn)));
    }
  };
  const tell = () => console.log(`still retrying: ${played.length} of ${keys} keys`);
  const ticker = setInterval(tell, 60_000);
  await Promise.all(Array.from({ length: STORIES_AT_ONCE }, oneAfterAnother));
  clearInterval(ticker);
  return played;
}

async function story(stage: Stage, place: number, turn: number): Promise<Repeated[]> {
  const ofPlace = <T>(all: readonly T[]) => all.filter((_, index) => index % STORIES_AT_ONCE === place);
  const patient = stage.random.oneOf(ofPlace(stage.patients));
  const slots = ofPlace(stage.slots);
  const { id: doctor } = stage.random.oneOf(stage.doctors);
  const key = randomUUID();
  const body = { doctor, ...slots[turn % slots.length]!, reason_for_visit: key };
  const booking = repeated(patient, '/api/appointments/', body, key);

  const late = await sendAtOnce(stage, booking);
  const booked = await settled(stage, booking);
  if (booked === undefined) return [booking];
  const { id } = booked.body;
  const cancelling = repeated(
    patient,
    `/api/appointments/${id}/cancel/`,
    { reason: 'a retry' },
    randomUUID(),
  );
  const lateToo = await sendAtOnce(stage, cancelling);
  await settled(stage, cancelling);
  await sendMany(stage, booking, late);
  await sendMany(stage, cancelling, lateToo);
  return [booking, cancelling];
}

function repeated(actor: Member, path: string, body: object, key: string): Repeated {
  return { actor, path, body, key, answers: [] };
}

/** Answers how many of the 1 to 20 duplicates are left for later. */
async function sendAtOnce(stage: Stage, request: Repeated): Promise<number> {
  const duplicates = 1 + stage.random.below(MOST_DUPLICATES);
  const atOnce = 1 + stage.random.below(duplicates);
  await sendMany(stage, request, atOnce);
  return duplicates - atOnce;
}

async function sendMany(stage: Stage, request: Repeated, times: number): Promise<void> {
  const sending = Array.from({ length: times }, () => send(stage, request));
  request.answers.push(...(await Promise.all(sending)));
}

/** Sends until an answer says what the request did, as a client does whose reply was lost. Without keys none may. */
async function settled(stage: Stage, request: Repeated): Promise<Answer | undefined> {
  const deadline = Date.now() + LONGEST_WAIT;
  for (;;) {
    const answer = request.answers.find(isSettled);
    if (answer !== undefined || !stage.hasKeys) return answer;
    if (Date.now() > deadline) throw new Error(`nothing came of ${request.path} in ${LONGEST_WAIT} ms`);
    await sleep(20);
    request.answers.push(await send(stage, request));
  }
}

/** Whether it says that the effect is there; a refusal of the moment says nothing. */
export function isSettled(answer: Answer | undefined): answer is Answer {
  return answer !== undefined && answer.status < 300;
}

/** One in eight replies is lost: the client hangs up. */
async function send(stage: Stage, { actor, path, body, key }: Repeated): Promise<Answer | undefined> {
  const node = stage.node();
  const hangUpAfter = stage.random.below(8) === 0 ? stage.random.below(40) : undefined;
  try {
    const token = await actor.token(node);
    const headers: Record<string, string> = stage.hasKeys ? { 'idempotency-key': key } : {};
    return await node.send({ path, token, body, headers, hangUpAfter });
  } catch (error) {
    if (error instanceof Unanswered) return undefined;
    throw error;
  }
}

/** The key with another body; answers as it must be refused. */
export async function reuse(stage: Stage, { actor, path, key }: Repeated): Promise<Answer> {
  const node = stage.node();
  const token = await actor.token(node);
  const body = path.endsWith('/cancel/')
    ? { reason: 'another reason' }
    : { doctor: stage.doctors[0]!.id, ...stage.slots[0]!, reason_for_visit: 'another visit' };
  return node.send({ path, token, body, headers: { 'idempotency-key': key } });
}
