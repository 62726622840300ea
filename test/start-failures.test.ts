import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { assertWritable } from '../src/start-failures.js';

// Folders that nobody can make, because files stand in their way: modes do not hold back a superuser.
const folder = mkdtempSync(join(tmpdir(), 'cybermed-start-'));
const file = join(folder, 'a-file');
writeFileSync(file, '');
afterAll(() => rmSync(folder, { recursive: true }));

const sqlite = (path: string) => ({ kind: 'sqlite', file: path }) as const;

describe('before the server starts', () => {
  test('a data folder that cannot be made is one clear line', () => {
    const dataDir = join(file, 'data');
    expect(() => assertWritable({ dataDir, database: sqlite(join(dataDir, 'cybermed.db')) })).toThrow(
      `The data folder ${dataDir} cannot be written to. Make it writable, or set DATA_DIR.`,
    );
  });

  test('so is a database file that cannot be written', () => {
    const database = sqlite(join(file, 'cybermed.db'));
    expect(() => assertWritable({ dataDir: folder, database })).toThrow(
      `The database file ${database.file} cannot be written to.`,
    );
  });

  test('a data folder is made with what leads to it', () => {
    const dataDir = join(folder, 'new', 'data');
    assertWritable({ dataDir, database: sqlite(join(dataDir, 'cybermed.db')) });
    expect(() => mkdirSync(dataDir)).toThrow('EEXIST');
  });
});
