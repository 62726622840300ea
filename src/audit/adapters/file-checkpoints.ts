import { createReadStream } from 'node:fs';
import { mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Checkpoint } from '../domain/audit-batch.js';
import { Checkpoints } from '../ports.js';

/** Its name in the data folder. */
export const CHECKPOINTS = 'audit-checkpoints.log';

/** Longer than a line is. */
const TAIL = 4096;

/** A line of JSON for each, in a file that is only added to. A line without its end is what a crash left. */
export class FileCheckpoints extends Checkpoints {
  constructor(private readonly file: string) {
    super();
  }

  async last(): Promise<Checkpoint | undefined> {
    const handle = await openIfThere(this.file);
    if (handle === undefined) return undefined;
    try {
      const lines = (await tailOf(handle)).split('\n').slice(0, -1);
      const checkpoint = lines.length === 0 ? undefined : parsed(lines.at(-1)!);
      return checkpoint;
    } finally {
      await handle.close();
    }
  }

  async append({ batch, mac, count, at }: Checkpoint): Promise<void> {
    await mkdir(dirname(this.file), { recursive: true });
    const handle = await open(this.file, 'a+', 0o600);
    try {
      await dropTornLine(handle);
      await handle.appendFile(`${JSON.stringify({ batch, mac, count, at })}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}

/** All of a file; a text for a line that is none, undefined where there is no file. */
export async function readCheckpoints(file: string): Promise<AsyncIterable<Checkpoint | string> | undefined> {
  const handle = await openIfThere(file);
  if (handle === undefined) return undefined;
  const { size } = await stat(file);
  const torn = tornBytes(await tailOf(handle));
  await handle.close();
  return checkpointsOf(file, size - torn);
}

async function* checkpointsOf(file: string, size: number): AsyncIterable<Checkpoint | string> {
  if (size === 0) return;
  const lines = createInterface({ input: createReadStream(file, { end: size - 1 }), crlfDelay: Infinity });
  let number = 0;
  for await (const line of lines) {
    const checkpoint = parsed(line);
    number++;
    yield checkpoint ?? `line ${number} is no checkpoint`;
  }
}

function parsed(line: string): Checkpoint | undefined {
  try {
    const { batch, mac, count, at } = JSON.parse(line) as Checkpoint;
    const isOne =
      // What every database takes for an integer.
      Number.isSafeInteger(batch) &&
      batch > 0 &&
      batch < 2 ** 31 &&
      Number.isSafeInteger(count) &&
      typeof mac === 'string';
    return isOne ? { batch, mac, count, at } : undefined;
  } catch {
    return undefined;
  }
}

async function openIfThere(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function tailOf(handle: FileHandle): Promise<string> {
  const { size } = await handle.stat();
  const length = Math.min(size, TAIL);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.toString('latin1', 0, bytesRead);
}

function tornBytes(tail: string): number {
  return tail.length - (tail.lastIndexOf('\n') + 1);
}

async function dropTornLine(handle: FileHandle): Promise<void> {
  const torn = tornBytes(await tailOf(handle));
  if (torn > 0) await handle.truncate((await handle.stat()).size - torn);
}
