import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CHECKPOINTS, readCheckpoints, VerifyAudit } from '../audit/index.js';
import type { Config } from '../config.js';
import { withApplication } from './application.js';
import { NotUnderstood, Refused } from './refused.js';
import type { Terminal } from './terminal.js';

const ANYWHERE = { strict: false } as const;

/** Reads the whole audit trail, also while servers add to it. Throws Refused, with all that was found. */
export async function verifyAudit(args: string[], config: Config, { say }: Terminal): Promise<void> {
  const given = checkpointsOf(args);
  if (given !== undefined && !existsSync(given)) throw new Refused(`There is no file ${given}.`);
  const file = given ?? join(config.dataDir, CHECKPOINTS);
  await withApplication(config, async (app) => {
    const verdict = await app.get(VerifyAudit, ANYWHERE).execute(await readCheckpoints(file));
    const { records, batches, waiting, checkpoints, untold, findings } = verdict;
    const read = `${records} records, ${batches} batches, ${waiting} waiting to be sealed, ${checkpoints} checkpoints of ${file}`;
    if (findings.length > 0)
      throw new Refused([...findings, `The audit trail is not what was recorded: ${read}.`].join('\n'));
    if (records === 0) return say(`Nothing is recorded yet, and there is nothing to verify: ${read}.`);
    say(`The audit trail is as it was recorded: ${read}.`);
    if (untold > 0)
      say(
        `Of ${untold} of the batches no checkpoint tells: of those that another node sealed, or whose lines were taken out of the file.`,
      );
  });
}

function checkpointsOf(args: string[]): string | undefined {
  try {
    const { checkpoints } = parseArgs({ args, options: { checkpoints: { type: 'string' } } }).values;
    return checkpoints === undefined ? undefined : resolve(checkpoints);
  } catch {
    throw new NotUnderstood();
  }
}
