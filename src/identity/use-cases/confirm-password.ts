import { WrongPassword } from '../domain/errors.js';
import type { User } from '../domain/user.js';
import { PasswordHasher, Users, type Draw } from '../ports.js';
import { GuessBudget } from './guess-budget.js';

export interface ConfirmPasswordInput {
  userId: string;
  password: string;
  /** The field that holds it, as a JSON pointer. */
  pointer: string;
}

/** Whose password was right, as they were when it was. */
export interface Confirmed {
  user: User;
  tries: readonly Draw[];
}

/** Asks somebody who is signed in for the password again, since others may sit at their device. */
export class ConfirmPassword {
  constructor(
    private readonly users: Users,
    private readonly hasher: PasswordHasher,
    private readonly guesses: GuessBudget,
  ) {}

  /** Throws TooManyTries and WrongPassword. */
  async execute({ userId, password, pointer }: ConfirmPasswordInput): Promise<Confirmed> {
    const user = await this.users.find(userId);
    const tries = await this.guesses.reserveFor(userId);
    const isRight = await this.guesses.evaluated(tries, () =>
      this.hasher.verify(user?.passwordHash, password),
    );
    if (!user || !isRight) throw new WrongPassword(pointer);
    return { user, tries };
  }

  /** In the unit of work of what the password was asked for. */
  giveBack({ tries }: Confirmed): Promise<void> {
    return this.guesses.giveBack(tries);
  }
}
