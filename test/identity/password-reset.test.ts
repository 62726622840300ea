import { beforeEach, describe, expect, test } from 'vitest';
import { MINUTE } from '#libs/kernel/clock.js';
import { PlainLetters } from '../../src/identity/adapters/plain-letters.js';
import { RandomSecrets } from '../../src/identity/adapters/random-secrets.js';
import { InvalidCredentials, TokenInvalid } from '../../src/identity/domain/errors.js';
import type { User } from '../../src/identity/domain/user.js';
import { Mail, MailNotTaken, type Message } from '../../src/identity/ports.js';
import { ForgotPassword } from '../../src/identity/use-cases/forgot-password.js';
import { MailPasswordResets } from '../../src/identity/use-cases/mail-password-resets.js';
import { ResetPassword } from '../../src/identity/use-cases/reset-password.js';
import { Accounts, claimsOf, NOW, PASSWORD, SOMEWHERE } from './accounts.js';

const NEXT = 'nine clouds over the lake';

/** Takes no message to some, and keeps what it takes. */
class Mailbox extends Mail {
  readonly taken: Message[] = [];
  readonly refusing = new Set<string>();

  async send(message: Message): Promise<void> {
    if (this.refusing.has(message.to)) throw new MailNotTaken('EENVELOPE', 550);
    this.taken.push(message);
  }

  tokens(to: string): string[] {
    const letters = this.taken.filter((message) => message.to === to);
    return letters.map(({ text }) => /^[\w-]{43}$/m.exec(text)![0]);
  }
}

let accounts: Accounts;
let mailbox: Mailbox;
let ada: User;
let forgot: ForgotPassword;
let job: MailPasswordResets;
let reset: ResetPassword;
beforeEach(async () => {
  accounts = new Accounts();
  mailbox = new Mailbox();
  ada = await accounts.register({ email: 'ada@example.org' });
  const { transactions, passwordResets, users, sessions, newPassword, clock } = accounts;
  const secrets = new RandomSecrets();
  const letters = new PlainLetters(undefined);
  forgot = new ForgotPassword(transactions, passwordResets, clock);
  job = new MailPasswordResets(
    transactions,
    passwordResets,
    users,
    secrets,
    letters,
    mailbox,
    clock,
    accounts.audit,
  );
  reset = new ResetPassword(
    transactions,
    passwordResets,
    users,
    sessions,
    secrets,
    newPassword,
    clock,
    accounts.audit,
  );
});

const logIn = (password: string) => accounts.logIn.execute({ email: ada.email, password, ...SOMEWHERE });
const resetBy = (token: string) => reset.execute({ token, newPassword: NEXT });
const refusal = (work: Promise<unknown>) => expect(work).rejects.toBeInstanceOf(TokenInvalid);

async function tokenFor(email: string): Promise<string> {
  await forgot.execute(email);
  await job.execute();
  return mailbox.tokens(email).at(-1)!;
}

test('a token that was mailed sets the password, and is kept as a hash only', async () => {
  const token = await tokenFor(ada.email);
  expect(JSON.stringify([...accounts.transactions.rows.passwordResets.values()])).not.toContain(token);
  await resetBy(token);
  await expect(logIn(PASSWORD)).rejects.toBeInstanceOf(InvalidCredentials);
  await logIn(NEXT);
  await refusal(resetBy(token));
});

describe('a token is of no use', () => {
  test('when its account was deactivated since', async () => {
    const token = await tokenFor(ada.email);
    await accounts.deactivate(ada);
    await refusal(resetBy(token));
  });

  test('when the password was changed while the new one was hashed', async () => {
    const token = await tokenFor(ada.email);
    const hash = accounts.hasher.hash.bind(accounts.hasher);
    accounts.hasher.hash = async (password) => {
      await accounts.transactions.run(() => accounts.users.changePassword(ada, 'another hash'));
      return hash(password);
    };
    await refusal(resetBy(token));
    expect(await accounts.users.find(ada.id)).toMatchObject({ passwordHash: 'another hash' });
  });
});

describe('a change of the password', () => {
  const change = async () => {
    const { sub: userId, sid: sessionId } = claimsOf((await logIn(PASSWORD)).access);
    const actor = { userId, sessionId, role: 'patient' as const };
    await accounts.changePassword.execute({ actor, currentPassword: PASSWORD, newPassword: NEXT });
  };
  const OTHER = 'seven lamps in the fog';

  test('withdraws a token that was mailed before', async () => {
    const token = await tokenFor(ada.email);
    await change();
    await refusal(reset.execute({ token, newPassword: OTHER }));
    await logIn(NEXT);
  });

  test('withdraws one that waits to be mailed: no letter leaves, nor is another asked for sooner', async () => {
    await forgot.execute(ada.email);
    await change();
    await forgot.execute(ada.email);
    await job.execute();
    expect(mailbox.taken).toEqual([]);
    accounts.clock.set(NOW + 6 * MINUTE);
    await reset.execute({ token: await tokenFor(ada.email), newPassword: OTHER });
  });

  test('leaves a letter that is being written with a token of no use', async () => {
    await forgot.execute(ada.email);
    const send = mailbox.send.bind(mailbox);
    mailbox.send = async (message) => {
      await change();
      await send(message);
    };
    await job.execute();
    await refusal(reset.execute({ token: mailbox.tokens(ada.email)[0]!, newPassword: OTHER }));
  });

  test('that withdraws none leaves whoever has the letter in (control)', async () => {
    accounts.passwordResets.withdraw = async () => {};
    const token = await tokenFor(ada.email);
    await change();
    await reset.execute({ token, newPassword: OTHER });
    await logIn(OTHER);
  });
});

describe('the job that mails', () => {
  test('settles a request for an email that nobody has, or whose account is not active, without a letter', async () => {
    await accounts.deactivate(ada);
    await forgot.execute(ada.email);
    await forgot.execute('nobody@example.org');
    expect(await job.execute()).toBe(false);
    expect(mailbox.taken).toEqual([]);
    expect(await accounts.passwordResets.due(Infinity, 10)).toEqual([]);
  });

  test('mails each request once', async () => {
    await forgot.execute(ada.email);
    await job.execute();
    await job.execute();
    expect(mailbox.taken).toHaveLength(1);
  });

  test('goes on after a mailbox that is refused, tells of it, and tries again after a minute with another token', async () => {
    const ben = await accounts.register({ email: 'ben@example.org' });
    mailbox.refusing.add(ada.email);
    await forgot.execute(ada.email);
    await forgot.execute(ben.email);
    await expect(job.execute()).rejects.toBeInstanceOf(MailNotTaken);
    expect(mailbox.tokens(ben.email)).toHaveLength(1);
    mailbox.refusing.clear();
    accounts.clock.set(NOW + MINUTE);
    await job.execute();
    expect(mailbox.tokens(ada.email)).toEqual([]);
    accounts.clock.set(NOW + MINUTE + 1);
    await job.execute();
    await resetBy(mailbox.tokens(ada.email)[0]!);
  });

  test('mails anew what it was interrupted at, and only the later token works', async () => {
    await forgot.execute(ada.email);
    const settle = accounts.passwordResets.settle.bind(accounts.passwordResets);
    accounts.passwordResets.settle = async () => {
      throw new Error('the process ended');
    };
    await expect(job.execute()).rejects.toThrow('the process ended');
    accounts.passwordResets.settle = settle;
    accounts.clock.set(NOW + 2 * MINUTE);
    await job.execute();
    const [earlier, later] = mailbox.tokens(ada.email);
    await refusal(resetBy(earlier!));
    await resetBy(later!);
  });

  test('works a few at a time, and says that there are more', async () => {
    for (let i = 0; i < 7; i++) await forgot.execute(`nobody-${i}@example.org`);
    expect(await job.execute()).toBe(true);
    expect(await job.execute()).toBe(false);
    expect(await accounts.passwordResets.due(Infinity, 10)).toEqual([]);
  });

  test('gives up what is 30 minutes old', async () => {
    mailbox.refusing.add(ada.email);
    await forgot.execute(ada.email);
    accounts.clock.set(NOW + 30 * MINUTE);
    await job.execute();
    expect(accounts.transactions.rows.passwordResets.size).toBe(0);
  });

  test('keeps what was asked for half an hour, whether the email has an account or not', async () => {
    await forgot.execute('nobody@example.org');
    await forgot.execute(ada.email);
    await job.execute();
    const kept = async (minutes: number) => {
      accounts.clock.set(NOW + minutes * MINUTE);
      await job.execute();
      return [...accounts.transactions.rows.passwordResets.keys()];
    };
    expect(await kept(6)).toEqual(['nobody@example.org', ada.email]);
    expect(await kept(29)).toEqual(['nobody@example.org', ada.email]);
    expect(await kept(30)).toEqual([]);
  });
});
