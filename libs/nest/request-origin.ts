import type { FastifyInstance } from 'fastify';
import { workOf } from '#libs/ambient.js';

/** Lets what a request causes be told by its id and by who is signed in. */
export function knowOrigins(fastify: FastifyInstance): void {
  // After the body: its last piece arrives in the name of the connection.
  fastify.addHook('preHandler', (request, _reply, done) => {
    const actor = () => (request as { user?: { userId: string; role: string } }).user;
    workOf({ requestId: request.id, actor }, done);
  });
}
