import { existsSync } from 'node:fs';
import { isUnavailable } from '#libs/persistence/database-errors.js';
import { describeTarget, type DatabaseTarget } from '../config.js';
import { Refused, toldBySystem } from './refused.js';
import { assertCurrent, inOneTransaction, openAlone, openEmpty } from './typeorm-databases.js';
import { line, Tables } from './typeorm-tables.js';

const LOST =
  'The connection to the new database broke. Run the command again: if the rows arrived after all, it refuses and changes nothing.';

/**
 * Moves an installation from its file to a server. Nobody writes to the file meanwhile, and the server shows the rows
 * only when both sides, each read by itself, were found equal. The file stays as it was.
 */
export async function copyTo(
  database: string,
  target: DatabaseTarget,
  say: (line: string) => void,
): Promise<void> {
  if (!existsSync(database)) throw new Refused(`There is no database at ${database}: nothing to copy.`);
  const from = await openAlone(database);
  try {
    await assertCurrent(from, database);
    const to = await openEmpty(target);
    try {
      say(`Copying ${database} to ${describeTarget(target)}:`);
      await inOneTransaction(to, async (copy) => {
        const original = new Tables(from.manager);
        await fill(copy, original);
        const different = await differences(original, copy, say);
        if (different.length > 0) throw new Refused(`${different.join('\n')}\nNothing was copied.`);
      });
    } catch (error) {
      throw isUnavailable(error) ? new Refused(LOST) : error;
    } finally {
      await to.destroy();
    }
  } finally {
    await from.destroy();
  }
  say('Every row is equal on both sides. Set DATABASE_URL to the new database and start the server.');
}

/** Every row of the original, the tables that others refer to first. */
export async function fill(copy: Tables, original: Tables): Promise<void> {
  for (const table of original.all) {
    try {
      for await (const rows of original.batches(table)) await copy.insert(table, rows);
    } catch (error) {
      const told = toldBySystem(error);
      if (told === undefined) throw error;
      throw new Refused(`${table.name} cannot be copied: ${told}\nNothing was copied.`);
    }
  }
}

/** A line for each table whose rows are not the same on both sides. */
export async function differences(
  original: Tables,
  copy: Tables,
  say: (line: string) => void = () => {},
): Promise<string[]> {
  const different: string[] = [];
  for (const table of original.all) {
    const [wanted, found] = [await original.digest(table), await copy.digest(table)];
    if (wanted.rows !== found.rows)
      different.push(`${table.name} differs: ${wanted.rows} rows here, ${found.rows} in the copy.`);
    else if (wanted.hash !== found.hash) different.push(`${table.name} differs: some values are not equal.`);
    else say(`${line(table, found.rows)}  ${found.hash.slice(0, 16)}`);
  }
  return different;
}
