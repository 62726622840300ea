import type { INestApplicationContext } from '@nestjs/common';
import { parseArgs } from 'node:util';
import { workOf } from '#libs/ambient.js';
import { AuditTrail } from '#libs/kernel/audit-trail.js';
import { Clock } from '#libs/kernel/clock.js';
import { DomainError } from '#libs/kernel/errors.js';
import { isId } from '#libs/kernel/ids.js';
import { Transactions } from '#libs/kernel/transactions.js';
import { emailFault, passwordFault } from '#libs/nest/fields.js';
import { Accounts, SetActive, SetApproval, type Account } from '../admin/index.js';
import type { Config } from '../config.js';
import { emailKey, NewPassword, PasswordResets, RegisterUser, Sessions, Users } from '../identity/index.js';
import { assertInstalled, withApplication } from './application.js';
import { NotUnderstood, Refused } from './refused.js';
import type { Terminal } from './terminal.js';

/** What an operator does about accounts, beside a running server too: through the use cases, on the same database. */
export const ACCOUNT_COMMANDS = {
  'create-admin': createAdmin,
  'reset-password': resetPassword,
  'list-users': listUsers,
  'approve-doctor': approveDoctor,
  deactivate,
} as const;

type Use = INestApplicationContext;

async function createAdmin(args: string[], config: Config, terminal: Terminal): Promise<void> {
  const { email, firstName, lastName } = adminOf(args);
  const password = await passwordFrom(terminal, config);
  await withClinic(config, async (app) => {
    const account = { email, password, firstName, lastName, gender: null, role: 'admin' as const };
    const { id } = await app.get(RegisterUser, ANYWHERE).execute(account);
    terminal.say(`${email} is an admin now (${id}).`);
  });
}

function adminOf(args: string[]) {
  const options = { 'first-name': { type: 'string' }, 'last-name': { type: 'string' } } as const;
  const { positionals, values } = understood(() => parseArgs({ args, options, allowPositionals: true }));
  const email = only(positionals);
  if (emailFault(email)) throw new Refused(`Not done: ${email} is no email address.`);
  const name = (value: string | undefined, otherwise: string): string => {
    const trimmed = value?.trim() ?? otherwise;
    if (trimmed === '' || trimmed.length > 100)
      throw new Refused('Not done: a name has 1 to 100 characters.');
    return trimmed;
  };
  return {
    email,
    firstName: name(values['first-name'], 'Clinic'),
    lastName: name(values['last-name'], 'Admin'),
  };
}

async function resetPassword(args: string[], config: Config, terminal: Terminal): Promise<void> {
  const who = only(args);
  const password = await passwordFrom(terminal, config);
  await withClinic(config, async (app) => {
    const users = app.get(Users, ANYWHERE);
    const user = (await users.find((await accountOf(app, who)).id))!;
    const hash = await app
      .get(NewPassword, ANYWHERE)
      .execute({ password, owner: user, pointer: '/password' });
    await app.get(Transactions, ANYWHERE).run(async () => {
      const now = app.get(Clock, ANYWHERE).now();
      await app.get(PasswordResets, ANYWHERE).withdraw(emailKey(user.email), now);
      if (!(await users.changePassword(user, hash))) {
        throw new Refused(`Not done: ${user.email} is deactivated, or the password was changed meanwhile.`);
      }
      await app.get(Sessions, ANYWHERE).endAllOf(user.id, now);
      const event = { action: 'password.reset', entity: { type: 'user', id: user.id } } as const;
      await app.get(AuditTrail, ANYWHERE).record(event);
    });
    terminal.say(`${user.email} has another password now, and is signed out everywhere.`);
  });
}

async function listUsers(args: string[], config: Config, terminal: Terminal): Promise<void> {
  if (args.length > 0) throw new NotUnderstood();
  await withClinic(config, async (app) => {
    let cursor: string | undefined;
    do {
      const page = await app.get(Accounts, ANYWHERE).list({ limit: 100, cursor });
      page.results.forEach((account) => terminal.say(lineOf(account)));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  });
}

function lineOf({ id, role, active, approved, email }: Account): string {
  const approval = approved === null ? '' : approved ? 'approved' : 'not approved';
  const columns = [id, role.padEnd(7), active ? 'active     ' : 'deactivated', approval.padEnd(12)];
  return [...columns, email ?? '(closed)'].join('  ');
}

async function approveDoctor(args: string[], config: Config, terminal: Terminal): Promise<void> {
  const who = only(args);
  await withClinic(config, async (app) => {
    const { id, email } = await accountOf(app, who);
    await app.get(SetApproval, ANYWHERE).execute({ userId: id, approved: true });
    terminal.say(`${email ?? id} is approved: patients find and book them.`);
  });
}

async function deactivate(args: string[], config: Config, terminal: Terminal): Promise<void> {
  const who = only(args);
  await withClinic(config, async (app) => {
    const { id, email } = await accountOf(app, who);
    const { conflicts } = await app.get(SetActive, ANYWHERE).execute({ userId: id, active: false });
    terminal.say(`${email ?? id} is deactivated, and signed out everywhere.`);
    if (conflicts.length > 0)
      terminal.say(`Still booked, for you to settle: ${conflicts.map((one) => one.appointment).join(', ')}`);
  });
}

async function accountOf(app: Use, who: string): Promise<Account> {
  const id = isId(who) ? who : (await app.get(Users, ANYWHERE).findByEmail(who))?.id;
  const account = id === undefined ? undefined : await app.get(Accounts, ANYWHERE).find(id);
  if (account === undefined) throw new Refused(`Not done: nobody here is ${who}.`);
  return account;
}

async function passwordFrom(terminal: Terminal, config: Config): Promise<string> {
  // Nobody should type a password for nothing.
  assertInstalled(config);
  const password = await terminal.password();
  const fault = passwordFault(password);
  if (fault !== undefined) throw new Refused(`Not done: the password ${fault}.`);
  return password;
}

function only(args: readonly string[]): string {
  const [one, ...more] = args;
  if (one === undefined || one === '' || more.length > 0) throw new NotUnderstood();
  return one;
}

function understood<T>(parse: () => T): T {
  try {
    return parse();
  } catch {
    throw new NotUnderstood();
  }
}

/** Who works at the terminal, whatever their name. */
const OPERATOR = { requestId: null, actor: () => ({ userId: null, role: 'operator' }) };

const ANYWHERE = { strict: false } as const;

/** What the application refuses is told in one line. */
async function withClinic(config: Config, work: (app: Use) => Promise<void>): Promise<void> {
  try {
    await withApplication(config, (app) => workOf(OPERATOR, () => work(app)));
  } catch (error) {
    throw error instanceof DomainError ? new Refused(`Not done: ${error.message}`) : error;
  }
}
