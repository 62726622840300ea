import { NotFound } from '#libs/kernel/errors.js';
import { EndSessions } from '../../identity/index.js';
import { Accounts } from '../ports.js';

/** Signs a person out everywhere; they may log in again. */
export class EndSessionsOf {
  constructor(
    private readonly accounts: Accounts,
    private readonly endSessions: EndSessions,
  ) {}

  /** Throws NotFound. */
  async execute(userId: string): Promise<void> {
    if ((await this.accounts.find(userId)) === undefined) throw new NotFound('user');
    await this.endSessions.execute(userId);
  }
}
