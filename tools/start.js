import { ensureBuilt } from './build.js';
import { ensureInstalled } from './install.js';

/** npm hands a signal to the shell between, and many shells die of it without handing it on. */
function endWithShell() {
  const shell = process.ppid;
  const look = () => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  };
  const watch = setInterval(look, 500);
  watch.unref();
}

async function start() {
  if (process.env.npm_lifecycle_event === 'start') endWithShell();
  await ensureInstalled();
  await ensureBuilt();
  // In this process, so that signals and the environment reach the program as they are.
  await import('../dist/src/main.js');
}

void start();
