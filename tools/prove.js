import { ensureBuilt } from './build.js';
import { ensureInstalled } from './install.js';

/** `npm run prove -- <proof>`: the long proofs, against the built program in processes of its own. */
async function prove() {
  await ensureInstalled();
  await ensureBuilt({ proofs: true });
  await import('../dist/prove/run.js');
}

void prove();
