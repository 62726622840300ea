import { Config, ConfigError, describeTarget, targetOf, type DatabaseTarget } from '../config.js';
import { backup } from './backup.js';
import { copyTo } from './copy-to.js';
import { NotUnderstood, Refused, toldBySystem } from './refused.js';
import { restore } from './restore.js';
import type { Terminal } from './terminal.js';

const USAGE = `Usage: npm run manage -- <command>

  backup <file>            copies the SQLite database, also while the server serves
  restore <file>           puts a backup in the place of the SQLite database; the server must be stopped
  copy-to <DATABASE_URL>   moves a SQLite installation to an empty PostgreSQL, MySQL or MariaDB database

  create-admin <email> [--first-name <name>] [--last-name <name>]
  reset-password <email or id>    asks for the new password; the person is signed out everywhere
  list-users
  approve-doctor <email or id>    lets patients find and book the doctor
  deactivate <email or id>        shuts the person out

  verify-audit [--checkpoints <file>]    whether the audit trail is what was recorded

A password is asked for on the terminal, or is the first line of standard input; it is never an argument.
The settings are those of the server.`;

type Command = (argument: string, config: Config, terminal: Terminal) => Promise<void>;

const COMMANDS: Partial<Record<string, Command>> = {
  backup: (file, { database }, { say }) => backup(sqliteFile(database, BACKUPS), file, say),
  restore: (file, { database }, { say }) => restore(sqliteFile(database, RESTORES), file, say),
  'copy-to': (url, { database }, { say }) => copyTo(sqliteFile(database, COPIES), copyTarget(url), say),
};

const ACCOUNT_COMMANDS = new Set([
  'create-admin',
  'reset-password',
  'list-users',
  'approve-doctor',
  'deactivate',
]);

/** These need the whole application, which the others do without. */
async function runOnAccounts(
  name: string,
  args: string[],
  environment: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<void> {
  const { ACCOUNT_COMMANDS: commands } = await import('./accounts.js');
  await commands[name as keyof typeof commands](args, Config.parse(environment), terminal);
}

async function runOnAudit(args: string[], environment: NodeJS.ProcessEnv, terminal: Terminal): Promise<void> {
  const { verifyAudit } = await import('./audit.js');
  await verifyAudit(args, Config.parse(environment), terminal);
}

/** One operator command; answers the exit code: 0 done, 1 not done, 2 not understood. */
export async function run(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  terminal: Terminal,
): Promise<number> {
  const [name = '', argument = '', ...more] = args;
  try {
    if (name === 'verify-audit') await runOnAudit(args.slice(1), environment, terminal);
    else if (ACCOUNT_COMMANDS.has(name)) await runOnAccounts(name, args.slice(1), environment, terminal);
    else {
      const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
      if (command === undefined || argument === '' || more.length > 0) throw new NotUnderstood();
      await command(argument, Config.parse(environment), terminal);
    }
    return 0;
  } catch (error) {
    if (error instanceof NotUnderstood) {
      terminal.complain(USAGE);
      return 2;
    }
    terminal.complain(explain(error));
    return 1;
  }
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return `Not done. Mend these settings:\n${error.message}`;
  if (error instanceof Refused) return error.message;
  const told = toldBySystem(error);
  if (told !== undefined) return `Not done: ${told}`;
  return `Not done, by a fault of this program.\n${error instanceof Error ? error.stack : String(error)}`;
}

type OnServer = Record<'postgres' | 'mysql', string>;

const BACKUPS: OnServer = {
  postgres: 'Back it up with pg_dump: see docs/backups.md.',
  mysql: 'Back it up with mariadb-dump --single-transaction: see docs/backups.md.',
};

const RESTORES: OnServer = {
  postgres: 'Restore into a new database with pg_restore: see docs/backups.md.',
  mysql: 'Restore into a new database with the mariadb client: see docs/backups.md.',
};

const COPIES: OnServer = {
  postgres: 'copy-to starts from a SQLite database: set DATABASE_URL to sqlite:<file>, or leave it out.',
  mysql: 'copy-to starts from a SQLite database: set DATABASE_URL to sqlite:<file>, or leave it out.',
};

function sqliteFile(database: DatabaseTarget, otherwise: OnServer): string {
  if (database.kind === 'sqlite') return database.file;
  throw new Refused(`The data is in ${describeTarget(database)}. ${otherwise[database.kind]}`);
}

function copyTarget(url: string): DatabaseTarget {
  if (!/^(postgres(ql)?|mysql|mariadb):\/\/./.test(url) || !URL.canParse(url)) {
    throw new Refused('copy-to needs the URL of a database: postgres://… or mysql://…');
  }
  return targetOf(url);
}
