import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { assertWritable, explainFailure } from '../src/start-failures.js';
import { startApp, type TestAppOptions } from './support/app.js';
import { newDatabase, onEachServer } from './support/databases.js';
import { scratchFoldersLeft } from './support/folders.js';

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

/** What is printed when the application does not start; fails if it does. */
async function failureOf(url: string): Promise<string> {
  return startApp({ env: { DATABASE_URL: url } }).then(
    () => expect.fail('it started'),
    (error: unknown) => explainFailure(error),
  );
}

describe('a database that cannot be used is one clear line', () => {
  test('a file that is no database', async () => {
    const path = join(folder, 'letter.db');
    writeFileSync(path, 'Dear colleague, '.repeat(500));
    expect(await failureOf(`sqlite:${path}`)).toBe(
      'CyberMed cannot start. The database file is damaged, or no file of SQLite: restore a backup, or mend DATABASE_URL. (SQLITE_NOTADB)',
    );
  });

  test.each(['postgres', 'mysql'])('no server: %s', async (protocol) => {
    expect(await failureOf(`${protocol}://someone@127.0.0.1:1/clinic`)).toBe(
      'CyberMed cannot start. No database server answers at DATABASE_URL (ECONNREFUSED). Start it, or mend the address.',
    );
  });

  onEachServer('a server', (kind) => {
    test('without that database', async () => {
      const database = await newDatabase(kind, 'nothing');
      await database.drop();
      expect(await failureOf(database.url)).toBe(
        'CyberMed cannot start. The database of DATABASE_URL does not exist. Create it, or mend its name.',
      );
    });
  });
});

describe('an application that a test cannot start leaves no folder behind', () => {
  test.each<[string, TestAppOptions]>([
    ['a setting is refused', { env: { PORT: 'none' } }],
    ['it cannot be wired', { wire: () => expect.fail() }],
    ['its database cannot be opened', { env: { DATABASE_URL: `sqlite:${file}/cybermed.db` } }],
  ])('%s', async (_, options) => {
    const before = scratchFoldersLeft();
    await expect(startApp(options)).rejects.toThrow();
    expect(scratchFoldersLeft()).toEqual(before);
  });
});
