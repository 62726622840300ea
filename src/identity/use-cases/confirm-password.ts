import { Transactions } from '#libs/kernel/transactions.js';
import { NotAuthenticated, WrongPassword } from '../domain/errors.js';
import type { User } from '../domain/user.js';
import { PasswordHasher, Users } from '../ports.js';
import { GuessBudget } from './guess-budget.js';

export interface ConfirmPasswordInput {
  userId: string;
  password: string;
  /** The field that holds it, as a JSON pointer. */
  pointer: string;
}

/** Asks somebody who is signed in for the password again, since others may sit at their device. */
export class ConfirmPassword {
  constructor(
    private readonly transactions: Transactions,
    private readonly users: Users,
    private readonly hasher: PasswordHasher,
    private readonly guesses: GuessBudget,
  ) {}

  /**
   * Answers whose password it is, as they were then. Throws TooManyTries, WrongPassword, and NotAuthenticated for who may not
   * act any more.
   */
  async execute({ userId, password, pointer }: ConfirmPasswordInput): Promise<User> {
    const user = await this.users.find(userId);
    if (!user?.active) throw new NotAuthenticated();
    const tries = await this.guesses.reserveFor(userId);
    const isRight = await this.guesses.evaluated(tries, () =>
      this.hasher.verify(user.passwordHash, password),
    );
    if (!isRight) throw new WrongPassword(pointer);
    // It was no guess, whatever becomes of the request.
    await this.transactions.run(() => this.guesses.giveBack(tries));
    return user;
  }
}
