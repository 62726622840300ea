import { parseArgs } from 'node:util';
import { proveDisk } from './crashes/disk-faults.js';
import { killUnderLoad } from './crashes/kills.js';
import { DATABASE_KINDS, databaseKinds, type DatabaseKind } from './support/databases.js';

const READY_WITHIN = 5_000;
const CONTROL_KILLS = 50;
const ANSWERS_EARLY = new URL('crashes/answers-early.js', import.meta.url).pathname;

/**
 * `crashes [--kills 200] [--databases sqlite,postgres,mysql]`
 *
 * What is acknowledged is kept, whatever dies.
 */
export async function prove(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      kills: { type: 'string', default: '200' },
      databases: { type: 'string', default: DATABASE_KINDS.join(',') },
    },
  });
  for (const kind of databaseKinds(values.databases)) {
    if (kind === 'sqlite') await proveDisk();
    await proveKills(kind, Number(values.kills));
  }
}

async function proveKills(kind: DatabaseKind, kills: number): Promise<void> {
  const killed = await killUnderLoad({ kind, kills });
  if (killed === undefined) {
    console.log(`${kind} is left out: there is no server of its own to start.`);
    return;
  }
  const { app, server, acknowledged, readiness, faults } = killed;
  if (faults.length > 0) throw new Error(`${kind}: ${faults.join('\n')}`);
  const [median, slowest] = [readiness[Math.floor(readiness.length / 2)]!, readiness.at(-1)!];
  console.log(
    `${kind}: ${app} kills of the application and ${server} of the database server; ${acknowledged} acknowledged, 0 lost; ` +
      `ready again in ${seconds(median)} s (median), ${seconds(slowest)} s (slowest)`,
  );
  const control = await killUnderLoad({
    kind,
    kills: CONTROL_KILLS,
    entry: ANSWERS_EARLY,
  });
  const lost = control!.faults.filter((fault) => fault.startsWith('acknowledged and lost'));
  if (lost.length === 0) throw new Error(`${kind}: answers before the commit were not found (control)`);
  console.log(`${kind}: answering before the commit is found after ${control!.app} kills (control)`);
  if (slowest > READY_WITHIN) throw new Error(`${kind}: it was not ready again in ${READY_WITHIN} ms`);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(2);
}
