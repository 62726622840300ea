import type { TestingModuleBuilder } from '@nestjs/testing';
import { PasswordHasher } from '../../src/identity/index.js';

/** Argon2 is slow on purpose. */
class QuickPasswordHasher extends PasswordHasher {
  async hash(password: string): Promise<string> {
    return `quick ${password}`;
  }

  async hashOfNothing(): Promise<string> {
    return 'nothing';
  }

  async verify(hash: string | undefined, password: string): Promise<boolean> {
    return hash === `quick ${password}`;
  }

  isOutdated(): boolean {
    return false;
  }
}

/** For tests on the empty database that are not about signing in, and bring many people. */
export function withQuickPasswords(builder: TestingModuleBuilder): TestingModuleBuilder {
  return builder.overrideProvider(PasswordHasher).useValue(new QuickPasswordHasher());
}
