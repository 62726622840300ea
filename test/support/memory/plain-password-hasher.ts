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
    return hash === (await this.hash(password)) || hash === (await this.outdatedHash(password));
  }

  isOutdated(hash: string): boolean {
    return hash.startsWith('outdated');
  }

  /** As it would have been made some years ago. */
  async outdatedHash(password: string): Promise<string> {
    return `outdated hash of ${password}`;
  }
}
