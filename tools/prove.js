import { compiling, ensureBuilt } from './build.js';
import { ensureInstalled, fail, run } from './install.js';

/** `npm run prove -- <proof>`: the long proofs, against the built program in processes of its own. */
async function prove() {
  await ensureInstalled();
  await ensureBuilt();
  const { ok, output } = await run('building the proofs', process.execPath, compiling('tsconfig.prove.json'));
  if (!ok) fail(output);
  await import('../dist/prove/run.js');
}

void prove();
