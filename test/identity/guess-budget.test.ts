import { beforeEach, describe, expect, test } from 'vitest';
import { MINUTE } from '#libs/kernel/clock.js';
import { Overloaded } from '#libs/kernel/errors.js';
import { InvalidCredentials, TooManyTries, WrongPassword } from '../../src/identity/domain/errors.js';
import { TryBudget } from '../../src/identity/domain/try-budget.js';
import type { User } from '../../src/identity/domain/user.js';
import { ForgetTries } from '../../src/identity/use-cases/forget-tries.js';
import { Accounts, claimsOf, NOW, PASSWORD } from './accounts.js';

const { tries: TEN, every: EVERY } = TryBudget.OF_ACCOUNT;
const HOME = '192.0.2.0/24';
const NAMES = ['ada@example.org', 'nobody@example.org'];

let accounts: Accounts;
let ada: User;
beforeEach(async () => {
  accounts = new Accounts();
  ada = await accounts.register({ email: 'ada@example.org' });
});

interface Guess {
  email?: string;
  password?: string;
  network?: string | null;
  deviceToken?: string;
}

const logIn = ({ email = 'ada@example.org', password = PASSWORD, network = HOME, deviceToken }: Guess = {}) =>
  accounts.logIn.execute({ email, password, network, deviceName: null, deviceToken });
const fate = (guess: Guess): Promise<string> =>
  logIn(guess).then(
    () => 'in',
    (error: Error) => error.constructor.name,
  );
const wrong = (guess: Guess = {}) => fate({ password: 'another tree in the wind', ...guess });
async function wrongTimes(times: number, guess: Guess = {}): Promise<void> {
  for (let i = 0; i < times; i++) expect(await wrong(guess)).toBe('InvalidCredentials');
}

describe.each(NAMES)('guesses at %s', (email) => {
  test('are ten at once, from wherever, and then one each 90 seconds', async () => {
    for (let i = 0; i < TEN; i++)
      expect(await wrong({ email, network: `192.0.${i}.0/24` })).toBe('InvalidCredentials');
    await expect(logIn({ email })).rejects.toEqual(new TooManyTries(EVERY / 1000));
    accounts.clock.set(NOW + EVERY - 1);
    await expect(logIn({ email, network: null })).rejects.toEqual(new TooManyTries(1));
    accounts.clock.set(NOW + EVERY);
    expect([await wrong({ email }), await wrong({ email })]).toEqual(['InvalidCredentials', 'TooManyTries']);
  });

  test('are counted by the email’s key, whatever its case', async () => {
    await wrongTimes(TEN, { email });
    expect(await wrong({ email: email.toUpperCase() })).toBe('TooManyTries');
  });

  test('are refused without a look at the account, whose time would tell whether there is one', async () => {
    await accounts.register({ email: 'ben@example.org' });
    const { deviceToken } = await logIn({ email: 'ben@example.org' });
    await wrongTimes(TEN, { email });
    accounts.users.findByEmail = () => Promise.reject(new Error('looked up'));
    expect([await wrong({ email }), await wrong({ email, deviceToken })]).toEqual([
      'TooManyTries',
      'TooManyTries',
    ]);
  });

  test('leave nothing that names anybody', async () => {
    await wrong({ email });
    const kept = JSON.stringify([...accounts.transactions.rows.budgets]);
    expect(kept).not.toMatch(/example|192|ada|nobody/);
    for (const key of accounts.transactions.rows.budgets.keys()) expect(key.length).toBeLessThanOrEqual(64);
  });
});

describe('a right password', () => {
  test('costs no try, and gives back none but its own', async () => {
    for (let i = 0; i < 30; i++) expect(await fate({})).toBe('in');
    await wrongTimes(TEN - 1);
    for (let i = 0; i < 30; i++) expect(await fate({})).toBe('in');
    await wrongTimes(1);
    expect(await fate({})).toBe('TooManyTries');
  });

  test('that could not be looked at costs none', async () => {
    const { hasher } = accounts;
    const verify = hasher.verify.bind(hasher);
    hasher.verify = () => Promise.reject(new Overloaded());
    for (let i = 0; i < 30; i++) expect(await fate({})).toBe('Overloaded');
    hasher.verify = verify;
    expect(await fate({})).toBe('in');
  });

  test('of a deactivated account costs one like a wrong one', async () => {
    await accounts.deactivate(ada);
    for (let i = 0; i < TEN; i++) expect(await fate({})).toBe('InvalidCredentials');
    expect(await fate({})).toBe('TooManyTries');
  });
});

describe('a network', () => {
  test('may guess a hundred times at whomever, and takes nothing from others afterwards', async () => {
    for (let i = 0; i < TryBudget.OF_NETWORK.tries; i++)
      await wrongTimes(1, { email: `somebody${i}@example.org` });
    const before = accounts.transactions.rows.budgets.size;
    expect(await wrong({ email: 'one.more@example.org' })).toBe('TooManyTries');
    expect(await wrong({})).toBe('TooManyTries');
    expect(accounts.transactions.rows.budgets.size).toBe(before);
    expect(await fate({ network: '198.51.100.0/24' })).toBe('in');
  });
});

describe('a device that logged in before', () => {
  test('gets in while everybody else is out of tries', async () => {
    const { deviceToken } = await logIn();
    await wrongTimes(TEN);
    expect([await fate({}), await fate({ deviceToken })]).toEqual(['TooManyTries', 'in']);
  });

  test('has ten tries of its own, which are no other’s', async () => {
    const [one, other] = [await logIn(), await logIn()].map(({ deviceToken }) => deviceToken);
    expect(one).not.toBe(other);
    await wrongTimes(TEN, { deviceToken: one! });
    expect(await fate({ deviceToken: one! })).toBe('TooManyTries');
    expect([await fate({ deviceToken: other! }), await fate({})]).toEqual(['in', 'in']);
    accounts.clock.set(NOW + 15 * MINUTE);
    expect(await fate({ deviceToken: one! })).toBe('in');
  });

  test('keeps its token, which names its user and nothing else of them', async () => {
    const { deviceToken } = await logIn();
    expect((await logIn({ deviceToken })).deviceToken).toBe(deviceToken);
    expect(deviceToken.split('.')[0]).toBe(ada.id);
    expect(deviceToken.length).toBeLessThanOrEqual(200);
  });

  test.each<[string, (token: string, others: string) => string]>([
    ['of another user', (_, others) => others],
    ['of another user, with this one’s name', (token, others) => token.split('.')[0] + others.slice(36)],
    ['with another random part', (token) => token.replace(/\.[^.]+\./, `.${'A'.repeat(22)}.`)],
    ['with another MAC', (token) => token.replace(/\.[^.]+$/, `.${'A'.repeat(43)}`)],
    ['without a MAC', (token) => token.slice(0, token.lastIndexOf('.') + 1)],
    ['with a NUL behind it', (token) => `${token}\0`],
    ['with a control character in its name', (token) => token.replace('-', '\u001b')],
    ['that is none', () => 'device'],
    ['of nothing', () => '..'],
  ])('is a stranger with a token %s', async (_, forged) => {
    await accounts.register({ email: 'ben@example.org' });
    const { deviceToken } = await logIn();
    const others = (await logIn({ email: 'ben@example.org' })).deviceToken;
    const token = forged(deviceToken, others);
    await wrongTimes(TEN, { deviceToken: token });
    expect(await fate({ deviceToken: token })).toBe('TooManyTries');
    const { deviceToken: issued } = await logIn({ deviceToken });
    expect(issued).toBe(deviceToken);
  });

  test('is counted as a stranger at an email without an account', async () => {
    const { deviceToken } = await logIn();
    await wrongTimes(TEN, { email: 'nobody@example.org', deviceToken });
    expect(await wrong({ email: 'nobody@example.org', deviceToken })).toBe('TooManyTries');
  });
});

describe('whoever is signed in and asked for the password again', () => {
  test('has ten tries, which the login does not share', async () => {
    const { access } = await logIn();
    const { sub: userId, sid: sessionId } = claimsOf(access);
    const actor = { userId, sessionId, role: 'patient' as const };
    const change = (currentPassword: string) =>
      accounts.changePassword.execute({ actor, currentPassword, newPassword: 'nine clouds over the lake' });
    for (let i = 0; i < TEN; i++) await expect(change('a guess')).rejects.toBeInstanceOf(WrongPassword);
    await expect(change(PASSWORD)).rejects.toBeInstanceOf(TooManyTries);
    expect(await fate({})).toBe('in');
    accounts.clock.set(NOW + EVERY);
    await change(PASSWORD);
    await expect(logIn()).rejects.toBeInstanceOf(InvalidCredentials);
  });
});

test('budgets of which all is back are forgotten', async () => {
  const forget = new ForgetTries(accounts.transactions, accounts.budgets, accounts.clock);
  await wrong();
  expect(await forget.execute()).toBe(false);
  expect(accounts.transactions.rows.budgets.size).toBe(2);
  accounts.clock.set(NOW + EVERY + 1);
  await forget.execute();
  expect(accounts.transactions.rows.budgets.size).toBe(0);
});
