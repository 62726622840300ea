import { ensureBuilt } from './build.js';
import { ensureInstalled } from './install.js';

/** `npm run manage -- <command>`: the operator's commands, on the build of the present sources. */
async function manage() {
  await ensureInstalled();
  await ensureBuilt();
  await import('../dist/src/manage.js');
}

void manage();
