import { isLive, type Session } from '../../../src/identity/domain/session.js';
import { Sessions } from '../../../src/identity/ports.js';
import { replaced } from './replaced.js';
import type { MemoryTransactions } from './memory-transactions.js';

export class MemorySessions extends Sessions {
  constructor(private readonly transactions: MemoryTransactions) {
    super();
  }

  async add(session: Session): Promise<void> {
    this.transactions.changing.sessions.set(session.id, session);
  }

  async find(id: string): Promise<Session | undefined> {
    return this.transactions.rows.sessions.get(id);
  }

  async advance(id: string, counter: number, at: number): Promise<boolean> {
    const { sessions } = this.transactions.changing;
    const session = sessions.get(id);
    if (session?.counter !== counter || session.endedAt !== null) return false;
    replaced(sessions, id, { counter: counter + 1, refreshedAt: at });
    return true;
  }

  async end(id: string, at: number): Promise<void> {
    const { sessions } = this.transactions.changing;
    if (sessions.get(id)?.endedAt === null) replaced(sessions, id, { endedAt: at });
  }

  async openOf(userId: string, now: number): Promise<readonly Session[]> {
    return [...this.transactions.rows.sessions.values()]
      .filter((session) => session.userId === userId && isLive(session, now))
      .toSorted((a, b) => (a.id < b.id ? 1 : -1));
  }

  async endAllOf(userId: string, at: number, but?: string): Promise<number> {
    const open = [...this.transactions.changing.sessions.values()].filter(
      ({ id, userId: owner, endedAt }) => owner === userId && id !== but && endedAt === null,
    );
    for (const { id } of open) await this.end(id, at);
    return open.length;
  }

  async listOf(userId: string, limit: number, after = ''): Promise<readonly Session[]> {
    return [...this.transactions.rows.sessions.values()]
      .filter((session) => session.userId === userId && session.id > after)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, limit);
  }

  async removeAllOf(userId: string): Promise<void> {
    const { sessions } = this.transactions.changing;
    for (const session of sessions.values()) if (session.userId === userId) sessions.delete(session.id);
  }

  async forget(before: number, atMost: number): Promise<number> {
    const { sessions } = this.transactions.changing;
    const oldest = [...sessions.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, atMost);
    const stale = oldest.filter(({ openedAt }) => openedAt < before);
    for (const { id } of stale) sessions.delete(id);
    return stale.length;
  }
}
