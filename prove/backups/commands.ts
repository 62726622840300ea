import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProofDatabase } from '../support/databases.js';

/** What `npm run manage` runs once it is built. */
export const MANAGE = fileURLToPath(new URL('../../src/manage.js', import.meta.url));

/** Commands of a shell, as docs/backups.md has them. They find what they are about in the environment. */
export interface Commands {
  backup: string;
  restore: string;
  /** A way to copy that looks like a backup and is none. */
  control: string;
}

const manage = (command: string) => `"${process.execPath}" "${MANAGE}" ${command} "$BACKUP"`;
const DUMP = 'mariadb-dump --defaults-extra-file="$CLINIC_CNF" --hex-blob --single-transaction';

export const COMMANDS: Readonly<Record<ProofDatabase['kind'], Commands>> = {
  sqlite: {
    backup: manage('backup'),
    restore: manage('restore'),
    control: 'cp "${DATABASE_URL#sqlite:}" "$BACKUP"',
  },
  postgres: {
    backup: 'pg_dump --format=custom --file="$BACKUP" "$DATABASE_URL"',
    restore:
      'pg_restore --exit-on-error --single-transaction --no-owner --dbname="$NEW_DATABASE_URL" "$BACKUP"',
    // Table by table, each as it is when its turn comes.
    control:
      'pg_dump --exclude-table=occupied_time --file="$BACKUP" "$DATABASE_URL" && pg_dump --table=occupied_time "$DATABASE_URL" >> "$BACKUP"',
  },
  mysql: {
    backup: `${DUMP} --result-file="$BACKUP" "$DATABASE"`,
    restore: 'mariadb --defaults-extra-file="$CLINIC_CNF" "$NEW_DATABASE" < "$BACKUP"',
    control: `${DUMP.replace('--single-transaction', '--skip-single-transaction --skip-lock-tables')} --result-file="$BACKUP" "$DATABASE"`,
  },
};

/** How the control's copy is brought back where it is not as a backup is. */
export const CONTROL_RESTORES: Partial<Record<ProofDatabase['kind'], string>> = {
  postgres: 'psql --quiet --set ON_ERROR_STOP=1 --dbname="$NEW_DATABASE_URL" --file="$BACKUP" > /dev/null',
};

/** Milliseconds that it took; throws with what it printed when it fails. */
export async function shell(command: string, env: Record<string, string>): Promise<number> {
  const began = performance.now();
  const child = spawn('sh', ['-c', command], {
    cwd: dirname(env['BACKUP']!),
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`${command}\nfailed:\n${printed}`);
  return performance.now() - began;
}

/** For the commands: from where, by which file, to where. */
export function environment(from: ProofDatabase, backup: string, to: ProofDatabase): Record<string, string> {
  const settings = join(dirname(backup), 'clinic.cnf');
  if (from.kind === 'mysql') writeSettings(new URL(from.url), settings);
  const nameOf = ({ kind, url }: ProofDatabase) => (kind === 'sqlite' ? '' : new URL(url).pathname.slice(1));
  return {
    BACKUP: backup,
    DATABASE_URL: from.url,
    NEW_DATABASE_URL: to.url,
    DATABASE: nameOf(from),
    NEW_DATABASE: nameOf(to),
    CLINIC_CNF: settings,
  };
}

/** No password stands in a list of processes. */
function writeSettings({ hostname, port, username, password }: URL, file: string): void {
  const lines = [
    '[client]',
    `host=${hostname}`,
    `port=${port || 3306}`,
    `user=${username}`,
    `password=${password}`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  chmodSync(file, 0o600);
}

/** The commands of SQLite take one database only: a restore is told another. */
export function restoring(env: Record<string, string>): Record<string, string> {
  return { ...env, DATABASE_URL: env['NEW_DATABASE_URL']! };
}

export function copyToPlaceOf(database: ProofDatabase, backup: string): void {
  copyFileSync(backup, database.url.slice('sqlite:'.length));
}
