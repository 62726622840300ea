import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { atEnd } from '../support/endings.js';

const SOURCE = resolve('prove/crashes/failing-disk.c');
const FIELDS = ['syncs', 'failed', 'failingSyncs', 'fullWrites', 'failingWrites', 'failingReads'] as const;
export type Failing = Exclude<(typeof FIELDS)[number], 'syncs' | 'failed'>;
const WIDTH = 8;
/** Until told otherwise. */
export const ALL = -1;

/** A disk under the files of a node whose path has `cybermed.db` in it, which counts syncs, and fails when told. */
export class FailingDisk {
  private constructor(
    /** For the node that is to run on it. */
    readonly env: Record<string, string>,
    private readonly control: number,
  ) {}

  /** Undefined where nothing compiles it. */
  static make(): FailingDisk | undefined {
    if (process.platform !== 'linux') return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'cybermed-disk-'));
    atEnd(() => rmSync(folder, { recursive: true, force: true }));
    const library = join(folder, 'failing-disk.so');
    const { status } = spawnSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl']);
    if (status !== 0) return undefined;
    const control = join(folder, 'control');
    writeFileSync(control, Buffer.alloc(WIDTH * FIELDS.length));
    const env = {
      LD_PRELOAD: library,
      FAILING_DISK_CONTROL: control,
      FAILING_DISK_FILES: 'cybermed.db',
    };
    return new FailingDisk(env, openSync(control, 'r+'));
  }

  get syncs(): number {
    return this.#read('syncs');
  }

  /** Calls that have failed. */
  get failed(): number {
    return this.#read('failed');
  }

  /** So many of the next calls fail: syncs, writes and reads with `EIO`, `fullWrites` with `ENOSPC`. */
  fail(what: Failing, count: number): void {
    this.#write(what, count);
  }

  /** Nothing fails any more. */
  mend(): void {
    for (const what of FIELDS.slice(2)) this.#write(what, 0);
  }

  #read(field: (typeof FIELDS)[number]): number {
    const value = Buffer.alloc(WIDTH);
    readSync(this.control, value, 0, WIDTH, FIELDS.indexOf(field) * WIDTH);
    return Number(value.readBigInt64LE());
  }

  #write(field: (typeof FIELDS)[number], count: number): void {
    const value = Buffer.alloc(WIDTH);
    value.writeBigInt64LE(BigInt(count));
    writeSync(this.control, value, 0, WIDTH, FIELDS.indexOf(field) * WIDTH);
  }
}
