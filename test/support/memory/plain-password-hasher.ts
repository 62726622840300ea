import { PasswordHasher } from '../../../src/identity/ports.js';

/** Fast, and of no use against anybody who reads what it makes. */
export class PlainPasswordHasher extends PasswordHasher {
  async hash(password: string): Promise<string> {
    return `hash of ${password}`;
  }

  async hashOfNothing(): Promise<string> {
    return 'hash of nothing';
  }

  async verify(hash: string | undefined, password: string): Promise<boolean> {
    return hash === (await this.hash(password));
  }
}
