import { Clock } from '#libs/kernel/clock.js';
import { decodeCursor, pageOf, type Page } from '#libs/kernel/page.js';
import type { Session } from '../domain/session.js';
import type { Actor } from '../domain/user.js';
import { Sessions } from '../ports.js';

export interface ListSessionsInput {
  actor: Actor;
  limit: number;
  cursor?: string | undefined;
}

/** The devices on which the actor is signed in, the newest login first. */
export class ListSessions {
  constructor(
    private readonly sessions: Sessions,
    private readonly clock: Clock,
  ) {}

  async execute({ actor, limit, cursor }: ListSessionsInput): Promise<Page<Session>> {
    const before = cursor === undefined ? undefined : decodeCursor<[string]>(cursor, 'id')[0];
    const open = await this.sessions.openOf(actor.userId, this.clock.now());
    const rows = open.filter(({ id }) => before === undefined || id < before);
    return pageOf(rows, limit, ({ id }) => [id]);
  }
}
