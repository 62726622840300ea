import type { Actor } from '../domain/user.js';
import { Sessions, Users } from '../ports.js';

/** Tells who stands behind an access token now: a token outlives neither its session nor its user. */
export class Authenticate {
  constructor(
    private readonly users: Users,
    private readonly sessions: Sessions,
  ) {}

  async execute(claims: { userId: string; sessionId: string }): Promise<Actor | undefined> {
    const session = await this.sessions.find(claims.sessionId);
    if (session === undefined || session.endedAt !== null || session.userId !== claims.userId)
      return undefined;
    const user = await this.users.find(claims.userId);
    return user?.active ? { userId: user.id, role: user.role, sessionId: session.id } : undefined;
  }
}
