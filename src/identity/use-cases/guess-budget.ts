import { Clock } from '#libs/kernel/clock.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { TooManyTries } from '../domain/errors.js';
import { TryBudget } from '../domain/try-budget.js';
import { emailKey, type User } from '../domain/user.js';
import { DeviceTokens, Fingerprints, TryBudgets, Users, type Draw } from '../ports.js';

/** Somebody says to know the password of an account, which need not exist. */
export interface Guess {
  email: string;
  /** The prefix of the caller's address; null where that is none, for all of those together. */
  network: string | null;
  deviceToken: string | undefined;
}

/**
 * Bounds the guessing of passwords: a try is taken before anything is hashed, and given back when the guess was right. A
 * device that logged in before has tries of its own, so that nobody can use up the owner's.
 */
export class GuessBudget {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly budgets: TryBudgets,
    private readonly devices: DeviceTokens,
    private readonly fingerprints: Fingerprints,
    private readonly clock: Clock,
  ) {}

  /** Throws TooManyTries, alike for emails with and without an account: whether there is one is not looked up. */
  async reserve({ email, network, deviceToken }: Guess): Promise<readonly Draw[]> {
    if (deviceToken !== undefined && (await this.#isKnown(deviceToken, email)))
      return this.#draw(this.#of('device', deviceToken, TryBudget.OF_ACCOUNT));
    return this.#draw(
      // The network first: one that has no tries left costs others none, nor a row for each name that it makes up.
      this.#of('network', network ?? '', TryBudget.OF_NETWORK),
      this.#of('account', emailKey(email), TryBudget.OF_ACCOUNT),
    );
  }

  /** For a password that is asked for again, of a user who is signed in. Throws TooManyTries. */
  reserveFor(userId: string): Promise<readonly Draw[]> {
    return this.#draw(this.#of('user', userId, TryBudget.OF_ACCOUNT));
  }

  /** What the device shows at its next login: what it showed now, if that was of use, or a new one. */
  deviceTokenOf({ id }: User, shown: string | undefined): string {
    return shown !== undefined && this.devices.userOf(shown) === id ? shown : this.devices.issue(id);
  }

  /** What evaluates the guess; where it fails nothing was evaluated, and the tries are given back. */
  async evaluated<T>(draws: readonly Draw[], evaluate: () => Promise<T>): Promise<T> {
    try {
      return await evaluate();
    } catch (error) {
      await this.transactions.run(() => this.giveBack(draws));
      throw error;
    }
  }

  /** In the unit of work of what the right guess leads to. */
  giveBack(draws: readonly Draw[]): Promise<void> {
    return this.budgets.giveBack(draws);
  }

  /** Asked of the token's user, so that a device of one account learns nothing about the email of another. */
  async #isKnown(deviceToken: string, email: string): Promise<boolean> {
    const id = this.devices.userOf(deviceToken);
    const user = id === undefined ? undefined : await this.users.find(id);
    return user !== undefined && emailKey(user.email) === emailKey(email);
  }

  async #draw(...draws: readonly Draw[]): Promise<readonly Draw[]> {
    const now = this.clock.now();
    // Those who are refused, as most of a crowd are, write nothing; what is decided for others is decided by the draw.
    const wait =
      (await this.budgets.wait(draws, now)) ||
      (await this.transactions.run(() => this.budgets.draw(draws, now)));
    if (wait > 0) throw new TooManyTries(Math.ceil(wait / 1000));
    return draws;
  }

  /** No email, address or token is kept, only its mark. */
  #of(kind: string, what: string, budget: TryBudget): Draw {
    return { key: this.fingerprints.of(JSON.stringify(['tries', kind, what])), budget };
  }
}
