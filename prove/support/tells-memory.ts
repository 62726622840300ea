import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Imported before a node's program: when asked it throws away what nobody needs, and tells what it still holds. */
process.on('message', (message) => {
  if (message !== 'memory') return;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  // What was kept for the end of this turn goes with the next one.
  setImmediate(() => {
    collect();
    process.send!(process.memoryUsage());
  });
});
process.channel?.unref();
