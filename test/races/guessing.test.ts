import { setTimeout as sleep } from 'node:timers/promises';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { afterEach, expect, test } from 'vitest';
import { TypeOrmTransactions } from '#libs/persistence/typeorm-transactions.js';
import { tryBudgetSchema } from '../../src/identity/adapters/typeorm-try-budgets.js';
import { TooManyTries } from '../../src/identity/domain/errors.js';
import { TryBudget } from '../../src/identity/domain/try-budget.js';
import { PasswordHasher } from '../../src/identity/index.js';
import { GuessBudget, type Guess } from '../../src/identity/use-cases/guess-budget.js';
import { startApp, type TestApp } from '../support/app.js';
import { tally } from '../support/client.js';
import { Clinic, PASSWORD } from '../support/clinic.js';
import { onEachDatabase } from '../support/databases.js';

const GUESSES = 1000;
const FEWER_GUESSES = 250;
const BUDGET = TryBudget.OF_ACCOUNT;
/** A thousand requests at once on each database, on whatever machine. */
const TIMEOUT = 180_000;

/** Counts what is evaluated, and takes a moment for it, as a hash does. */
class CountingHasher extends PasswordHasher {
  evaluated = 0;

  async hash(password: string): Promise<string> {
    return `hash of ${password}`;
  }

  async hashOfNothing(): Promise<string> {
    return 'nothing';
  }

  async verify(hash: string | undefined, password: string): Promise<boolean> {
    this.evaluated++;
    await new Promise((resolve) => setTimeout(resolve, 5));
    return hash === `hash of ${password}`;
  }

  isOutdated(): boolean {
    return false;
  }
}

/** What most do: look whether a try is left, and count it afterwards. */
class LookThenCount {
  constructor(private readonly transactions: TypeOrmTransactions) {}

  async reserve({ email: key }: Guess) {
    const row = await this.transactions.manager.findOneBy(tryBudgetSchema, { key });
    const now = Date.now();
    if (BUDGET.wait(row?.allBackAt ?? 0, now) > 0) throw new TooManyTries(1);
    // As it would be with a server: on SQLite nobody else comes between a read and the write that follows at once.
    await sleep(1);
    const allBackAt = BUDGET.afterOne(row?.allBackAt ?? 0, now);
    await this.transactions.run(() =>
      this.transactions.manager.upsert(tryBudgetSchema, { key, allBackAt }, ['key']),
    );
    return [];
  }

  async giveBack(): Promise<void> {}

  evaluated<T>(_: unknown, evaluate: () => Promise<T>): Promise<T> {
    return evaluate();
  }

  deviceTokenOf(): string {
    return 'none';
  }
}

const lookThenCount = (builder: TestingModuleBuilder) =>
  builder.overrideProvider(GuessBudget).useFactory({
    inject: [TypeOrmTransactions],
    factory: (transactions: TypeOrmTransactions) => new LookThenCount(transactions),
  });

onEachDatabase('Wrong passwords at once', (database) => {
  let running: TestApp | undefined;
  afterEach(async () => {
    await running?.close();
    running = undefined;
  });

  async function clinicWith(wire = (builder: TestingModuleBuilder) => builder) {
    const hasher = new CountingHasher();
    running = await startApp({
      database,
      wire: (builder) => wire(builder).overrideProvider(PasswordHasher).useValue(hasher),
    });
    return { hasher, clinic: new Clinic(running.app) };
  }

  test(
    'are evaluated as often as there are tries, of a thousand too, while the owner’s device gets in',
    { timeout: TIMEOUT },
    async () => {
      const { hasher, clinic } = await clinicWith();
      const { email } = await clinic.user('patient');
      const known = await clinic.anyone.post('/api/auth/login/', { email, password: PASSWORD });
      const own = { email, password: PASSWORD, device_token: known.body.device_token };
      hasher.evaluated = 0;
      const guess = (i: number) =>
        clinic.anyone.post('/api/auth/login/', { email, password: `guess number ${i}` });
      const attack = Array.from({ length: GUESSES }, (_, i) => guess(i));
      const owner = Promise.all(Array.from({ length: 5 }, () => clinic.anyone.post('/api/auth/login/', own)));
      expect(tally(await Promise.all(attack))).toEqual({ 401: BUDGET.tries, 429: GUESSES - BUDGET.tries });
      expect(tally(await owner)).toEqual({ 200: 5 });
      expect(hasher.evaluated).toBe(BUDGET.tries + 5);

      const stranger = await clinic.anyone.post('/api/auth/login/', { email, password: PASSWORD });
      expect([stranger.status, stranger.body.code]).toEqual([429, 'too-many-tries']);
      expect(Number(stranger.headers['retry-after'])).toBeGreaterThan(0);
      expect(hasher.evaluated).toBe(BUDGET.tries + 5);
      expect((await clinic.anyone.post('/api/auth/login/', own)).status).toBe(200);
    },
  );

  test('are evaluated as often for an email without an account', { timeout: TIMEOUT }, async () => {
    const { hasher, clinic } = await clinicWith();
    const guess = (i: number) =>
      clinic.anyone.post('/api/auth/login/', { email: 'nobody@example.org', password: `guess number ${i}` });
    const answers = await Promise.all(Array.from({ length: FEWER_GUESSES }, (_, i) => guess(i)));
    expect(tally(answers)).toEqual({ 401: BUDGET.tries, 429: FEWER_GUESSES - BUDGET.tries });
    expect(hasher.evaluated).toBe(BUDGET.tries);
  });

  test('are evaluated a hundred times where each names another account', { timeout: TIMEOUT }, async () => {
    const { hasher, clinic } = await clinicWith();
    const guess = (i: number) =>
      clinic.anyone.post('/api/auth/login/', { email: `somebody${i}@example.org`, password: PASSWORD });
    const answers = await Promise.all(Array.from({ length: FEWER_GUESSES }, (_, i) => guess(i)));
    const { tries } = TryBudget.OF_NETWORK;
    // While they run some tries may come back.
    expect(hasher.evaluated).toBeGreaterThanOrEqual(tries);
    expect(hasher.evaluated).toBeLessThanOrEqual(tries + 3);
    expect(tally(answers)).toEqual({ 401: hasher.evaluated, 429: FEWER_GUESSES - hasher.evaluated });
  });

  test(
    'are evaluated more often where a try is counted after it was looked for (control)',
    { timeout: TIMEOUT },
    async () => {
      const { hasher, clinic } = await clinicWith(lookThenCount);
      const { email } = await clinic.user('patient');
      const guess = (i: number) =>
        clinic.anyone.post('/api/auth/login/', { email, password: `guess number ${i}` });
      await Promise.all(Array.from({ length: FEWER_GUESSES }, (_, i) => guess(i)));
      expect(hasher.evaluated).toBeGreaterThan(BUDGET.tries);
    },
  );
});
