import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The program in a folder of its own: built from the sources as they are, and started as everywhere. */
export class Program {
  private constructor(private readonly folder: string) {}

  static build(): Program {
    const folder = mkdtempSync(join(tmpdir(), 'cybermed-program-'));
    copyFileSync('package.json', join(folder, 'package.json'));
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    const target = ['--outDir', join(folder, 'dist'), '--incremental', 'false', '--tsBuildInfoFile', 'null'];
    const compiler = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noCheck'];
    execFileSync(process.execPath, [...compiler, ...target], { stdio: 'inherit' });
    return new Program(folder);
  }

  /** Answers when the server listens. */
  async start(env: NodeJS.ProcessEnv = {}): Promise<RunningProgram> {
    const data = mkdtempSync(join(this.folder, 'data-'));
    const cwd = join(data, 'cwd');
    mkdirSync(cwd);
    const child = spawn(process.execPath, [join(this.folder, 'dist/src/main.js')], {
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
