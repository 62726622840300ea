import { dictionary } from '@zxcvbn-ts/language-common';
import { CommonPasswords } from '../ports.js';

/** The most frequent passwords of published leaks, in lower case, as zxcvbn collected them. Nothing is asked over the network. */
export class ListedCommonPasswords extends CommonPasswords {
  #listed: ReadonlySet<unknown> | undefined;

  includes(password: string): boolean {
    this.#listed ??= new Set(dictionary['passwords-common']);
    return this.#listed.has(password);
  }
}
