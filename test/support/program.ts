import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { scratchFolder } from './folders.js';

/** Of a build, on a slow machine. */
export const BUILD_TIMEOUT = 300_000;

/**
 * Brings `dist/` to what the sources say, with the proofs, as `npm run prove` does: by the worker that asks first, while
 * the others wait.
 */
export async function build(): Promise<void> {
  const folder = join(inject('templates'), 'build');
  const [done, failed] = [join(folder, 'done'), join(folder, 'failed')];
  if (!isFirst(folder)) {
    while (!existsSync(done) && !existsSync(failed)) await sleep(50);
    if (existsSync(failed)) throw new Error('another worker could not build the program');
    return;
  }
  // Without the name of a proof it builds, and tells how to use it.
  const { stderr } = await promisify(execFile)(process.execPath, ['tools/prove.js']).catch(
    (ended: { stderr: string }) => ended,
  );
  const isBuilt = /^Usage/m.test(stderr);
  writeFileSync(isBuilt ? done : failed, '');
  if (!isBuilt) throw new Error(stderr);
}

/** Of all who want to make this folder one is the first. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The built program, started as everywhere, each time on a database of its own. */
export class Program {
  private readonly folder = scratchFolder('program');

  private constructor() {}

  static async built(): Promise<Program> {
    await build();
    return new Program();
  }

  /** Answers when the server listens. */
  async start(env: NodeJS.ProcessEnv = {}): Promise<RunningProgram> {
    const data = mkdtempSync(join(this.folder, 'data-'));
    // Without a `.env`.
    const cwd = join(data, 'cwd');
    mkdirSync(cwd);
    const child = spawn(process.execPath, [resolve('dist/src/main.js')], {
      cwd,
      env: { PATH: process.env['PATH'], PORT: '0', DATA_DIR: data, DEMO: 'false', DOCS: 'off', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const running = new RunningProgram(child, join(data, 'cybermed.db'));
    await running.listens();
    return running;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class RunningProgram {
  readonly #ended: Promise<number | NodeJS.Signals>;
  #said = '';
  #complained = '';

  constructor(
    private readonly child: ChildProcess,
    readonly file: string,
  ) {
    this.#ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#complained += text;
      process.stderr.write(text);
    });
  }

  /** All that it wrote, to either stream. */
  get written(): string {
    return this.#said + this.#complained;
  }

  get url(): string {
    return /http:\/\/127\.0\.0\.1:\d+/.exec(this.#said)![0];
  }

  /** The exit code, or the signal that ended it. */
  get ended(): Promise<number | NodeJS.Signals> {
    return this.#ended;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async listens(): Promise<void> {
    while (!/Ctrl\+C/.test(this.#said)) {
      const isAlive = await Promise.race([
        once(this.child.stdout!, 'data').then(() => true),
        this.#ended.then(() => false),
      ]);
      if (!isAlive) throw new Error('the program ended instead of listening');
    }
  }
}
