import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Overloaded } from '#libs/kernel/errors.js';
import type { LoopDelay } from './loop-delay.js';

/** Milliseconds: only work that holds the loop for long keeps it there; many requests at once do not. */
const LONGEST_DELAY = 1000;

/** Asked most when the server has least time to answer. */
const ALWAYS_SERVED = /^\/(health\/|metrics)/;

/**
 * Takes in no more requests than can be answered soon; the others are refused at once and cost next to nothing. Without
 * it everything would be begun and nothing finished before its client has given up.
 */
export class LoadShedding {
  #inFlight = 0;

  constructor(
    private readonly most: number,
    private readonly loop: Pick<LoopDelay, 'sustained'>,
  ) {}

  get inFlight(): number {
    return this.#inFlight;
  }

  guard(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', async (request, reply) => this.#admit(request, reply));
  }

  #admit(request: FastifyRequest, reply: FastifyReply): void {
    if (ALWAYS_SERVED.test(request.url)) return;
    if (this.#inFlight >= this.most)
      throw new Overloaded('Too many requests are being served; nothing was changed.');
    if (this.loop.sustained > LONGEST_DELAY)
      throw new Overloaded('The server is behind; nothing was changed.');
    this.#inFlight++;
    reply.raw.once('close', () => this.#inFlight--);
  }
}
