import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Clock } from '#libs/kernel/clock.js';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { Sessions, Tokens } from '../../src/identity/ports.js';
import { aSession } from './memory/people.js';

/** An access token of a new session, as from a login, but with no password to hash. In the caller's unit of work or its own. */
export function signIn(app: NestFastifyApplication, userId: string): Promise<string> {
  const of = { strict: false };
  const now = app.get(Clock, of).now();
  const session = aSession({ id: userId }, { openedAt: now, refreshedAt: now });
  return app.get(TypeOrmTransactions, of).run(async () => {
    await app.get(Sessions, of).add(session);
    return app.get(Tokens, of).access({ userId, sessionId: session.id });
  });
}
