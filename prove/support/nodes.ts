import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { atEnd } from './endings.js';

/** The product as it is started everywhere. */
export const PRODUCT = fileURLToPath(new URL('../../src/main.js', import.meta.url));

const BESIDE_THE_PROGRAM = ['dies-with-parent.js', 'tells-memory.js'].flatMap((file) => [
  '--import',
  new URL(file, import.meta.url).href,
]);
const START_TIMEOUT = 60_000;

export interface NodeOptions {
  /** `DATABASE_URL`. */
  database: string;
  env?: Record<string, string>;
  /** Another program than the product, as a control needs it. */
  entry?: string;
  /** The port of an earlier node; a free one unless told. */
  port?: number;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** One process of the application, ready when `start` answers. */
export class AppNode {
  readonly #exited: Promise<Exit>;
  #stdout = '';
  #stderr = '';
  #url = '';

  private constructor(
    private readonly child: ChildProcess,
    folder: string,
  ) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    const end = atEnd(() => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    });
    this.#exited = new Promise((exited) => {
      child.once('close', (code, signal) => {
        end();
        exited({ code, signal });
      });
    });
  }

  /** Throws with what the node wrote when it ends or does not become ready. */
  static async start({ database, env = {}, entry = PRODUCT, port = 0 }: NodeOptions): Promise<AppNode> {
    // Its own folder, without a `.env`.
    const folder = mkdtempSync(join(tmpdir(), 'cybermed-node-'));
    const child = spawn(process.execPath, [...BESIDE_THE_PROGRAM, entry], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'development',
        DATABASE_URL: database,
        DATA_DIR: join(folder, 'data'),
        DEMO: 'false',
        DOCS: 'off',
        JWT_SECRET: 'the secret that all nodes of a proof share',
        AUDIT_KEY: 'the audit key that all nodes of a proof share',
        PORT: String(port),
        RATE_LIMITS: 'off',
        ...env,
      },
    });
    const node = new AppNode(child, folder);
    await node.#becomesReady();
    return node;
  }

  /** `http://127.0.0.1:<port>` */
  get url(): string {
    return this.#url;
  }

  get port(): number {
    return Number(new URL(this.#url).port);
  }

  get pid(): number {
    return this.child.pid!;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** What it holds when what nobody needs was thrown away. Undefined where it ends meanwhile. */
  memory(): Promise<NodeJS.MemoryUsage | undefined> {
    const told = new Promise<NodeJS.MemoryUsage>((tell) =>
      this.child.once('message', (memory) => tell(memory as NodeJS.MemoryUsage)),
    );
    this.child.send('memory', () => {});
    return Promise.race([told, this.#exited.then(() => undefined)]);
  }

  /** When it ends, by itself or not. */
  get exited(): Promise<Exit> {
    return this.#exited;
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.child.kill(signal);
    return this.#exited;
  }

  kill(): Promise<Exit> {
    return this.stop('SIGKILL');
  }

  async #becomesReady(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT;
    while (this.isAlive && Date.now() < deadline) {
      this.#url ||= /http:\/\/127\.0\.0\.1:\d+/.exec(this.#stdout)?.[0] ?? '';
      if (this.#url !== '' && (await isReady(this.#url))) return;
      await sleep(20);
    }
    await this.kill();
    throw new Error(`a node did not become ready:\n${this.#stdout}\n${this.#stderr}`);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/ready/`)).status < 500;
  } catch {
    return false;
  }
}
