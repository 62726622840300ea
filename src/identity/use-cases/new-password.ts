import { WeakPassword } from '../domain/errors.js';
import { weaknessOf, type PasswordOwner } from '../domain/password-rules.js';
import { CommonPasswords, PasswordHasher } from '../ports.js';

export interface NewPasswordInput {
  password: string;
  owner: PasswordOwner;
  /** The field that holds it, as a JSON pointer. */
  pointer: string;
}

/** Turns a password that somebody chose into the hash that is kept. Slow on purpose, and never inside a unit of work. */
export class NewPassword {
  constructor(
    private readonly commonPasswords: CommonPasswords,
    private readonly hasher: PasswordHasher,
  ) {}

  /** Throws WeakPassword, and Overloaded where too many wait to be hashed. */
  async execute({ password, owner, pointer }: NewPasswordInput): Promise<string> {
    const weakness = weaknessOf(password, owner, (text) => this.commonPasswords.includes(text));
    if (weakness !== undefined) throw new WeakPassword(pointer, weakness);
    return this.hasher.hash(password);
  }
}
