import type { Page } from '#libs/kernel/page.js';
import type { Account } from './domain/account.js';

export interface AccountQuery {
  role?: Account['role'] | undefined;
  active?: boolean | undefined;
  /** Doctors only: those who are approved, or are not. */
  approved?: boolean | undefined;
  /** A part of the email or the name; upper and lower case make no difference. */
  q?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

/** All accounts with the profiles behind them. */
export abstract class Accounts {
  abstract find(id: string): Promise<Account | undefined>;
  /** By id, ascending. Throws InvalidRequest for a cursor that it did not answer. */
  abstract list(query: AccountQuery): Promise<Page<Account>>;
}
