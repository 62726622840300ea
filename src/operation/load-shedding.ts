import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Overloaded } from '#libs/kernel/errors.js';
import { sendProblemAtOnce } from '#libs/problems/problem.filter.js';

// Made once: an error records where it was made, which costs more than to answer it.
const TOO_MANY = new Overloaded('Too many requests are being served; nothing was changed.');

/** After a request was begun, before the next is. Empty ones cost some 20 µs each. */
const TURNS_BETWEEN = 4;

/** Asked most when the server has least time to answer. */
export const ALWAYS_SERVED = /^\/(health\/|metrics)/;

/**
 * Takes in no more requests than can be answered soon; the others are refused at once and cost next to nothing. Without
 * it everything would be begun and nothing finished before its client has given up.
 *
 * Those that are taken in are begun one by one, with some turns of the event loop between them. A request that never
 * waits, such as a read of an SQLite file, holds the loop from its first byte to its last. If all that have come were begun
 * in one turn, then health, refusals and new connections, of which libuv accepts one a turn, would wait for all of them,
 * and nobody would see how many there are.
 */
export class LoadShedding {
  #inFlight = 0;
  #isBeginning = false;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  /** Taken in and not answered yet. */
  get inFlight(): number {
    return this.#inFlight;
  }

  guard(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, reply, next) => {
      if (ALWAYS_SERVED.test(request.url)) return next();
      if (!hasBody(request)) return this.#admit(request, reply, next);
      return this.#isFull ? sendProblemAtOnce(TOO_MANY, request, reply) : next();
    });
    // A body may come as slowly as its client likes; until it is there it holds a connection and no place.
    fastify.addHook('preValidation', (request, reply, next) => {
      if (ALWAYS_SERVED.test(request.url) || !hasBody(request)) return next();
      return this.#admit(request, reply, next);
    });
  }

  get #isFull(): boolean {
    return this.#inFlight >= this.most;
  }

  #admit(request: FastifyRequest, reply: FastifyReply, next: () => void): void {
    // Whoever has gone already will not close again, and would keep the place for ever.
    if (reply.raw.destroyed) return;
    if (this.#isFull) return sendProblemAtOnce(TOO_MANY, request, reply);
    this.#inFlight++;
    reply.raw.once('close', () => this.#inFlight--);
    this.#waiting.push(() => {
      // Whoever has gone is not served.
      if (!reply.raw.destroyed) next();
    });
    if (!this.#isBeginning) this.#beginNext();
  }

  #beginNext(): void {
    const begin = this.#waiting.shift();
    this.#isBeginning = begin !== undefined;
    if (begin === undefined) return;
    this.#afterTurns(TURNS_BETWEEN);
    begin();
  }

  #afterTurns(left: number): void {
    if (left === 0) this.#beginNext();
    else setImmediate(() => this.#afterTurns(left - 1));
  }
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
